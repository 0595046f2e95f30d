from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from chalice.test import Client

import app as door
from chalicelib.core.steps.network import Group, GroupRole
from sandbox.events.pattern import matches
from tests.builders import a_sequence, an_ec2, an_event, an_instance
from tests.entry.conftest import ROOT
from tests.fakes import World

CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
STAGES = CONFIG["stages"]


@pytest.mark.parametrize("severity", [2, 4.0, 8.7, 9.0, 0, 10])
def test_a_finding_of_any_severity_comes_in(severity: float) -> None:
    assert matches(door.GUARDDUTY_FINDING, an_event(severity=severity))


def test_an_attack_sequence_comes_in_although_its_resource_has_no_instance() -> None:
    sequence = a_sequence(an_ec2("i-0a1b2c3d4e5f60718"))

    assert "instanceDetails" not in sequence["detail"]["resource"]
    assert matches(door.GUARDDUTY_FINDING, sequence)


@pytest.mark.parametrize(
    "other",
    [
        {"detail-type": "GuardDuty Malware Protection Object Scan Result"},
        {"detail-type": "GuardDuty Runtime Protection Healthy"},
        {"source": "aws.securityhub"},
        {"source": "custom"},
    ],
)
def test_other_events_stay_outside(other: dict[str, Any]) -> None:
    assert not matches(door.GUARDDUTY_FINDING, {**an_event(), **other})


def test_the_app_can_be_packaged_where_there_are_no_settings() -> None:
    imported = subprocess.run(
        [sys.executable, "-B", "-c", "import app; print(sorted(app.app.handler_map))"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert imported.stderr == ""
    assert "contain_finding" in imported.stdout
    assert "notify" in imported.stdout


def test_the_notifier_listens_to_the_topic_of_its_stage() -> None:
    shown = subprocess.run(
        [sys.executable, "-B", "-c", "import app; print(app.app.event_sources[1].topic)"],
        cwd=ROOT,
        env={"STAGE": "prod"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert shown.stdout.strip() == "cordon-prod-notices"


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_every_function_has_a_policy_file_of_its_own(stage: str) -> None:
    functions = STAGES[stage]["lambda_functions"]

    assert set(functions) == {*(source.name for source in door.app.event_sources), "api_handler"}
    for name, function in functions.items():
        policy = ROOT / ".chalice" / function["iam_policy_file"]
        assert policy.name == f"{name}.json"
        assert policy.is_file()


def test_chalice_writes_no_policy_of_its_own() -> None:
    assert CONFIG["autogen_policy"] is False
    assert not [stage for stage in STAGES.values() if stage.get("autogen_policy")]


def test_dev_enforces_and_prod_observes_until_it_is_told_otherwise() -> None:
    modes = {name: stage["environment_variables"]["CORDON_MODE"] for name, stage in STAGES.items()}

    assert modes == {"dev": "enforce", "prod": "observe"}


def test_each_stage_says_its_name_to_the_functions() -> None:
    assert {name: stage["environment_variables"]["STAGE"] for name, stage in STAGES.items()} == {
        name: name for name in STAGES
    }


CALL = {
    **an_event(),
    "source": "aws.ec2",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": {
        "eventSource": "ec2.amazonaws.com",
        "userIdentity": {"arn": "arn:aws:iam::123456789012:user/mallory"},
        "eventName": "AuthorizeSecurityGroupEgress",
        "eventTime": "2026-11-01T10:00:00Z",
        "requestParameters": {"groupId": "sg-0a1b2c3d4e5f60718"},
    },
}


def test_calls_that_can_let_an_instance_out_come_in_and_no_others() -> None:
    assert matches(door.CALLS_THAT_LET_OUT, CALL)
    for other in ({"eventName": "DescribeInstances"}, {"eventSource": "autoscaling.amazonaws.com"}):
        assert not matches(door.CALLS_THAT_LET_OUT, {**CALL, "detail": {**CALL["detail"], **other}})


def test_who_changes_a_deny_group_stands_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.add_group(Group("sg-0a1b2c3d4e5f60718", "vpc-1", GroupRole.DENY, is_ready=False))
    monkeypatch.setattr(door, "responder", lambda _: world.responder)

    answer = Client(door.app).lambda_.invoke("repair_drift", CALL).payload

    assert answer["groups"] == ["sg-0a1b2c3d4e5f60718"]
    [said] = [each for each in caplog.records if each.message == "deny group changed"]
    assert said.__dict__["answer"]["by"].endswith("user/mallory")
