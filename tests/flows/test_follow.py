"""What AWS carries out by itself is followed to its end, and keeps nobody waiting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.api.request import ReleaseRequest, StepRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    ContainmentAtWorkError,
    StepFailedError,
)
from chalicelib.core.evidence.snapshots import UNFOLLOWED
from chalicelib.core.quarantine.record import State, Step, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows.attend import attend
from chalicelib.flows.order_step import order_step
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_policy, a_ref, an_event, an_instance
from tests.fakes import Crash, World

ADA = "arn:aws:iam::111122223333:user/ada"
ASKS = ReleaseRequest(ADA, "clean", Verdict.ACCEPTED_RISK, accept_drift=True)
FORENSICS = "999988887777"
KEEPS = a_policy(lock_snapshots_days=30, share_snapshots_with=frozenset({FORENSICS}))


def a_world(**changes: Any) -> World:
    """Return a world in which EC2 is copying the snapshots of a contained instance."""
    world = World(**changes)
    world.ec2.copies_at_once = False
    world.launch(an_instance())
    world.deliver(an_event())
    world.now += 5 * MINUTE
    return world


def snapshots(world: World) -> Step:
    return world.quarantine().step(StepName.SNAPSHOTS)


def test_snapshots_wait_while_ec2_copies_and_are_done_when_it_has() -> None:
    world = a_world()
    assert snapshots(world) == Step(StepStatus.WAITING, "snap-1: EC2 is copying")
    assert not world.quarantine().is_unfinished
    assert not world.quarantine().workers
    version = world.quarantine().version

    attend(a_ref(), world.responder)
    assert world.quarantine().version == version  # nothing is written while nothing changes

    world.ec2.copied()
    attend(a_ref(), world.responder)
    assert snapshots(world) == Step(StepStatus.DONE, "snap-1")
    assert world.notices.outcomes == ["contained"]


def test_an_error_of_a_snapshot_is_told_once() -> None:
    world = a_world()
    world.ec2.copied("error", "Given key ID is not accessible")

    for _ in range(3):
        attend(a_ref(), world.responder)

    said = "snap-1: EC2 could not copy it: Given key ID is not accessible"
    assert snapshots(world) == Step(StepStatus.FAILED, said)
    assert world.notices.outcomes == ["contained", "step_failed"]


def test_a_snapshot_that_somebody_deletes_meanwhile_is_told() -> None:
    world = a_world()
    world.ec2.snapshots.clear()

    attend(a_ref(), world.responder)

    assert snapshots(world) == Step(StepStatus.FAILED, "snap-1: somebody deleted it")


def test_that_they_cannot_be_looked_at_now_leaves_them_waiting() -> None:
    world = a_world()
    world.fails("ec2.taken", AwsBusyError("look", "Slow"), times=1)

    attend(a_ref(), world.responder)

    assert snapshots(world).status is StepStatus.WAITING
    world.ec2.copied()
    attend(a_ref(), world.responder)
    assert snapshots(world).status is StepStatus.DONE


def test_a_repeat_of_the_finding_does_not_wait_for_them() -> None:
    world = a_world()

    assert world.deliver(an_event()).outcome is Outcome.ALREADY_CONTAINED
    assert "ec2.taken" not in world.calls.names


def test_they_are_locked_at_once_and_shared_when_complete() -> None:
    world = a_world(policy=KEEPS)
    assert (world.ec2.locked, world.ec2.shared) == ({"snap-1": 30}, {})

    world.ec2.copied()
    attend(a_ref(), world.responder)

    assert world.ec2.shared == {"snap-1": {FORENSICS}}
    said = f"snap-1; locked for 30 days; shared with {FORENSICS}"
    assert snapshots(world) == Step(StepStatus.DONE, said)


@pytest.mark.parametrize("call", ["ec2.lock", "ec2.let_use"])
def test_a_lock_or_a_share_that_is_refused_is_told_and_can_be_ordered(call: str) -> None:
    world = World(policy=KEEPS)
    world.launch(an_instance())
    world.fails(call, AwsRefusedError("keep snap-1", "UnauthorizedOperation"))

    assert world.deliver(an_event()).outcome is Outcome.CONTAINED
    attend(a_ref(), world.responder)
    said = "snap-1: complete, but keep snap-1: AWS refused with UnauthorizedOperation"
    assert snapshots(world) == Step(StepStatus.FAILED, said)
    assert world.notices.outcomes.count("step_failed") == 1

    world.calls._hooks.clear()
    order_step(a_ref(), StepRequest(ADA, "mended", WEB, StepName.SNAPSHOTS), world.responder)
    attend(a_ref(), world.responder)
    assert snapshots(world).status is StepStatus.DONE
    assert len(world.ec2.snapshots) == 1


def test_to_order_what_aws_is_at_work_on_looks_at_it() -> None:
    world = a_world()
    request = StepRequest(ADA, "how far?", WEB, StepName.SNAPSHOTS)

    assert order_step(a_ref(), request, world.responder).is_waiting(StepName.SNAPSHOTS)
    world.ec2.copied()
    done = order_step(a_ref(), request, world.responder)

    assert done.step(StepName.SNAPSHOTS).status is StepStatus.DONE


def test_of_an_instance_that_is_gone_they_are_followed_all_the_more() -> None:
    world = a_world()
    world.ec2.change(WEB, state="terminated")
    world.ec2.copied()

    attend(a_ref(), world.responder)

    assert snapshots(world).status is StepStatus.DONE


def test_a_release_does_not_wait_and_says_what_nobody_looks_at_any_more() -> None:
    world = a_world()

    handover = release(a_ref(), ASKS, world.responder)

    assert handover.quarantine.state is State.RELEASED
    step = snapshots(world)
    assert step.status is StepStatus.WAITING  # it was begun: skipped would not be true
    assert step.detail == f"snap-1: EC2 is copying; {UNFOLLOWED}"
    assert not world.quarantine().is_unfinished
    asks = len(world.calls.made)
    attend(a_ref(), world.responder)
    assert "ec2.taken" not in world.calls.names[asks:]


@pytest.mark.parametrize("fails", [False, True])
def test_a_release_looks_a_last_time(*, fails: bool) -> None:
    world = a_world()
    world.ec2.copied()
    if fails:
        world.fails("ec2.taken", AwsBusyError("look", "Slow"))

    release(a_ref(), ASKS, world.responder)

    assert world.quarantine().state is State.RELEASED
    assert snapshots(world).status is (StepStatus.WAITING if fails else StepStatus.DONE)


def test_a_crash_anywhere_while_they_are_followed_loses_nothing() -> None:
    whole = a_world(policy=KEEPS)
    whole.ec2.copied()
    begun = len(whole.calls.made)
    attend(a_ref(), whole.responder)
    for number in range(begun + 1, len(whole.calls.made) + 1):
        for after in (False, True):
            world = a_world(policy=KEEPS)
            world.ec2.copied()
            world.calls.crash(number, after=after)
            with pytest.raises(Crash):
                attend(a_ref(), world.responder)

            attend(a_ref(), world.responder)

            assert snapshots(world).status is StepStatus.DONE
            assert world.ec2.shared == {"snap-1": {FORENSICS}}
            assert world.is_cut()


@pytest.mark.parametrize(
    "call",
    [
        *("ec2.surroundings", "ec2.console", "ec2.screenshot", "ec2.user_data"),
        *("ec2.take", "ec2.lock", "scans.of", "scans.start"),
    ],
)
def test_whatever_aws_refuses_the_instance_is_contained_and_the_rest_is_done(call: str) -> None:
    world = World(policy=replace(KEEPS, malware_scan=True))
    world.launch(an_instance())
    world.fails(call, AwsRefusedError("x", "UnauthorizedOperation"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert not world.quarantine().is_unfinished
    evidence = world.quarantine().step(StepName.EVIDENCE)
    assert evidence.status is StepStatus.DONE
    is_evidence = call in {
        *("ec2.surroundings", "ec2.console", "ec2.screenshot", "ec2.user_data"),
    }
    assert ("x: AWS refused" in evidence.detail) is is_evidence
    failed = [s for s in world.quarantine().steps.values() if s.status is StepStatus.FAILED]
    assert len(failed) == (0 if is_evidence or call == "ec2.lock" else 1)


def test_snapshots_that_may_still_be_taken_keep_a_release_waiting() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("ec2.take", AwsSilentError("take", "no answer"))
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    with pytest.raises(ContainmentAtWorkError):
        release(a_ref(), ASKS, world.responder)
