"""Every state that a few actors can reach: searched whole where it can be, and said where not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations

from chalicelib.core.policy.policy import Mode
from tests.explore.cases import FLOWS, FOUR_EYES, POLICIES, STARTS
from tests.explore.life import moves
from tests.explore.naive import NAIVE, flows_with
from tests.explore.promises import Case

_TRIPLES: tuple[tuple[str, ...], ...] = (
    ("old", "new", "release"),
    ("old", "release", "watcher"),
    ("order", "release", "undo"),
)


def interleavings(*, most: int = 150_000, deaths: int = 2, at_least: int = 100_000) -> str:
    """Search the states of every pair with up to two deaths, and of three actors with one.

    Args:
        most: states of one case; what goes beyond is counted as not complete, by name.
        deaths: of a pair.
        at_least: how many states there must be, so that the figure cannot shrink unseen.
    """
    cases = [*_cases(deaths)]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(_search, cases, [most] * len(cases)))
    states = sum(count for count, _, _ in results)
    wrong = [
        f"{case}: {each}"
        for case, (_, _, found) in zip(cases, results, strict=True)
        for each in found
    ]
    cut_short = [str(case) for case, (_, done, _) in zip(cases, results, strict=True) if not done]
    assert not wrong, f"{len(wrong)} violations: {wrong[:3]}"
    assert states >= at_least, f"only {states:,} states were reached"
    missed = [name for name in NAIVE if not _is_caught(name)]
    assert not missed, f"not caught, so the control fails: {missed}"
    line = (
        f"{states:,} states of {len(cases)} casts, any number of switches, every death: "
        f"0 violations; {len(cases) - len(cut_short)} casts searched to the end; "
        f"{len(NAIVE)} of {len(NAIVE)} naive controls caught"
    )
    short = f"; NOT complete, cut off at {most:,} states: {'; '.join(cut_short)}"
    return line + (short if cut_short else "")


def _cases(deaths: int) -> Iterator[Case]:
    """Yield the casts: what cuts or gives back is there from every start."""
    for start in STARTS:
        for cast in combinations((*FLOWS, "undo"), 2):
            if start in ("contained", "half released") or {"old", "new", "letters"} & set(cast):
                yield Case(start, cast, deaths)
    for policy in (*POLICIES.values(), FOUR_EYES):
        yield Case("contained", ("old", "release"), deaths, policy=policy)
        yield Case("contained", ("order", "release"), deaths, policy=policy)
    for start in ("contained", "half released"):
        yield Case(start, ("new", "release"), deaths, mode=Mode.OBSERVE)
    yield Case("in a fleet", ("old", "health"), deaths, policy=POLICIES["as shipped"])
    for three in _TRIPLES:
        yield Case("contained", three, 1)


def _search(case: Case, most: int) -> tuple[int, bool, list[str]]:
    found = case.run(most)
    strange = [f"not in the model: {each}" for each in sorted(case.edges - moves())]
    return found.states, found.is_complete, [*found.violations, *strange]


def _is_caught(name: str) -> bool:
    actor, _, start, says = NAIVE[name]
    found = Case(start, (actor, "watcher"), flows=flows_with(name)).run()
    return any(says in each for each in found.violations)
