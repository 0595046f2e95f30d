from __future__ import annotations

import contextlib

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    StepFailedError,
)
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from tests.builders import WEB, a_policy, an_event, an_instance, an_interface
from tests.fakes import Crash, World

THROTTLED = AwsBusyError("set the groups", "RequestLimitExceeded")
DENIED = AwsRefusedError("set the groups", "UnauthorizedOperation")


def a_world() -> World:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2")))
    return world


def test_a_drain_hop_that_fails_does_not_keep_the_cut_waiting() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-1 drain")

    with pytest.raises(StepFailedError, match="not drained"):
        world.deliver(an_event())

    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED
    assert world.quarantine().steps[StepName.DRAIN].status is StepStatus.FAILED
    assert world.notices.outcomes == ["contained", "failed"]
    assert "FAILED: set the groups" in world.notices.sent[0].text


def test_a_drain_group_that_cannot_be_made_does_not_keep_the_cut_waiting() -> None:
    world = a_world()
    world.fails("ec2.prepare", DENIED, about="drain")

    with pytest.raises(StepFailedError, match="not drained"):
        world.deliver(an_event())

    assert world.is_cut()
    assert world.quarantine().steps[StepName.DRAIN].status is StepStatus.FAILED


def test_a_drain_that_failed_raises_once_and_is_a_repeat_then() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="drain")
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.notices.outcomes == ["contained", "failed"]


def test_without_drain_the_cut_is_one_change_for_each_interface() -> None:
    world = a_world()
    world.policy = a_policy(drain=False)

    world.deliver(an_event())

    assert world.calls.names.count("ec2.set_groups") == 2


def test_a_drain_that_failed_before_a_crash_is_not_called_done_after_it() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="drain")
    world.fails("quarantines.save", Crash(), times=1, about="contained")
    with pytest.raises(Crash):
        world.deliver(an_event())

    with contextlib.suppress(StepFailedError):
        world.deliver(an_event())

    assert world.quarantine().steps[StepName.DRAIN].status is not StepStatus.DONE


def test_an_interface_that_is_attached_meanwhile_is_drained_or_said_not_to_be() -> None:
    world = a_world()
    late = an_interface("eni-late", groups=("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    with contextlib.suppress(StepFailedError):
        world.deliver(an_event())

    was_drained = "eni-late drain" in [call.about for call in world.calls.made]
    assert was_drained or world.quarantine().steps[StepName.DRAIN].status is not StepStatus.DONE
