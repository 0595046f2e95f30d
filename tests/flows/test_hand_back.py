"""Dead letters that are findings are answered once their cause is over."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError
from chalicelib.core.quarantine.record import State
from chalicelib.flows.watch import watch
from tests.builders import (
    DATABASE,
    MINUTE,
    NOON,
    WEB,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import World

BUSY = AwsBusyError("read the table", "InternalServerError")
MORNING = NOON.replace(hour=6)


def a_world(*letters: object) -> World:
    """Return a world before the hour of the digest, with an ordinary instance, and letters."""
    world = World(now=MORNING)
    world.launch(an_instance(), an_instance(an_interface("eni-2"), ref=a_ref(DATABASE)))
    for letter in letters:
        world.dead_letters.put(letter if isinstance(letter, str) else json.dumps(letter))
    return world


def runs_again(world: World) -> None:
    world.now += 5 * MINUTE
    world.dead_letters.reappear()
    watch(world.responder)


@pytest.mark.parametrize("letter", [an_event(), {"requestPayload": an_event()}])
def test_a_finding_that_failed_for_good_is_answered_after_all(letter: object) -> None:
    world = a_world(letter)

    watch(world.responder)

    assert world.is_cut()
    assert world.dead_letters.bodies == []
    assert world.notices.outcomes == ["contained", "handed_back"]
    assert f"{WEB}: contained, command-and-control" in world.notices.sent[-1].text


def test_it_waits_until_its_cause_is_over_and_nothing_is_lost() -> None:
    world = a_world(an_event(), an_event(instance_id=DATABASE, finding_id="second"))
    world.fails("ec2.find", BUSY, times=2)

    for _ in range(2):
        runs_again(world)
    assert len(world.dead_letters.bodies) == 2
    for _ in range(2):
        runs_again(world)

    assert world.dead_letters.bodies == []
    assert (world.is_cut(WEB), world.is_cut(DATABASE)) == (True, True)


@pytest.mark.parametrize("letter", ["no JSON", "[]", "{}", {"detail-type": "other"}, {"Sns": 1}])
def test_what_is_no_finding_stays_for_a_person_and_blocks_no_other(letter: object) -> None:
    world = a_world(letter, an_event())

    watch(world.responder)

    assert len(world.dead_letters.bodies) == 1
    assert world.is_cut()


def test_what_aws_refuses_stays_for_a_person() -> None:
    world = a_world(an_event())
    world.fails("quarantines.open", AwsRefusedError("open it", "Denied"))

    for _ in range(3):
        runs_again(world)

    assert len(world.dead_letters.bodies) == 1
    assert "handed_back" not in world.notices.outcomes


def test_a_run_takes_no_more_letters_than_it_has_time_for() -> None:
    world = a_world(an_event(), an_event(instance_id=DATABASE, finding_id="second"))

    def time_passes() -> None:
        world.now += timedelta(seconds=27)

    world.calls.after("dead_letters.take", time_passes)

    watch(world.responder)

    assert len(world.dead_letters.bodies) == 1


def test_a_flood_is_answered_in_several_runs() -> None:
    flood = [an_event(finding_id=f"f-{n}") for n in range(25)]
    world = a_world(*flood)

    watch(world.responder)

    assert len(world.dead_letters.bodies) == 5


def test_a_queue_that_cannot_be_read_stops_nothing_else() -> None:
    world = a_world()
    world.fails("dead_letters.take", BUSY)

    with pytest.raises(CordonError):
        watch(world.responder)

    assert "ec2.vpcs" in world.calls.names


# While Cordon still looks.


@pytest.mark.parametrize("call", ["ec2.find", "quarantines.dossier"])
def test_a_failure_while_cordon_still_looks_names_the_instance(call: str) -> None:
    world = a_world()
    world.fails(call, BUSY)

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())

    (told,) = world.notices.sent
    assert told.subject.startswith(f"CANNOT LOOK at {WEB}")
    assert "InternalServerError" in told.text


def test_it_is_told_once_where_that_can_be_remembered() -> None:
    world = a_world()
    world.fails("ec2.find", BUSY)

    for _ in range(3):
        with pytest.raises(AwsBusyError):
            world.deliver(an_event())

    assert len(world.notices.sent) == 1


def test_that_nobody_can_be_told_hides_no_cause() -> None:
    world = a_world()
    world.fails("ec2.find", BUSY)
    world.fails("notices.publish", AwsRefusedError("publish", "Denied"))

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())


def test_of_a_contained_instance_the_watcher_tells() -> None:
    world = a_world()
    world.quarantines.put(a_quarantine(State.CONTAINED))
    world.fails("ec2.find", BUSY)

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())

    assert world.notices.sent == []


def test_what_lay_there_for_days_is_held_as_stale_and_takes_no_room() -> None:
    world = a_world(an_event())
    world.now += timedelta(days=3)

    watch(world.responder)

    assert not world.is_cut()
    assert world.dead_letters.bodies == []
    assert any(notice.facts.get("reasons") == ["stale"] for notice in world.notices.sent)
    assert not world.quarantines.breakers


def test_letters_that_aws_refuses_to_give_stop_nothing_else() -> None:
    world = a_world(an_event())
    world.fails("dead_letters.take", AwsRefusedError("find the dead letters", "NonExistentQueue"))

    assert watch(world.responder)["open"] == 0

    assert len(world.dead_letters.bodies) == 1
