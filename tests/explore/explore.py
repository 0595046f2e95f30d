"""Runs a case in every way, up to a bound, each way once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from tests.explore.cases import Case
from tests.explore.schedule import Schedule

Found = tuple[Schedule, list[str]]  # a way in which it ran, and what that violated


def explore(case: Case, most_switches: int, *, crashes: bool) -> Iterator[Found]:
    """Yield every way to run the workers of `case`: each is another sequence of turns and death.

    Args:
        case: the state of the world, and who is let loose on it.
        most_switches: how often a worker is interrupted by another; the order in which they
            come otherwise is every order there is.
        crashes: let the one whose turn it is die as well, before and after each step.
    """
    seen: set[tuple[bytes, tuple[int, bool] | None]] = set()
    for order in permutations(range(len(case.workers))):
        yield from _below(case, Schedule(order), most_switches, seen, crashes=crashes)


def _below(
    case: Case,
    schedule: Schedule,
    switches_left: int,
    seen: set[tuple[bytes, tuple[int, bool] | None]],
    *,
    crashes: bool,
) -> Iterator[Found]:
    violations, trace = case.run(schedule)
    if (trace, None) not in seen:
        seen.add((trace, None))
        yield schedule, violations
        if crashes:
            yield from _crashes(case, schedule, trace, seen)
    if not switches_left:
        return
    start = schedule.switches[-1][0] + 1 if schedule.switches else 1
    for step in range(start, len(trace)):
        for worker in set(trace[step:]) - {trace[step]}:
            switched = replace(schedule, switches=(*schedule.switches, (step, worker)))
            yield from _below(case, switched, switches_left - 1, seen, crashes=crashes)


def _crashes(
    case: Case,
    schedule: Schedule,
    trace: bytes,
    seen: set[tuple[bytes, tuple[int, bool] | None]],
) -> Iterator[Found]:
    for step in range(len(trace)):
        for is_late in (False, True):
            crashed = replace(schedule, crash=(step, is_late))
            violations, ran = case.run(crashed)
            if (ran, crashed.crash) not in seen:
                seen.add((ran, crashed.crash))
                yield crashed, violations
