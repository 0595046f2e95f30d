"""`cordon send`, in front of the sandbox."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.findings.finding import parse_finding
from cordon.command import main
from cordon.commands import send
from cordon.exits import Exit
from cordon.exports import as_event
from cordon.samples_to_send import SENDABLE
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox
from tests.sandbox_server.small_app import SmallApp


@pytest.fixture
def web(sandbox: Sandbox) -> str:
    """An instance that is called web, as in `make sandbox`."""
    ec2 = sandbox.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tags)
    return str(made["Instances"][0]["InstanceId"])


@pytest.mark.parametrize("name", SENDABLE)
def test_each_finding_reaches_the_functions_as_guarddutys(
    sandbox: Sandbox, small: SmallApp, web: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["send", name, "--instance", web, "--aws", sandbox.aws_url]
    assert main(words) == Exit.DONE
    sandbox.drain()

    assert f"sent {SENDABLE[name].type} about {web}" in capsys.readouterr().out
    assert len(small.events_of("find")) == (SENDABLE[name].severity >= 7)
    assert main([*words, "--json"]) == Exit.DONE
    finding = parse_finding(as_event(json.loads(capsys.readouterr().out)))
    (ref,) = finding.instances
    assert finding.type == SENDABLE[name].type
    assert (ref.account_id, ref.region, ref.instance_id) == (ACCOUNT, REGION, web)


def test_an_instance_may_be_named_as_the_sandbox_names_it(
    sandbox: Sandbox, web: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--instance", "web", "--aws", sandbox.aws_url, "--json"]

    assert main(["send", "command-and-control", *words]) == Exit.DONE
    sent = json.loads(capsys.readouterr().out)
    assert sent["resource"]["instanceDetails"]["instanceId"].startswith("i-")
    assert web
    sandbox.drain()


def test_an_instance_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    words = ["--instance", "i-0bbbbbbbbbbbbbbbb", "--aws", sandbox.aws_url]

    assert main(["send", "spam", *words]) == Exit.GONE


def test_where_no_sandbox_runs_the_next_step_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send", "spam", "--aws", "http://127.0.0.1:9"]) == Exit.UNREACHABLE
    assert "next: make sandbox" in capsys.readouterr().err


ELSEWHERE = ["https://events.us-east-1.amazonaws.com", "http://10.0.0.1:5555", "x"]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_is_ever_sent_to_another_place(url: str) -> None:
    assert main(["send", "spam", "--aws", url]) == Exit.USAGE


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["send"]) == Exit.DONE
    assert "Backdoor:EC2/Spambot" in capsys.readouterr().out
    assert main(["send", "nonsense"]) == Exit.USAGE


def test_the_region_is_the_sandboxs() -> None:
    assert send._REGION == REGION
