"""The stop: what must not be stopped, and what a release starts."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.instance import AUTO_SCALING_TAG
from chalicelib.core.quarantine.record import Step, StepName, StepStatus
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import Membership, SetRunning, Traits
from chalicelib.core.steps.stop import STOP, foreseen
from tests.builders import a_policy, an_instance

MEMBER = {AUTO_SCALING_TAG: "web"}


@pytest.mark.parametrize(
    ("changes", "policy", "why"),
    [
        ({}, {"stop_after_cut": False}, "the policy does not stop instances"),
        ({"tags": MEMBER}, {"fleet": False}, "it is a member of the Auto Scaling group web, whose"),
        ({"root_device_type": "instance-store"}, {}, "its root volume is an instance store"),
        ({"is_spot": True}, {}, "it is a Spot instance, which may not start again"),
        ({"state": "stopped"}, {}, "it is stopped already"),
        ({"state": "stopping"}, {}, "it is stopping already"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_it_is_said_at_once_of_what_will_not_be_stopped(
    changes: dict[str, Any], policy: dict[str, Any], why: str
) -> None:
    step = foreseen(an_instance(**changes), a_policy(**{"stop_after_cut": True, **policy}), None)

    assert step.status is StepStatus.SKIPPED
    assert step.detail.startswith(why)


@pytest.mark.parametrize("changes", [{}, {"state": "pending"}, {"tags": MEMBER}])
def test_what_runs_is_stopped_when_wanted_and_a_member_that_goes_to_standby_too(
    changes: dict[str, Any],
) -> None:
    step = foreseen(an_instance(**changes), a_policy(stop_after_cut=True, fleet=True), None)

    assert step == Step(StepStatus.PENDING)


@pytest.mark.parametrize(
    ("finding_type", "is_due"),
    [
        ("Trojan:EC2/DNSDataExfiltration", True),
        ("Backdoor:EC2/C&CActivity.B!DNS", True),
        ("Backdoor:EC2/C&CActivity.B", False),
        (None, False),
    ],
)
def test_findings_about_what_a_cut_does_not_end_stop_it_where_the_owner_names_them(
    finding_type: str | None, *, is_due: bool
) -> None:
    named = ("Trojan:EC2/DNSDataExfiltration", "Backdoor:EC2/*!DNS")

    step = foreseen(an_instance(), a_policy(stop_types=named), finding_type)

    assert (step.status is StepStatus.PENDING) is is_due


@pytest.mark.parametrize("state", ["InService", "Pending:Wait", "Terminating"])
def test_a_member_that_is_not_in_standby_now_is_not_stopped(state: str) -> None:
    assert "health check" in STOP.unfit(Traits(fleet=Membership("web", state)))
    assert not STOP.unfit(Traits(fleet=Membership("web", "Standby")))


@pytest.mark.parametrize("state", ["running", "pending", "stopping", "stopped"])
def test_only_what_ran_is_started_by_a_release(state: str) -> None:
    seen = Traits(state=state)
    runs = state in ("running", "pending")

    assert STOP.left({}, seen) == ((SetRunning(is_on=False),) if runs else ())
    assert STOP.left_to_undo({"state": "running"}, seen) == (
        () if runs else (SetRunning(is_on=True),)
    )
    assert STOP.before(seen) == ({"state": "running"} if runs else {})


def test_a_release_waits_until_it_runs() -> None:
    assert STOP.waits(Traits(state="pending")) == "EC2 is starting it"
    assert not STOP.waits(Traits(state="running"))


def test_a_release_waits_for_what_is_starting_and_for_nothing_else() -> None:
    waiting = {name: step.waits(Traits(state="pending")) for name, step in REVERSIBLE.items()}

    assert {name: said for name, said in waiting.items() if said} == {
        StepName.STOP: "EC2 is starting it"
    }
    assert not any(step.waits(Traits(state="running")) for step in REVERSIBLE.values())


def test_what_was_stopped_before_and_runs_now_is_left_as_somebody_wanted_it() -> None:
    assert STOP.left({"state": "stopped"}, Traits(state="running")) == ()
    assert STOP.left({"state": "running"}, Traits(state="running")) == (SetRunning(is_on=False),)
