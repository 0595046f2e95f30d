from __future__ import annotations

import pytest

from chalicelib.core.api.request import DismissRequest
from chalicelib.core.errors import AwsBusyError, UnknownInstanceError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.record import State
from chalicelib.flows.held import breakers_of, dismiss, list_held
from tests.builders import ACCOUNT, MINUTE, NOON, WEB, a_quarantine, a_ref, an_event, an_instance
from tests.fakes import World

ASKS = DismissRequest("arn:aws:iam::1:user/ada", "a penetration test")


@pytest.fixture
def world() -> World:
    made = World(mode=Mode.OBSERVE)
    made.launch(an_instance())
    made.deliver(an_event())
    return made


def test_what_was_held_is_listed_until_a_person_dismisses_it(world: World) -> None:
    assert [each.ref for each in list_held(world.responder)] == [a_ref()]

    dismiss(a_ref(), ASKS, world.responder)

    assert list_held(world.responder) == ()
    told = world.notices.sent[-1]
    assert (told.kind, told.outcome, told.facts["by"]) == ("hold", "dismissed", ASKS.by)
    assert "a penetration test" in told.text


def test_what_is_not_held_cannot_be_dismissed(world: World) -> None:
    dismiss(a_ref(), ASKS, world.responder)

    with pytest.raises(UnknownInstanceError, match="is not held"):
        dismiss(a_ref(), ASKS, world.responder)


def test_a_dismissal_is_told_before_it_counts(world: World) -> None:
    world.fails("notices.publish", RuntimeError("died"))

    with pytest.raises(RuntimeError):
        dismiss(a_ref(), ASKS, world.responder)

    assert len(list_held(world.responder)) == 1


def test_a_dismissal_ends_the_incident_by_its_name(world: World) -> None:
    dismiss(a_ref(), ASKS, world.responder)

    held, dismissed = world.notices.sent
    assert held.facts["incident"] == dismissed.facts["incident"] == f"{WEB}-1"


def test_what_is_held_after_a_release_is_the_next_incident() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())
    world.quarantines.put(a_quarantine(State.RELEASED))

    world.deliver(an_event())

    assert world.notices.sent[-1].facts["incident"] == f"{WEB}-2"


@pytest.mark.parametrize("is_read", [True, False])
def test_a_dismissal_does_not_end_a_quarantine_that_was_begun_meanwhile(
    world: World, *, is_read: bool
) -> None:
    world.quarantines.put(a_quarantine(State.CONTAINED))
    if not is_read:
        world.fails("quarantines.dossier", AwsBusyError("read", "Throttling"))

    dismiss(a_ref(), ASKS, world.responder)

    assert world.notices.sent[-1].facts["incident"] == ""


def test_what_the_breaker_holds_says_how_full_it_is_and_when_there_is_room() -> None:
    world = World()
    world.launch(an_instance())
    opened = tuple(NOON - n * MINUTE for n in range(10))
    world.quarantines.breakers[ACCOUNT] = Breaker(opened)
    world.deliver(an_event())

    held = list_held(world.responder)

    assert breakers_of(held, world.responder) == {
        ACCOUNT: {
            "opened": 10,
            "limit": 10,
            "window_minutes": 10,
            "is_open": True,
            "room_at": (NOON + MINUTE).isoformat(),
        }
    }
    world.now += 10 * MINUTE
    assert breakers_of(held, world.responder)[ACCOUNT]["room_at"] is None


def test_where_the_breaker_holds_nothing_it_is_not_asked(world: World) -> None:
    assert breakers_of(list_held(world.responder), world.responder) == {}
