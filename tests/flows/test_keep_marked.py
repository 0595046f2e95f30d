"""The tag by which a service control policy knows what is held: somebody takes it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, StepFailedError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows.attend import attend
from chalicelib.flows.inspect import inspect
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_ref, an_event, an_instance
from tests.fakes import Crash, World
from tests.fakes.ec2 import AS_LAUNCHED

BEFORE = replace(AS_LAUNCHED, marks={WEB: None, "vol-1": "theirs"})
GONE = {WEB: None, "vol-1": "held"}
REFUSED = AwsRefusedError(f"Mark of {WEB}", "UnauthorizedOperation")


def a_world() -> World:
    """Return a world in which the ordinary instance is contained, and lost its tag."""
    world = World()
    world.launch(an_instance())
    world.ec2.has_been(WEB, BEFORE)
    world.deliver(an_event())
    world.now += MINUTE
    world.ec2.has(WEB, marks=GONE)
    world.calls.made.clear()
    return world


def drift(world: World) -> list[str]:
    return [each.kind.value for each in inspect(a_ref(), world.responder).drift]


def test_it_is_shown_as_drift_and_set_again_with_all_else_of_the_step() -> None:
    world = a_world()
    world.ec2.has(WEB, is_protected=False)
    assert drift(world) == ["not_marked"]

    attend(a_ref(), world.responder)

    seen = world.ec2.traits_of(WEB)
    assert seen.marks == {WEB: "held", "vol-1": "held"}
    assert seen.is_protected
    assert drift(world) == []
    assert world.notices.outcomes == ["contained", "unmarked"]
    assert "mark_lost" in world.timeline()
    assert not world.quarantine().workers


def test_while_the_tag_is_there_nothing_more_is_looked_at() -> None:
    world = a_world()
    world.ec2.has(WEB, marks={**GONE, WEB: "held"})

    attend(a_ref(), world.responder)

    assert "ec2.see" not in world.calls.names


def test_a_release_after_it_still_gives_back_what_was_there_first() -> None:
    world = a_world()
    attend(a_ref(), world.responder)
    world.now += MINUTE
    asks = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "clean", Verdict.REMEDIATED)

    assert release(a_ref(), asks, world.responder).quarantine.state is State.RELEASED
    assert world.ec2.traits_of(WEB) == BEFORE


def test_who_takes_it_away_all_day_is_told_once_a_day() -> None:
    world = a_world()
    for _ in range(3):
        attend(a_ref(), world.responder)
        world.ec2.has(WEB, marks=GONE)
        world.now += 5 * MINUTE
    world.now += timedelta(days=1)
    attend(a_ref(), world.responder)

    assert world.notices.outcomes.count("unmarked") == 2
    assert world.ec2.traits_of(WEB).marks[WEB] == "held"


def test_whoever_only_observes_tells_and_changes_nothing() -> None:
    world = a_world()
    world.quarantines.mode = Mode.OBSERVE

    attend(a_ref(), world.responder)

    assert world.ec2.traits_of(WEB).marks == GONE
    assert "Nothing: Cordon only observes." in world.notices.sent[-1].text
    assert world.quarantine().step(StepName.PROTECTION).status is StepStatus.DONE


def test_a_description_from_before_it_was_set_is_no_loss() -> None:
    world = a_world()
    world.calls.after("ec2.find", lambda: world.ec2.has(WEB, marks={**GONE, WEB: "held"}))

    attend(a_ref(), world.responder)

    assert world.notices.outcomes == ["contained"]
    assert "quarantines.save" not in world.calls.names


def test_an_instance_that_goes_meanwhile_needs_none() -> None:
    world = a_world()
    world.calls.after("ec2.find", lambda: world.ec2.change(WEB, state="terminated"))

    attend(a_ref(), world.responder)

    assert world.notices.outcomes == ["contained"]


def test_one_that_may_not_be_set_again_has_failed_and_is_told_once() -> None:
    world = a_world()
    world.fails("ec2.alter", REFUSED, about="Mark")

    for _ in range(3):
        attend(a_ref(), world.responder)

    assert world.quarantine().step(StepName.PROTECTION).status is StepStatus.FAILED
    assert world.notices.outcomes == ["contained", "unmarked", "step_failed"]


def test_where_it_may_not_be_looked_for_any_more_people_are_told_of_trouble() -> None:
    world = a_world()
    world.ec2.hidden = {StepName.PROTECTION: REFUSED}

    for _ in range(2):
        with pytest.raises(AwsRefusedError):
            attend(a_ref(), world.responder)

    assert len(world.notices.sent) == 2  # contained, and that


def test_what_is_throttled_is_done_by_the_next_look() -> None:
    world = a_world()
    world.fails("ec2.alter", AwsBusyError("mark", "RequestLimitExceeded"), times=4)
    with pytest.raises(StepFailedError, match="protection does not read back as done"):
        attend(a_ref(), world.responder)

    attend(a_ref(), world.responder)

    assert world.ec2.traits_of(WEB).marks[WEB] == "held"


def test_a_crash_anywhere_while_it_is_set_again_loses_nothing() -> None:
    whole = a_world()
    attend(a_ref(), whole.responder)
    for number in range(1, len(whole.calls.made) + 1):
        for after in (False, True):
            world = a_world()
            world.calls.crash(number, after=after)
            with pytest.raises(Crash):
                attend(a_ref(), world.responder)
            world.now += 5 * MINUTE

            attend(a_ref(), world.responder)

            assert world.ec2.traits_of(WEB).marks == {WEB: "held", "vol-1": "held"}
            assert "unmarked" in world.notices.outcomes
            assert not world.quarantine().is_unfinished
