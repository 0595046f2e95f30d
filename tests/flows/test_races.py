from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import RecordMovedError, ReleaseInProgressError
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import Line, Original, State, StepName, StepStatus
from chalicelib.flows.contain import contain
from chalicelib.flows.ports.together import at_once, in_order
from tests.builders import (
    NOON,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import World

MINER = an_event(type_="CryptoCurrency:EC2/BitcoinTool.B", finding_id="second")


def a_world() -> World:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2")))
    return world


def test_who_loses_the_race_to_open_the_record_finds_the_work_done() -> None:
    world = a_world()
    world.calls.before("quarantines.open", lambda: world.deliver(MINER))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.quarantine().number == 1
    assert world.quarantine().finding_id == "second"
    assert world.notices.outcomes == ["contained", "already_contained"]
    assert world.is_cut()


@pytest.mark.parametrize(
    "moment", ["ec2.prepare", "ec2.apply", "quarantines.save", "notices.publish"]
)
def test_two_deliveries_at_once_end_as_one_quarantine(moment: str) -> None:
    world = a_world()
    world.calls.before(moment, lambda: world.deliver(MINER))

    answer = world.deliver(an_event())

    assert answer.outcome in (Outcome.CONTAINED, Outcome.ALREADY_CONTAINED)
    assert world.quarantine().id == f"{WEB}-1"
    assert world.quarantine().state is State.CONTAINED
    assert not world.quarantine().is_unfinished
    assert not world.quarantine().workers
    assert world.is_cut()
    assert "contained" in world.notices.outcomes


def test_who_takes_up_a_containment_says_so_in_the_record() -> None:
    world = a_world()
    world.quarantines.put(a_quarantine(workers={"dead": NOON}))
    working: list[Any] = []
    world.calls.before("ec2.apply", lambda: working.append(world.quarantine()))

    world.deliver(an_event())

    assert working[0].workers == {"worker-1": NOON + LEASE}
    assert world.timeline()[0] == "taken_up"
    assert world.quarantine().workers == {}


def test_the_record_says_who_is_at_work_from_its_first_version_on() -> None:
    world = a_world()
    working: list[Any] = []
    world.calls.before("ec2.apply", lambda: working.append(world.quarantine()))

    world.deliver(an_event())

    assert working[0].workers == {"worker-1": NOON + LEASE}


def test_who_lost_the_race_to_close_takes_itself_out_of_the_record() -> None:
    world = a_world()
    world.calls.before("quarantines.save", lambda: world.deliver(MINER), about="contained")

    world.deliver(an_event())

    assert not world.quarantine().workers


def test_who_lost_the_race_to_close_leaves_the_further_steps_to_the_winner() -> None:
    world = a_world()

    def another_closes() -> None:
        working = world.quarantine()
        closed = working.after(StepName.CUT, StepStatus.DONE)
        world.quarantines.put(replace(closed, state=State.CONTAINED))

    world.calls.before("quarantines.save", another_closes, about="contained")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.quarantine().is_due(StepName.ANNOUNCE)
    assert world.notices.sent == []


def test_a_record_that_never_stops_moving_is_left_to_the_next_delivery() -> None:
    world = a_world()

    def somebody_writes() -> None:
        moved = world.quarantine().next()
        world.quarantines.put(moved)

    world.calls.before("quarantines.save", somebody_writes, times=100, about=WEB)

    with pytest.raises(RecordMovedError):
        world.deliver(an_event())

    assert world.calls.names.count("quarantines.open") == 1
    looks, to_leave = 2, 5  # in doubt, so looked twice; and each try takes its lease back
    seen = 5 * (looks + to_leave) - 1  # the first look was in no doubt
    assert world.calls.names.count("quarantines.dossier") == seen
    assert world.notices.sent == []


def test_a_finding_during_a_release_waits_for_its_end() -> None:
    world = a_world()
    world.quarantines.put(a_quarantine(State.RELEASING))

    with pytest.raises(ReleaseInProgressError):
        world.deliver(an_event())

    assert not {"ec2.apply", "notices.publish", "quarantines.save"} & set(world.calls.names)


def test_a_release_that_begins_before_the_network_is_touched_stops_the_repair() -> None:
    world = a_world()
    contained = a_quarantine(State.CONTAINED)
    world.quarantines.put(contained)
    releasing = contained.next(state=State.RELEASING)
    world.calls.before(
        "quarantines.save",
        lambda: world.quarantines.save(releasing, Line(NOON, "you", "release")),
        about="taken_up",
    )

    with pytest.raises(ReleaseInProgressError):
        world.deliver(an_event())

    assert "ec2.apply" not in world.calls.names


def test_a_breakers_window_that_another_worker_opened_is_counted_in() -> None:
    world = World(policy=a_policy(max_containments=5))
    other = "i-00000000000000009"
    world.launch(an_instance(), an_instance(an_interface("eni-9"), ref=a_ref(other)))
    world.calls.before(
        "quarantines.open",
        lambda: world.deliver(an_event(instance_id=other, finding_id="second")),
    )

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.quarantines.breakers[a_ref().account_id].count == 2


def test_many_deliveries_in_many_threads_end_as_one_quarantine_each() -> None:
    world = World(policy=a_policy(max_containments=100), together=at_once)
    ids = [f"i-000000000000000{n:02d}" for n in range(10)]
    for instance_id in ids:
        mine = an_interface(f"eni-{instance_id}", groups=(f"sg-{instance_id}",))
        world.launch(an_instance(mine, ref=a_ref(instance_id)))
    events = [
        an_event(instance_id=each, finding_id=f"{each}-{n}") for each in ids for n in range(6)
    ]

    with ThreadPoolExecutor(max_workers=16) as pool:
        deliveries = [pool.submit(_persistently, event, world) for event in events]
        outcomes = [delivery.result() for delivery in deliveries]

    assert set(outcomes) <= {Outcome.CONTAINED, Outcome.ALREADY_CONTAINED}
    for instance_id in ids:
        quarantine = world.quarantine(instance_id)
        assert (quarantine.number, quarantine.state) == (1, State.CONTAINED)
        assert quarantine.originals == (
            Original(f"eni-{instance_id}", "vpc-1", (f"sg-{instance_id}",)),
        )
        assert world.is_cut(instance_id)
        assert "contained" in [
            notice.outcome
            for notice in world.notices.sent
            if notice.facts.get("instance_id") == instance_id
        ]


def _persistently(event: dict[str, Any], world: World) -> Outcome:
    """Deliver `event` as Lambda does: again, if it raises."""
    for _ in range(20):
        try:
            return contain(event, world.responder).outcome
        except RecordMovedError:
            continue
    raise AssertionError("the record never stopped moving")


def test_calls_at_once_answer_in_their_order() -> None:
    assert at_once(lambda: "a", lambda: 2) == in_order(lambda: "a", lambda: 2) == ("a", 2)


def test_of_calls_at_once_the_first_that_fails_is_raised_after_all_were_made() -> None:
    made: list[str] = []

    def fail() -> str:
        raise RecordMovedError(WEB)

    with pytest.raises(RecordMovedError):
        at_once(fail, lambda: made.append("second"))

    assert made == ["second"]


def test_a_new_quarantine_after_a_release_stores_the_groups_of_now() -> None:
    world = World()
    world.launch(an_instance(an_interface(groups=("sg-new",))))
    released = replace(a_quarantine(State.RELEASED), released_at=NOON.replace(hour=1))
    world.quarantines.put(released)

    world.deliver(an_event())

    assert world.quarantine().originals == (Original("eni-1", "vpc-1", ("sg-new",)),)
    assert released.originals == (Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),)
