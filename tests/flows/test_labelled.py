"""A step that the flows do not know is done, undone, taken up again and refused like the others."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsRefusedError, ReleaseInProgressError
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.flows.release import release
from tests.builders import ACCOUNT, REGION, a_ref, an_event, an_instance
from tests.fakes import Crash, World
from tests.flows.labelled import WARNING, Labelled, TaggingEc2

ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "it was ours", Verdict.FALSE_POSITIVE)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(REVERSIBLE, StepName.METADATA, Labelled())
    return a_world()


def a_world() -> World:
    world = World()
    world.places[ACCOUNT, REGION] = TaggingEc2(world.calls)
    world.launch(an_instance())
    return world


def warning(world: World) -> str:
    assert isinstance(world.ec2, TaggingEc2)
    return world.ec2.warning


def test_it_is_done_after_the_cut_and_undone_by_a_release(world: World) -> None:
    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert warning(world) == WARNING
    names = world.calls.names
    assert names.index("ec2.set_groups") < names.index("ec2.alter")
    world.now += timedelta(minutes=2)
    assert release(a_ref(), ASKS, world.responder).quarantine.state is State.RELEASED
    assert warning(world) == TaggingEc2.warning


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_of_both_ways_loses_nothing(world: World, *, after: bool) -> None:
    world.deliver(an_event())
    world.now += timedelta(minutes=2)
    release(a_ref(), ASKS, world.responder)
    for number in range(1, len(world.calls.made) + 1):
        other = a_world()
        other.calls.crash(number, after=after)
        try:
            other.deliver(an_event())
            other.now += timedelta(minutes=2)
            release(a_ref(), ASKS, other.responder)
        except Crash:
            other.now += timedelta(minutes=5)
            with suppress(ReleaseInProgressError):
                other.deliver(an_event())
        last = other.quarantine()
        if last.state is State.RELEASING:
            last = release(a_ref(), ASKS, other.responder).quarantine
        expected = WARNING if last.state is State.CONTAINED else TaggingEc2.warning
        assert last.state in (State.CONTAINED, State.RELEASED)
        assert warning(other) == expected, f"call {number}, {after=}"


def test_refused_it_is_told_and_leaves_the_instance_contained(world: World) -> None:
    world.fails("ec2.alter", AwsRefusedError("tag it", "AccessDenied"), about="SetTag")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.quarantine().step(StepName.METADATA).status is StepStatus.FAILED
    assert world.notices.outcomes == ["step_failed", "contained"]
    assert warning(world) == TaggingEc2.warning
