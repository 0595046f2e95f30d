"""Containment, release and a newer finding at once: every way up to a bound, and every death."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.explore.cases import STARTS, Case, naive_release
from tests.explore.explore import explore

_PAIRS = (("old", "release"), ("new", "release"), ("old", "new"))
_ALL = ("old", "new", "release")


@dataclass(frozen=True, slots=True)
class _Part:
    """One state of the world to start from, who is let loose on it, and how far to go."""

    start: str
    workers: tuple[str, ...]
    switches: int  # how often one interrupts another


def interleavings(*, pairs: int = 3, triples: int = 1, at_least: int = 400_000) -> str:
    """Run every way in which workers may take turns and die; each must end well.

    Two of them interrupt each other up to `pairs` times, three up to `triples` times, in every
    order; and at every step of each way the one whose turn it is dies, before and after it.
    """
    parts = tuple(_parts(pairs, triples))
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        counts = list(pool.map(_count, parts))
    ways, violations = sum(n for n, _ in counts), sum(n for _, n in counts)
    naive, caught = _naive()
    assert not violations, f"{violations} of {ways:,} ways violated a promise"
    assert ways >= at_least, f"only {ways:,} ways were run"
    assert caught, "the naive release was not caught: the control fails"
    return (
        f"{ways:,} interleavings x crash points of containment, release and a newer finding: "
        f"0 violations; a naive release violates {caught} of {naive:,}"
    )


def _parts(pairs: int, triples: int) -> Iterator[_Part]:
    """Yield the parts, the longest first, so that no process waits for another at the end."""
    for workers in reversed(_PAIRS):
        for start in STARTS:
            yield _Part(start, workers, pairs)
    for start in STARTS:
        yield _Part(start, _ALL, triples)


def _count(part: _Part) -> tuple[int, int]:
    """Return how many ways there are, and how many of them went wrong."""
    case = Case(part.start, part.workers)
    ways = violations = 0
    for _, found in explore(case, part.switches, crashes=True):
        ways += 1
        violations += bool(found)
    return ways, violations


def _naive() -> tuple[int, int]:
    """Let the naive release run in the same way, without deaths."""
    ways = caught = 0
    for start in STARTS:
        for _, found in explore(Case(start, _ALL, release=naive_release), 1, crashes=False):
            ways += 1
            caught += bool(found)
    return ways, caught
