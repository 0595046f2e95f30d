"""Whose turn it is, over many runs."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.rounds import Rounds, after_run, in_turn, turn_of
from tests.builders import MINUTE, NOON, a_quarantine, a_ref

OPEN = [
    a_quarantine(
        State.CONTAINED, ref=a_ref(f"i-{n:017x}"), opened_at=NOON - timedelta(seconds=n // 3)
    )
    for n in range(5_000)
]


@given(st.integers(1, 60), st.integers(0, 10), st.integers(1, 30), st.text(max_size=40))
def test_everybody_is_seen_within_as_many_runs_as_all_of_them_take(
    count: int, stuck: int, at_a_time: int, last: str
) -> None:
    everybody = OPEN[:count]
    failing = tuple((q.ref.key, NOON) for q in everybody[:stuck])
    rounds, seen = Rounds(last=last, failing=failing), set[str]()

    for _ in range(ceil(max(count - stuck, 1) / at_a_time)):
        well, _ = in_turn(everybody, rounds)
        had_turn = well[:at_a_time]
        seen.update(q.ref.key for q in had_turn)
        rounds = after_run(rounds, everybody, had_turn, [], NOON)

    assert seen == {q.ref.key for q in everybody[stuck:]}


def test_five_thousand_open_with_fifty_stuck_are_all_looked_at() -> None:
    stuck = {q.ref.key for q in OPEN[::100]}
    rounds, seen, runs = Rounds(), set[str](), 0
    while len(seen) < len(OPEN) - len(stuck):
        well, failing = in_turn(OPEN, rounds)
        had_turn = [*well[:400], *failing[:3]]
        failed = [q.ref.key for q in had_turn if q.ref.key in stuck]
        rounds = after_run(rounds, OPEN, had_turn, failed, NOON)
        seen.update(q.ref.key for q in had_turn if q.ref.key not in stuck)
        runs += 1

    assert runs == ceil(len(OPEN) / 400)
    assert {key for key, _ in rounds.failing} == stuck


def test_each_has_one_turn_in_a_round_wherever_the_last_run_ended() -> None:
    first, *_ = in_turn(OPEN[:9], Rounds())

    well, _ = in_turn(OPEN[:9], Rounds(last=turn_of(first[4])))

    assert list(well) == [*first[5:], *first[:5]]


def test_unfinished_ones_come_first() -> None:
    unfinished = a_quarantine(ref=a_ref("i-0000000000000beef"))

    well, _ = in_turn([*OPEN[:3], unfinished], Rounds())

    assert well[0] == unfinished


def test_one_that_fails_stays_apart_since_it_began_and_comes_back_when_it_works() -> None:
    one, other = OPEN[0], OPEN[1]
    first = after_run(Rounds(), OPEN[:2], [one, other], [one.ref.key], NOON)
    second = after_run(first, OPEN[:2], [one], [one.ref.key], NOON + MINUTE)
    third = after_run(second, OPEN[:2], [one], [], NOON + 2 * MINUTE)

    assert first.fails_since(one.ref.key) == second.fails_since(one.ref.key) == NOON
    assert in_turn(OPEN[:2], second)[1] == (one,)
    assert third.failing == ()


def test_those_that_wait_longest_to_be_tried_again_are_next_of_the_stuck() -> None:
    failing = tuple((q.ref.key, NOON) for q in OPEN[:3])
    rounds = Rounds(failing=failing)

    after = after_run(rounds, OPEN[:3], [OPEN[0]], [OPEN[0].ref.key], NOON)

    assert in_turn(OPEN[:3], after)[1] == (OPEN[1], OPEN[2], OPEN[0])


def test_what_is_over_is_forgotten() -> None:
    rounds = Rounds(failing=((OPEN[0].ref.key, NOON),))

    assert after_run(rounds, [], [], [], NOON).failing == ()
