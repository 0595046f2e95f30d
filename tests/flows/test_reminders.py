"""What is held for long is told again: in one message, ever less often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import AwsBusyError
from chalicelib.core.notices.channels.incident import is_change, is_end
from chalicelib.core.quarantine.held import Held
from chalicelib.flows.watch import watch
from tests.builders import (
    DATABASE,
    MINUTE,
    NOON,
    WEB,
    a_policy,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import World

DAY = timedelta(days=1)
SPAM = "Backdoor:EC2/Spambot"


@pytest.fixture
def world() -> World:
    world = World()
    holds(world, WEB)
    return world


def holds(world: World, instance_id: str) -> None:
    interface = an_interface(f"eni-{instance_id}")
    world.launch(an_instance(interface, ref=a_ref(instance_id)))
    event = an_event(type_=SPAM, instance_id=instance_id, finding_id=f"f-{instance_id}", severity=5)
    assert world.deliver(event).outcome == "held"


def reminders(world: World, *days: float) -> list[str]:
    for day in days:
        world.now = NOON + day * DAY
        watch(world.responder)
    return [each.subject for each in world.notices.sent if each.outcome == "waiting"]


def test_a_hold_is_told_again_after_one_two_four_and_eight_days(world: World) -> None:
    assert (
        reminders(world, *(n / 4 for n in range(39))) == [f"STILL HELD, not contained: {WEB}"] * 4
    )


def test_all_that_is_due_is_told_in_one_message(world: World) -> None:
    for n in range(30):
        holds(world, f"i-{n:017x}")

    assert reminders(world, 1, 1.1) == ["STILL HELD, not contained: 31 instances"]
    text = next(each.text for each in world.notices.sent if each.outcome == "waiting")
    assert "and 11 more: cordon held" in text
    assert "held since 2026-03-01 12:00 UTC: approval_required" in text
    assert "cordon approve i-" in text
    assert "cordon dismiss i-" in text


def test_one_that_is_held_later_is_told_at_its_own_time(world: World) -> None:
    world.now += DAY / 2
    holds(world, DATABASE)

    assert reminders(world, 1, 1.5) == [
        f"STILL HELD, not contained: {WEB}",
        f"STILL HELD, not contained: {DATABASE}",
    ]


def test_what_is_decided_is_told_no_more(world: World) -> None:
    world.held.drop(a_ref().key)

    assert reminders(world, 1, 2) == []


def test_an_owner_may_want_none(world: World) -> None:
    world.policy = a_policy(remind_after=timedelta())

    assert reminders(world, 1, 2, 30) == []


def test_a_reminder_that_was_not_written_down_is_repeated_and_keeps_nothing_else_waiting(
    world: World,
) -> None:
    world.fails("held.remind", AwsBusyError("doing", "Throttling"), times=1)

    with pytest.raises(AwsBusyError):
        reminders(world, 1)
    assert len(reminders(world, 1.1, 1.2)) == 2


def test_a_reminder_opens_no_alert_and_ends_none(world: World) -> None:
    reminders(world, 1)
    notice = next(each for each in world.notices.sent if each.outcome == "waiting")

    assert is_change(notice)
    assert not is_end(notice)


@given(st.timedeltas(-DAY, 90 * DAY), st.timedeltas(MINUTE, 365 * DAY))
def test_reminders_only_grow_and_half_as_fast_each_time(age: timedelta, after: timedelta) -> None:
    held = Held(a_ref(), "f", SPAM, 5.0, ("approval_required",), NOON)
    count = held.reminders(NOON + age, after)

    assert held.reminders(NOON + age + MINUTE, after) >= count
    assert count == 0 if age < after else after * 2 ** (count - 1) <= age < after * 2**count
