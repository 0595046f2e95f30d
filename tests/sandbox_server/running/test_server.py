from __future__ import annotations

import socket
import urllib.request
from typing import Any

import pytest
from chalice import Chalice

from sandbox import deploy
from sandbox.guard import SandboxError
from sandbox.server import Sandbox
from tests.sandbox_server.probes import listening
from tests.sandbox_server.small_app import SmallApp


def finding(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Return a finding that the small app takes and Cordon records."""
    service = {"detectorId": sandbox.detector_id(), "archived": False}
    return {"id": "f" * 32, "severity": 8.0, "service": service, **changes}


def test_a_finding_of_guardduty_reaches_the_function(sandbox: Sandbox, small: SmallApp) -> None:
    sent = sandbox.publish_finding(finding(sandbox))
    sandbox.drain()

    assert small.events_of("find") == [sent]


def test_a_sample_finding_reaches_the_function(sandbox: Sandbox, small: SmallApp) -> None:
    sandbox.client("guardduty").create_sample_findings(
        DetectorId=sandbox.detector_id(), FindingTypes=["Backdoor:EC2/C&CActivity.B!DNS"]
    )
    sandbox.drain()

    assert "[SAMPLE]" in small.events_of("find")[0]["detail"]["title"]


def test_a_scheduled_function_runs_when_told(sandbox: Sandbox, small: SmallApp) -> None:
    sandbox.fire("tick")
    sandbox.drain()

    [event] = small.events_of("tick")
    assert event["source"] == "aws.events"
    assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/tick"]


def test_what_the_template_describes_is_there(sandbox: Sandbox) -> None:
    buckets = [each["Name"] for each in sandbox.client("s3").list_buckets()["Buckets"]]
    versioning = sandbox.client("s3").get_bucket_versioning(Bucket=buckets[0])
    rules = sandbox.client("events").list_rules()["Rules"]

    assert set(buckets) >= {
        "cordon-dev-evidence-123456789012-us-east-1",
        "cordon-dev-threat-lists-123456789012-us-east-1",
    }
    assert versioning["Status"] == "Enabled"
    assert "cordon-dev" in sandbox.client("dynamodb").list_tables()["TableNames"]
    assert {"Name": "tick", "ScheduleExpression": "rate(1 hour)"}.items() <= next(
        each for each in rules if each["Name"] == "tick"
    ).items()


def test_a_client_may_be_of_another_region(sandbox: Sandbox) -> None:
    assert sandbox.client("ec2", region="eu-west-1").meta.region_name == "eu-west-1"


def test_both_servers_listen_on_this_machine_only(sandbox: Sandbox) -> None:
    own = socket.gethostbyname_ex(socket.gethostname())[2]
    others = [each for each in own if not each.startswith("127.")]

    for url in (sandbox.aws_url, sandbox.api_url):
        assert url.startswith("http://127.0.0.1:")
        port = url.rpartition(":")[2]
        assert not any(listening(f"http://{address}:{port}") for address in others)


def test_the_api_answers(sandbox: Sandbox) -> None:
    with urllib.request.urlopen(f"{sandbox.api_url}/things/a") as answer:
        assert answer.status == 200


def test_a_topic_that_the_template_lacks_is_refused(sandbox: Sandbox) -> None:
    app = Chalice("other", configure_logs=False)

    @app.on_sns_message(topic="another-topic")
    def listen(event: Any) -> None: ...

    with pytest.raises(SandboxError, match="another-topic, which infra"):
        deploy.wire_functions(app, "one", sandbox.delivery)


def test_a_trigger_that_the_sandbox_does_not_have_is_refused(sandbox: Sandbox) -> None:
    app = Chalice("other", configure_logs=False)

    @app.on_sqs_message(queue="jobs")
    def work(event: Any) -> None: ...

    with pytest.raises(SandboxError, match="cannot trigger work"):
        deploy.wire_functions(app, "two", sandbox.delivery)


def test_a_second_sandbox_in_one_process_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="another sandbox runs in this process"):
        Sandbox().start()

    assert listening(sandbox.aws_url)
