"""What the breaker held is contained as soon as there is room."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.api.request import QuarantineRequest
from chalicelib.core.decision.outcome import Answer
from chalicelib.core.errors import AwsBusyError, CordonError
from chalicelib.core.policy.policy import Mode
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.reconsider import reconsider
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

BUSY = AwsBusyError("doing", "Throttling")
REAL = "i-0000000000000000e"


def a_world(decoys: int = 2, limit: int = 2) -> World:
    """Return a world in which decoys have used up the breaker's window."""
    world = World(policy=a_policy(max_containments=limit, kept_for_critical=0))
    for n in range(decoys):
        finds(world, f"i-{n:017x}")
    return world


def finds(world: World, instance_id: str, severity: float = 8) -> Answer:
    interface = an_interface(f"eni-{instance_id}")
    world.launch(an_instance(interface, ref=a_ref(instance_id)))
    return world.deliver(
        an_event(instance_id=instance_id, finding_id=f"f-{instance_id}", severity=severity)
    )


def test_what_decoys_held_back_is_cut_off_once_there_is_room() -> None:
    world = a_world()
    assert finds(world, REAL).outcome == "held"

    watch(world.responder)
    assert not world.is_cut(REAL)
    world.now += world.policy.breaker_window
    watch(world.responder)

    assert world.is_cut(REAL)
    assert world.held.all() == ()


def test_the_strongest_goes_first() -> None:
    world = a_world(limit=2)
    finds(world, WEB, severity=7)
    finds(world, REAL, severity=8.9)
    finds(world, DATABASE, severity=8)
    world.now += world.policy.breaker_window

    watch(world.responder)

    assert (world.is_cut(REAL), world.is_cut(DATABASE), world.is_cut(WEB)) == (True, True, False)
    assert [held.ref.instance_id for held in world.held.all()] == [WEB]


def test_critical_findings_do_not_wait_behind_decoys() -> None:
    world = a_world()
    world.policy = a_policy(max_containments=2, kept_for_critical=1)

    assert finds(world, REAL, severity=9).outcome == "contained"


def test_within_any_window_no_more_are_cut_off_than_the_policy_allows() -> None:
    """Where windows followed each other, twice as many fitted around the end of one."""
    world = World(policy=a_policy(max_containments=3, kept_for_critical=0))
    cut_at = []
    for n in range(40):
        if finds(world, f"i-{n:017x}").outcome == "contained":
            cut_at.append(world.now)
        world.now += MINUTE

    for at in cut_at:
        recent = [each for each in cut_at if at <= each < at + world.policy.breaker_window]
        assert len(recent) <= 3
    assert len(cut_at) == 12


@pytest.mark.parametrize("hold", ["exempt", "observe"])
def test_what_waits_for_a_person_is_not_decided_again(hold: str) -> None:
    world = World(mode=Mode.OBSERVE if hold == "observe" else Mode.ENFORCE)
    if hold == "exempt":
        world.policy = a_policy(exempt_instances=frozenset({REAL}))
    finds(world, REAL)
    world.mode, world.policy = Mode.ENFORCE, a_policy()

    watch(world.responder)

    assert not world.is_cut(REAL)
    assert [held.ref.instance_id for held in world.held.all()] == [REAL]


def test_an_instance_that_is_gone_meanwhile_waits_no_more() -> None:
    world = a_world()
    finds(world, REAL)
    world.ec2.change(REAL, state="terminated")

    watch(world.responder)

    assert world.held.all() == ()


def test_a_person_who_approves_ends_the_wait() -> None:
    world = a_world()
    finds(world, REAL)

    quarantine_by_hand(a_ref(REAL), QuarantineRequest("ada", "it is real"), world.responder)

    assert world.held.all() == ()


def test_one_that_fails_keeps_no_other_waiting() -> None:
    world = a_world()
    finds(world, WEB, severity=8.9)
    finds(world, REAL)
    world.now += world.policy.breaker_window
    world.fails("held.event", BUSY, about=WEB)

    with pytest.raises(CordonError):
        watch(world.responder)

    assert world.is_cut(REAL)


def test_that_nothing_held_can_be_read_stops_nothing_else() -> None:
    world = World(now=NOON)
    world.fails("held.all", BUSY, times=1)

    with pytest.raises(CordonError):
        watch(world.responder)

    assert world.notices.outcomes == ["worries"]


def test_what_another_dropped_meanwhile_is_left() -> None:
    world = a_world()
    finds(world, REAL)
    world.calls.before("held.event", lambda: world.held.drop(a_ref(REAL).key))

    assert reconsider(NOON + MINUTE, world.responder) == []

    assert world.held.all() == ()


def test_after_its_time_nothing_is_begun() -> None:
    world = a_world()
    finds(world, REAL)
    world.now += timedelta(days=1)

    assert reconsider(NOON, world.responder) == []

    assert not world.is_cut(REAL)


def test_what_is_held_is_in_the_digest() -> None:
    world = a_world()
    finds(world, REAL)

    watch(world.responder)

    assert f"{REAL}, " in world.notices.sent[-1].text
    assert "1 instance(s) deserve a containment, and are held" in world.notices.sent[-1].text


def test_many_quarantines_take_the_time_of_nothing_that_was_held() -> None:
    world = a_world()
    finds(world, REAL)
    world.now += world.policy.breaker_window

    def time_passes() -> None:
        world.now += timedelta(seconds=21)

    world.calls.after("ec2.find", time_passes)  # the first look takes all that looking may

    assert watch(world.responder)["left"] == 1
    assert world.is_cut(REAL)
