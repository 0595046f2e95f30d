from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.api.cursor import Place
from chalicelib.core.api.request import Selection
from chalicelib.core.errors import UnknownInstanceError
from chalicelib.core.quarantine.record import State
from chalicelib.flows.inspect import PAGE, inspect, list_quarantines
from tests.builders import (
    NOON,
    OTHER_ACCOUNT,
    WEB,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import World


def a_world() -> World:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    return world


def test_a_quarantine_is_shown_with_its_timeline() -> None:
    world = a_world()

    seen = inspect(a_ref(), world.responder)

    assert seen.quarantine == world.quarantine()
    assert [line.what for line in seen.lines] == [
        "opened",
        "contained",
        "steps_started",
        "steps_settled",
        "announce",
        "snapshots_started",
        "snapshots",
        "evidence_listed",
        "evidence",
    ]
    assert seen.drift == ()


def test_what_got_out_is_shown_as_drift() -> None:
    world = a_world()
    world.ec2.attach(WEB, an_interface(groups=("sg-web", "sg-ssh")))

    seen = inspect(a_ref(), world.responder)

    assert [each.kind.value for each in seen.drift] == ["not_cut_off"]


def test_of_a_quarantine_that_is_over_nothing_is_asked_of_ec2() -> None:
    world = World()
    world.quarantines.put(a_quarantine(State.RELEASED))

    assert inspect(a_ref(), world.responder).drift == ()
    assert "ec2.existing" not in world.calls.names


def test_in_an_account_that_is_allowed_no_more_nothing_is_looked_at() -> None:
    world = World()
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.quarantines.put(a_quarantine(ref=ref))

    assert inspect(ref, world.responder).drift == ()


def test_an_instance_that_was_never_quarantined_has_nothing_to_show() -> None:
    with pytest.raises(UnknownInstanceError):
        inspect(a_ref(), World().responder)


def test_a_list_comes_newest_first_in_pages_that_lose_none() -> None:
    world = World()
    for n in range(2 * PAGE + 5):
        at = NOON + timedelta(seconds=n // 3)  # three at the same moment
        world.quarantines.put(a_quarantine(ref=a_ref(f"i-{n:017x}"), opened_at=at))
    seen: list[str] = []
    after: Place | None = None
    for _ in range(3):
        page = list_quarantines(Selection(), after, world.responder)
        after = page.goes_on
        assert len(page.quarantines) <= PAGE
        seen.extend(each.ref.instance_id for each in page.quarantines)

    assert after is None
    assert seen == [f"i-{n:017x}" for n in reversed(range(2 * PAGE + 5))]
