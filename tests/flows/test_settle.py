"""Protection and metadata after the cut: remembered, read back, and undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.api.request import ReleaseRequest, StepRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    DriftError,
    StepFailedError,
    UnfitStepError,
)
from chalicelib.core.instance import AUTO_SCALING_TAG
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import Line, State, Step, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.drift import DriftKind
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import Address, Membership, Target, Traits
from chalicelib.flows.attend import attend
from chalicelib.flows.order_step import order_step
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_policy, a_ref, an_event, an_instance
from tests.fakes import World
from tests.fakes.ec2 import AS_LAUNCHED

ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "cleaned", Verdict.REMEDIATED)
BUSY = AwsBusyError("change it", "RequestLimitExceeded")
REFUSED = AwsRefusedError("change it", "UnauthorizedOperation")
SILENT = AwsSilentError("change it", "ReadTimeoutError")
KEPT = Traits(
    is_protected=True, on_shutdown="stop", volumes={"/dev/xvda": False}, tokens="required"
)


def a_world(traits: Traits = AS_LAUNCHED, **policy: bool) -> World:
    world = World(policy=a_policy(**policy))
    world.launch(an_instance())
    world.ec2.has_been(WEB, traits)
    return world


def in_order(some: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(some, key=str))


MEMBER = replace(AS_LAUNCHED, fleet=Membership("web", "InService"))
STANDBY = Membership("web", "Standby")


def status(world: World, name: StepName = StepName.PROTECTION) -> StepStatus:
    return world.quarantine().step(name).status


def test_after_the_cut_nobody_terminates_it_and_its_metadata_ask_for_a_token() -> None:
    world = a_world(replace(AS_LAUNCHED, on_shutdown="terminate"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.ec2.traits_of(WEB) == KEPT
    names = world.calls.names
    assert names.index("ec2.set_groups") < names.index("ec2.see"), "nothing stands before the cut"


def test_what_undoes_a_step_is_written_down_before_its_first_change() -> None:
    world = a_world()
    kept: list[Step] = []
    world.calls.before(
        "ec2.alter", lambda: kept.append(world.quarantine().step(StepName.PROTECTION))
    )

    world.deliver(an_event())

    (step,) = kept
    assert step.status is StepStatus.STARTED
    assert step.before == {
        "is_protected": False,
        "on_shutdown": "stop",
        "volumes": {"/dev/xvda": True},
    }


def test_what_is_so_already_is_not_changed_and_not_undone() -> None:
    world = a_world(KEPT)

    world.deliver(an_event())
    world.now += MINUTE
    release(a_ref(), ASKS, world.responder)

    assert "ec2.alter" not in world.calls.names
    assert world.ec2.traits_of(WEB) == KEPT


@pytest.mark.parametrize("step", ["protection", "fleet", "metadata"])
def test_the_policy_can_leave_a_step_off_and_a_person_order_it(step: str) -> None:
    world = a_world(MEMBER, protection=False, fleet=False, metadata=False)
    world.deliver(an_event())
    assert status(world, StepName(step)) is StepStatus.SKIPPED
    assert world.ec2.traits_of(WEB) == MEMBER
    asks = StepRequest("arn:aws:iam::111122223333:user/ada", "just so", WEB, StepName(step))

    order_step(a_ref(), asks, world.responder)

    assert status(world, StepName(step)) is StepStatus.DONE
    assert world.ec2.traits_of(WEB) != MEMBER


_TARGETS = st.builds(Target, st.sampled_from(["i-1", "10.0.0.5", "fd00::5"]), st.integers(1, 65535))
_TRAITS = st.builds(
    Traits,
    targets=st.dictionaries(
        st.sampled_from(["arn:a", "arn:b"]), st.sets(_TARGETS, min_size=1).map(in_order)
    ),
    balancers=st.sets(st.sampled_from(["old", "older"])).map(in_order),
    role=st.sampled_from(["", "web"]),
    addresses=st.sets(
        st.builds(
            Address,
            st.sampled_from(["eipalloc-1", "eipalloc-2"]),
            st.just("192.0.2.1"),
            st.sampled_from(["eni-1", "eni-2"]),
            st.just("10.0.0.5"),
        )
    ).map(in_order),
    fleet=st.sampled_from([None, Membership("web", "InService"), Membership("web", "Standby")]),
    is_protected=st.booleans(),
    on_shutdown=st.sampled_from(["stop", "terminate"]),
    volumes=st.dictionaries(st.sampled_from(["/dev/xvda", "/dev/sdf", "/dev/sdg"]), st.booleans()),
    marks=st.dictionaries(
        st.sampled_from([WEB, "eni-1", "vol-1"]), st.sampled_from([None, "", "held", "theirs"])
    ),
    tokens=st.sampled_from(["optional", "required"]),
    endpoint=st.sampled_from(["enabled", "disabled"]),
    is_spot=st.booleans(),
    root_device_type=st.sampled_from(["ebs", "instance-store"]),
)


@given(traits=_TRAITS)
def test_whatever_it_was_it_is_so_again_after_a_release(traits: Traits) -> None:
    world = a_world(traits, credentials=True, address=True)
    world.deliver(an_event())
    seen = world.ec2.traits_of(WEB)
    assert (seen.targets, seen.balancers, seen.addresses) == ({}, (), ())
    assert seen.is_denied is bool(traits.role)
    assert not any(REVERSIBLE[StepName.PROTECTION].left({}, world.ec2.traits_of(WEB)))
    world.now += MINUTE

    handover = release(a_ref(), ASKS, world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert world.ec2.traits_of(WEB) == traits


def test_a_member_of_a_group_is_out_of_its_service_and_back_after_the_release() -> None:
    world = a_world(MEMBER)

    world.deliver(an_event())
    assert world.ec2.traits_of(WEB).fleet == STANDBY
    world.now += MINUTE
    world.calls.made.clear()
    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB) == MEMBER
    about = [call.about.split()[0] for call in world.calls.made if call.name == "ec2.alter"]
    assert "ExitStandby" in about
    names = world.calls.names
    assert names.index("ec2.set_groups") < names.index("ec2.alter"), "its network is back first"


@pytest.mark.parametrize("is_on", [True, False])
def test_a_member_may_be_stopped_only_out_of_service(*, is_on: bool) -> None:
    world = World(policy=a_policy(fleet=is_on))
    world.launch(an_instance(tags={AUTO_SCALING_TAG: "web"}))
    world.ec2.has_been(WEB, MEMBER)
    world.deliver(an_event())
    asks = StepRequest("arn:aws:iam::111122223333:user/ada", "it must not run", WEB, StepName.STOP)

    if is_on:
        order_step(a_ref(), asks, world.responder)
        assert world.ec2.state_of(WEB) == "stopped"
    else:
        with pytest.raises(UnfitStepError, match="health check would terminate it"):
            order_step(a_ref(), asks, world.responder)


@pytest.mark.parametrize("state", ["Standby", "EnteringStandby"])
def test_a_member_that_was_in_standby_already_stays_so(state: str) -> None:
    world = a_world(replace(MEMBER, fleet=Membership("web", state)))

    world.deliver(an_event())
    world.now += MINUTE
    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB).fleet == Membership("web", state)


@pytest.mark.parametrize(
    "state", ["Terminating", "Terminating:Wait", "Detaching", "Warmed:Terminating"]
)
def test_a_member_that_its_group_is_terminating_already_is_told(state: str) -> None:
    world = a_world(replace(MEMBER, fleet=Membership("web", state)))

    world.deliver(an_event())

    step = world.quarantine().step(StepName.FLEET)
    assert step.status is StepStatus.SKIPPED
    assert step.detail == f"Auto Scaling is at it already: {state} of web"
    assert step.detail in world.notices.sent[-1].text


@pytest.mark.parametrize("state", ["Warmed:Running", "Warmed:Stopped", "Warmed:Pending:Wait"])
def test_of_one_in_a_warm_pool_people_are_told_and_nobody_stops_it(state: str) -> None:
    world = a_world(replace(MEMBER, fleet=Membership("web", state)), stop_after_cut=True)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    steps, said = world.quarantine().steps, "it is in the warm pool of web, which has no standby"
    assert (status(world, StepName.FLEET), status(world, StepName.STOP)) == (
        StepStatus.SKIPPED,
        StepStatus.SKIPPED,
    )
    assert said in steps[StepName.FLEET].detail
    assert said in world.notices.sent[-1].text
    assert not any("EnterStandby" in call.about for call in world.calls.made)


@pytest.mark.parametrize("now", [None, Membership("web", "InService"), Membership("b", "Standby")])
def test_who_was_moved_meanwhile_is_left_where_it_is(now: Membership | None) -> None:
    world = a_world(MEMBER)
    world.deliver(an_event())
    world.ec2.has(WEB, fleet=now)
    world.now += MINUTE

    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB).fleet == now


def test_a_group_that_is_full_takes_nobody_back_and_that_is_drift() -> None:
    world = a_world(MEMBER)
    world.deliver(an_event())
    full = AwsRefusedError("ExitStandby of it in web", "ValidationError")
    world.fails("ec2.alter", full, about="ExitStandby")

    with pytest.raises(DriftError, match="fleet: ExitStandby of it in web"):
        released(world)
    assert released(world, accept_drift=True) is State.RELEASED


def test_of_a_spot_instance_the_volumes_alone_are_kept() -> None:
    world = a_world(replace(AS_LAUNCHED, is_spot=True, on_shutdown="terminate"))

    world.deliver(an_event())

    seen = world.ec2.traits_of(WEB)
    assert (seen.is_protected, seen.on_shutdown) == (False, "terminate")
    assert seen.volumes == {"/dev/xvda": False}


def test_of_one_that_cannot_stop_a_shutdown_is_left_as_it_is() -> None:
    rooted = replace(AS_LAUNCHED, root_device_type="instance-store", on_shutdown="terminate")
    world = a_world(rooted)

    world.deliver(an_event())

    seen = world.ec2.traits_of(WEB)
    assert (seen.is_protected, seen.on_shutdown) == (True, "terminate")
    assert status(world) is StepStatus.DONE
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == rooted


def test_where_nothing_fits_the_step_says_why() -> None:
    world = a_world(Traits(is_spot=True, endpoint="disabled"))

    world.deliver(an_event())

    steps = world.quarantine().steps
    assert steps[StepName.PROTECTION].detail == "nothing of it can be protected"
    assert steps[StepName.METADATA].detail == "its metadata service is off"
    assert not world.quarantine().is_unfinished


def test_one_step_that_aws_refuses_is_told_and_the_other_one_is_done() -> None:
    world = a_world()
    world.fails("ec2.alter", REFUSED, about="SetDeletion")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert status(world) is StepStatus.FAILED
    assert status(world, StepName.METADATA) is StepStatus.DONE
    assert world.notices.outcomes == ["step_failed", "contained"]
    asked = world.calls.names.count("ec2.alter")
    attend(a_ref(), world.responder)
    assert world.calls.names.count("ec2.alter") == asked, "a person orders it again, or nobody"


def test_a_role_of_an_earlier_version_that_may_set_no_tag_does_the_rest_and_gives_it_back() -> None:
    tied = replace(AS_LAUNCHED, on_shutdown="terminate", marks={WEB: None, "vol-1": None})
    world = a_world(tied)
    denied = AwsRefusedError(f"Mark of {WEB}", "UnauthorizedOperation")
    world.fails("ec2.alter", denied, about="Mark")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.ec2.traits_of(WEB) == replace(KEPT, marks=tied.marks)
    assert status(world) is StepStatus.FAILED
    assert str(denied) in world.notices.sent[0].text
    assert world.notices.outcomes == ["step_failed", "contained"]
    assert released(world) is State.RELEASED, "nothing of it is drift"
    assert world.ec2.traits_of(WEB) == tied


def test_what_a_refused_step_had_changed_is_undone_all_the_same() -> None:
    world = a_world()
    world.fails("ec2.alter", REFUSED, about="SetDeletion")
    world.deliver(an_event())
    assert world.ec2.traits_of(WEB).is_protected
    world.now += MINUTE

    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB) == AS_LAUNCHED


def test_a_refused_step_that_a_person_orders_again_still_gives_back_what_was_there_first() -> None:
    world = a_world()
    world.fails("ec2.alter", REFUSED, about="SetDeletion", times=1)
    world.deliver(an_event())
    asks = StepRequest(ASKS.by, "mended", WEB, StepName.PROTECTION)
    order_step(a_ref(), asks, world.responder)
    assert world.ec2.traits_of(WEB) == KEPT
    world.now += MINUTE

    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB) == AS_LAUNCHED


def test_a_throttled_change_is_tried_in_the_next_round() -> None:
    world = a_world()
    world.fails("ec2.alter", BUSY, times=4)

    world.deliver(an_event())

    assert status(world) is StepStatus.DONE
    assert world.ec2.traits_of(WEB) == KEPT


def test_what_is_throttled_for_long_stays_due_and_the_watcher_does_it() -> None:
    world = a_world()
    world.fails("ec2.alter", BUSY, times=12)
    with pytest.raises(StepFailedError, match="protection does not read back as done"):
        world.deliver(an_event())
    assert world.is_cut()
    assert status(world) is StepStatus.STARTED
    assert not world.quarantine().workers

    attend(a_ref(), world.responder)

    assert world.ec2.traits_of(WEB) == KEPT
    assert not world.quarantine().is_unfinished


def test_a_change_that_is_not_answered_keeps_its_lease_and_is_undone_if_it_came_late() -> None:
    world = a_world()
    world.fails("ec2.alter", SILENT, times=1)
    with pytest.raises(StepFailedError):
        world.deliver(an_event())
    assert world.quarantine().workers
    world.ec2.has(WEB, is_protected=True)  # it was carried out all the same
    world.now += LEASE

    release(a_ref(), ASKS, world.responder)

    assert world.ec2.traits_of(WEB) == AS_LAUNCHED


def test_an_instance_that_cannot_be_looked_at_is_announced_all_the_same() -> None:
    world = a_world()
    world.fails("ec2.see", BUSY, times=1)

    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    assert "contained" in world.notices.outcomes
    assert status(world) is StepStatus.PENDING


def test_an_instance_that_is_gone_by_then_needs_nothing() -> None:
    world = a_world()
    world.calls.before("ec2.see", lambda: world.ec2.change(WEB, state="terminated"))

    world.deliver(an_event())

    assert world.quarantine().step(StepName.PROTECTION).detail == "the instance is gone"


def test_an_instance_that_goes_while_it_is_changed_needs_nothing_more() -> None:
    world = a_world()
    world.calls.after("ec2.alter", lambda: world.ec2.change(WEB, state="terminated"))

    world.deliver(an_event())

    assert not world.quarantine().is_unfinished
    step = world.quarantine().step(StepName.PROTECTION)
    assert (step.status, step.detail) == (StepStatus.SKIPPED, "the instance is gone")
    assert step.before, "what would undo it stays on record"


def released(world: World, **changes: object) -> State:
    world.now += MINUTE
    asks = replace(ASKS, **changes)  # type: ignore[arg-type]  # any field
    return release(a_ref(), asks, world.responder).quarantine.state


def test_a_member_that_does_not_run_stays_in_standby_and_that_is_drift() -> None:
    world = a_world(MEMBER)
    world.deliver(an_event())
    world.ec2.change(WEB, state="stopped")

    with pytest.raises(DriftError, match="fleet: it is stopped: in service, a health check"):
        released(world)
    assert released(world, accept_drift=True) is State.RELEASED
    assert world.ec2.traits_of(WEB).fleet == STANDBY


@pytest.mark.parametrize("status_then", [StepStatus.STARTED, StepStatus.DONE])
def test_what_an_earlier_version_stopped_is_started_by_a_release(status_then: StepStatus) -> None:
    world = a_world(stop_after_cut=True)
    world.deliver(an_event())
    record = world.quarantine()
    steps = {**record.steps, StepName.STOP: Step(status_then, "request 1")}
    world.quarantines.save(record.next(steps=steps), Line(world.now, "cordon", "stop"))

    released(world)

    assert released(world) is State.RELEASED
    assert world.ec2.state_of(WEB) == "running"


def test_a_person_may_take_an_instance_back_that_can_never_be_started_again() -> None:
    world = a_world(stop_after_cut=True)
    world.deliver(an_event())
    world.fails("ec2.start", AwsRefusedError("start", "InvalidKMSKey"))

    with pytest.raises(DriftError, match="stop: start: AWS refused with InvalidKMSKey"):
        released(world)
    assert released(world, accept_drift=True) is State.RELEASED
    assert "InvalidKMSKey" in world.notices.sent[-1].text


def test_an_undo_that_aws_refuses_is_drift_which_a_person_may_accept() -> None:
    world = a_world()
    world.deliver(an_event())
    world.fails("ec2.alter", REFUSED, about="SetTokens")

    with pytest.raises(DriftError, match="metadata: change it: AWS refused"):
        released(world)
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh")}
    assert released(world, accept_drift=True) is State.RELEASED

    steps = world.quarantine().steps
    assert steps[StepName.PROTECTION].status is StepStatus.UNDONE
    assert steps[StepName.METADATA].status is StepStatus.DONE
    assert "metadata: change it: AWS refused" in world.notices.sent[-1].text
    assert world.notices.sent[-1].facts["drift"][0]["kind"] == DriftKind.NOT_UNDONE


def test_an_undo_that_is_throttled_for_long_is_finished_by_the_watcher() -> None:
    world = a_world()
    world.deliver(an_event())
    world.fails("ec2.alter", BUSY, times=12)
    assert released(world) is State.RELEASING
    world.now += LEASE

    attend(a_ref(), world.responder)

    assert world.quarantine().state is State.RELEASED
    assert world.ec2.traits_of(WEB) == AS_LAUNCHED


def test_a_volume_that_left_meanwhile_needs_nothing() -> None:
    world = a_world(replace(AS_LAUNCHED, volumes={"/dev/xvda": True, "/dev/sdf": True}))
    world.deliver(an_event())
    world.ec2.has(WEB, volumes={"/dev/xvda": False})

    assert released(world) is State.RELEASED

    assert world.ec2.traits_of(WEB).volumes == {"/dev/xvda": True}


def test_of_an_instance_that_is_gone_nothing_is_undone() -> None:
    world = a_world()
    world.deliver(an_event())
    world.ec2.change(WEB, state="terminated")

    assert released(world, accept_drift=True) is State.RELEASED


def test_an_instance_that_goes_while_it_is_given_back_is_not_called_undone() -> None:
    world = a_world()
    world.deliver(an_event())
    world.calls.after("ec2.alter", lambda: world.ec2.change(WEB, state="terminated"))

    released(world)

    assert status(world) is StepStatus.DONE


def test_where_a_role_of_an_earlier_version_may_not_look_the_steps_fail_once_and_are_told() -> None:
    world = a_world()
    world.fails("ec2.see", REFUSED)

    answer = world.deliver(an_event())
    attend(a_ref(), world.responder)

    assert answer.outcome is Outcome.CONTAINED
    wanted = [name for name, step in REVERSIBLE.items() if step.is_wanted(world.policy)]
    assert {status(world, name) for name in wanted} == {StepStatus.FAILED}
    assert world.notices.outcomes == [*["step_failed"] * len(wanted), "contained"]
    assert world.calls.names.count("ec2.see") == 1
    assert released(world) is State.RELEASED
