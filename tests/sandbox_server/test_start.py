from __future__ import annotations

import os
import socket
import threading

import pytest

from sandbox.faithful.guardduty_findings import ON_FINDING
from sandbox.guard import SandboxError
from sandbox.server import Sandbox
from tests.sandbox_server.probes import listening


def test_cordon_itself_runs_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_MODE", "observe")
    before, threads = dict(os.environ), set(threading.enumerate())

    with Sandbox() as sandbox:
        inside = {name: os.environ[name] for name in ("STAGE", "CORDON_MODE", "AWS_ENDPOINT_URL")}
        urls = (sandbox.aws_url, sandbox.api_url)
        sandbox.run_schedules()
        service = {"detectorId": sandbox.detector_id()}
        sandbox.publish_finding({"id": "f" * 32, "severity": 8.0, "service": service})
        sandbox.drain()
        [letter] = sandbox.dead_letters()

    assert inside == {"STAGE": "dev", "CORDON_MODE": "observe", "AWS_ENDPOINT_URL": urls[0]}
    assert letter["responsePayload"]["errorType"] == "MalformedFindingError"
    assert dict(os.environ) == before
    assert not any(listening(url) for url in urls)
    assert not ON_FINDING
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive()


def test_a_second_sandbox_starts_empty_and_of_another_stage() -> None:
    with Sandbox(stage="prod") as sandbox:
        tables = sandbox.client("dynamodb").list_tables()["TableNames"]
        subscriptions = sandbox.client("sns").list_subscriptions()["Subscriptions"]
        mode = os.environ["CORDON_MODE"]

    assert tables == ["cordon-prod"]
    assert [each["TopicArn"].rpartition(":")[2] for each in subscriptions] == [
        "cordon-prod-notices"
    ]
    assert mode == "observe"


@pytest.mark.parametrize("name", ["aws_port", "api_port"])
def test_a_port_that_is_taken_is_refused(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1"):
            Sandbox(**{name: port}).start()


def test_a_port_beyond_the_last_is_refused() -> None:
    with pytest.raises(SandboxError, match="70000 is no port"):
        Sandbox(aws_port=70_000).start()


def test_one_port_cannot_serve_both() -> None:
    with pytest.raises(SandboxError, match=r"port 5555 .* cannot serve both"):
        Sandbox(aws_port=5555, api_port=5555).start()


def test_a_stage_that_the_template_refuses_is_refused_and_nothing_stays() -> None:
    sandbox, before = Sandbox(stage="My Stage"), dict(os.environ)

    with pytest.raises(SandboxError, match="STAGE is 'My Stage'"):
        sandbox.start()

    assert dict(os.environ) == before
    assert not listening(sandbox.aws_url)
