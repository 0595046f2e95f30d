"""A person orders a step on a contained instance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.core.api.request import StepRequest
from chalicelib.core.errors import (
    AlreadyReleasedError,
    AwsBusyError,
    AwsRefusedError,
    ContainmentAtWorkError,
    NotAllowedError,
    RecordMovedError,
    ReleaseInProgressError,
    UnfitStepError,
    UnknownInstanceError,
)
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.flows.order_step import order_step
from tests.builders import (
    OTHER_ACCOUNT,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    a_release,
    an_event,
    an_instance,
)
from tests.fakes import World

ADA = "arn:aws:iam::111122223333:user/ada"


def a_world() -> World:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    return world


def asks(step: StepName = StepName.STOP) -> StepRequest:
    return StepRequest(ADA, "it must not run on", WEB, step)


def test_a_step_that_the_policy_left_off_is_carried_out_and_says_who_ordered_it() -> None:
    world = a_world()

    record = order_step(a_ref(), asks(), world.responder)

    assert record.step(StepName.STOP).status is StepStatus.DONE
    assert world.ec2.state_of(WEB) == "stopped"
    (ordered,) = (line for line in world.quarantines.lines(record) if line.what == "step_ordered")
    assert (ordered.who, ordered.detail["reason"]) == (ADA, "it must not run on")
    assert not record.workers


def test_a_step_that_failed_is_tried_again_once_its_cause_is_mended() -> None:
    world = World(policy=a_policy(stop_after_cut=True))
    world.launch(an_instance())
    world.fails("ec2.stop", AwsRefusedError("stop", "UnauthorizedOperation"), times=1)
    world.deliver(an_event())
    assert world.quarantine().step(StepName.STOP).status is StepStatus.FAILED

    record = order_step(a_ref(), asks(), world.responder)

    assert record.step(StepName.STOP).status is StepStatus.DONE


def test_evidence_that_could_not_be_kept_is_kept_when_a_person_orders_it() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("evidence.keep", AwsRefusedError("keep", "AccessDenied"), times=1)
    world.deliver(an_event())
    assert world.quarantine().step(StepName.EVIDENCE).status is StepStatus.FAILED

    record = order_step(a_ref(), asks(StepName.EVIDENCE), world.responder)

    assert record.step(StepName.EVIDENCE).status is StepStatus.DONE
    assert any("instance-before" in name for name in world.evidence.kept)


@pytest.mark.parametrize("step", [StepName.EVIDENCE, StepName.STOP])
def test_a_step_that_is_done_is_not_done_again(step: StepName) -> None:
    world = a_world()
    order_step(a_ref(), asks(step), world.responder)
    begun = len(world.calls.made)

    record = order_step(a_ref(), asks(step), world.responder)

    assert record == world.quarantine()
    assert not {"ec2.stop", "evidence.keep", "quarantines.save"} & {
        call.name for call in world.calls.made[begun:]
    }


def test_a_step_that_cannot_be_done_now_stays_due() -> None:
    world = a_world()
    world.fails("ec2.stop", AwsBusyError("stop", "Throttling"))

    record = order_step(a_ref(), asks(), world.responder)

    assert record.is_due(StepName.STOP)


def test_a_member_of_a_group_is_not_stopped_whoever_orders_it() -> None:
    world = World(policy=a_policy(fleet=False))
    world.launch(an_instance(tags={"aws:autoscaling:groupName": "web"}))
    world.deliver(an_event())

    with pytest.raises(UnfitStepError, match="Auto Scaling group web"):
        order_step(a_ref(), asks(), world.responder)


WRONG: list[tuple[State, type[Exception]]] = [
    (State.CONTAINING, ContainmentAtWorkError),
    (State.RELEASING, ReleaseInProgressError),
    (State.RELEASED, AlreadyReleasedError),
]


@pytest.mark.parametrize(("state", "error"), WRONG)
@pytest.mark.parametrize("ordered", [True, False])
def test_only_a_contained_instance_can_be_given_a_step(
    state: State,
    error: type[Exception],
    ordered: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = World()
    world.launch(an_instance())
    release = a_release() if ordered else None
    world.quarantines.put(a_quarantine(state, release=release))

    with pytest.raises(error):
        order_step(a_ref(), asks(), world.responder)


def never_quarantined(world: World) -> None:
    world.launch(an_instance())


def gone(world: World) -> None:
    world.launch(an_instance())
    world.deliver(an_event())
    world.ec2.change(WEB, state="terminated")


@pytest.mark.parametrize("case", [never_quarantined, gone])
def test_what_is_not_there_is_told(case: Callable[[World], None]) -> None:
    world = World()
    case(world)

    with pytest.raises(UnknownInstanceError):
        order_step(a_ref(), asks(), world.responder)


def test_the_list_of_accounts_binds_a_person_too() -> None:
    world = World()
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.quarantines.put(replace(a_quarantine(State.CONTAINED), ref=ref))

    with pytest.raises(NotAllowedError):
        order_step(ref, asks(), world.responder)


def test_a_record_that_others_keep_moving_is_busy() -> None:
    world = a_world()
    world.fails("quarantines.save", RecordMovedError(WEB))

    with pytest.raises(RecordMovedError):
        order_step(a_ref(), asks(), world.responder)
