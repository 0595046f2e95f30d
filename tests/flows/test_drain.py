from __future__ import annotations

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    OpenToEverythingError,
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

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED
    assert world.quarantine().steps[StepName.DRAIN].status is StepStatus.FAILED
    assert world.notices.outcomes == ["contained"]
    assert "FAILED: set the groups" in world.notices.sent[0].text


def test_a_drain_group_that_cannot_be_made_does_not_keep_the_cut_waiting() -> None:
    world = a_world()
    world.fails("ec2.prepare", DENIED, about="drain")

    world.deliver(an_event())

    assert world.is_cut()
    assert world.quarantine().steps[StepName.DRAIN].status is StepStatus.FAILED


def test_a_drain_that_failed_is_told_with_the_containment_and_is_a_repeat_then() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="drain")
    world.deliver(an_event())

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.notices.outcomes == ["contained"]


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

    world.deliver(an_event())

    assert world.quarantine().steps[StepName.DRAIN].status is not StepStatus.DONE


def test_an_interface_that_is_attached_meanwhile_is_drained_or_said_not_to_be() -> None:
    world = a_world()
    late = an_interface("eni-late", groups=("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    world.deliver(an_event())

    was_drained = "eni-late drain" in [call.about for call in world.calls.made]
    assert was_drained or world.quarantine().steps[StepName.DRAIN].status is not StepStatus.DONE


@pytest.mark.parametrize("error", [THROTTLED, DENIED], ids=lambda e: e.code)
def test_a_hop_whose_second_half_fails_is_closed_again_at_once(
    error: AwsBusyError | AwsRefusedError,
) -> None:
    world = a_world()
    world.fails("ec2.set_groups", error, skip=1, times=2, about="eni-2 deny")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    about = [call.about for call in world.calls.made]
    drained = about.index("eni-2 drain")
    assert about[drained + 1 : drained + 6].count("eni-2 deny") == 3


def test_an_interface_that_stays_in_the_hop_is_told_as_open_to_everything() -> None:
    world = a_world()
    world.fails("ec2.set_groups", DENIED, skip=1, about="eni-2 deny")

    with pytest.raises(OpenToEverythingError):
        world.deliver(an_event())

    assert world.quarantine().state is State.CONTAINING
    assert world.notices.sent[0].subject.startswith(f"OPEN TO EVERYTHING: {WEB}")
    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-deny-vpc-1",)


def test_what_a_crash_left_in_the_hop_is_closed_before_anything_else() -> None:
    world = a_world()
    world.fails("ec2.set_groups", Crash(), skip=1, times=1, about="eni-2 deny")
    with pytest.raises(Crash):
        world.deliver(an_event())
    assert world.ec2.groups_on(WEB)["eni-2"] == ("sg-drain-vpc-1",)
    begun = len(world.calls.made)

    world.deliver(an_event())

    changes = [c.about for c in world.calls.made[begun:] if c.name == "ec2.set_groups"]
    assert changes[0] == "eni-2 deny"
    assert world.is_cut()


def test_an_interface_that_keeps_being_opened_raises_as_open() -> None:
    world = a_world()
    crashed = an_interface("eni-2", groups=("sg-drain-vpc-1",))
    world.deliver(an_event())
    world.fails("ec2.set_groups", DENIED, about="eni-2 deny")
    world.ec2.attach(WEB, crashed)

    with pytest.raises(OpenToEverythingError):
        world.deliver(an_event())


def test_nothing_hops_where_aws_is_slow_to_answer() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, times=1, about="eni-2 deny")

    world.deliver(an_event())

    step = world.quarantine().steps[StepName.DRAIN]
    assert (step.status, step.detail[:11]) == (StepStatus.SKIPPED, "AWS is slow")
    assert "eni-1 drain" not in [call.about for call in world.calls.made]


def test_a_hop_that_closes_at_the_last_try_is_closed() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, skip=1, times=4, about="eni-2 deny")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()


def test_a_cut_whose_record_was_moved_by_another_begins_anew() -> None:
    world = a_world()
    late = an_interface("eni-late", groups=("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    def moved() -> None:
        world.quarantines.put(world.quarantine().next())

    world.calls.before("quarantines.save", moved, about="interface_found")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
