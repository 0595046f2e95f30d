"""Containment, release and a newer finding at once: all ways up to a bound end well.

`make bench` goes further; what is run here is enough to fail when the lease, the order of reading
or a condition of a write is taken away.
"""

from __future__ import annotations

import pytest

from chalicelib.core.policy.policy import Mode
from tests.explore.cases import FOUR_EYES, POLICIES, STARTS, Case, naive_release, release_by_two
from tests.explore.explore import explore

pytestmark = pytest.mark.no_cover  # the same lines, very often

PAIRS = (("old", "release"), ("new", "release"), ("old", "new"))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("workers", PAIRS, ids="-".join)
def test_two_workers_never_get_in_each_others_way_even_if_one_dies(
    start: str, workers: tuple[str, ...]
) -> None:
    violations = [
        (schedule, found)
        for schedule, found in explore(Case(start, workers), 1, crashes=True)
        if found
    ]

    assert violations == []


@pytest.mark.parametrize("start", ["fresh", "contained"])
@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_lets_a_release_and_a_containment_get_in_each_others_way(
    start: str, policy: str
) -> None:
    case = Case(start, ("old", "release"), policy=POLICIES[policy])

    violations = [(schedule, found) for schedule, found in explore(case, 1, crashes=True) if found]

    assert violations == []


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("workers", [("old", "release"), ("new", "release")], ids="-".join)
def test_who_only_observes_finishes_what_was_begun_and_begins_nothing(
    start: str, workers: tuple[str, ...]
) -> None:
    case = Case(start, workers, mode=Mode.OBSERVE)

    violations = [(schedule, found) for schedule, found in explore(case, 1, crashes=True) if found]

    assert violations == []


@pytest.mark.parametrize("workers", [("order", "release"), ("order", "old")], ids="-".join)
def test_a_step_that_a_person_orders_gets_in_nobodys_way(workers: tuple[str, ...]) -> None:
    case = Case("contained", workers)

    violations = [(schedule, found) for schedule, found in explore(case, 2, crashes=True) if found]

    assert violations == []


@pytest.mark.parametrize("start", ["fresh", "contained"])
def test_a_release_by_two_persons_never_gets_in_the_way_of_a_containment(start: str) -> None:
    case = Case(start, ("old", "release"), release=release_by_two, policy=FOUR_EYES)

    violations = [(schedule, found) for schedule, found in explore(case, 1, crashes=True) if found]

    assert violations == []


@pytest.mark.parametrize("start", STARTS)
def test_three_workers_never_get_in_each_others_way(start: str) -> None:
    case = Case(start, ("old", "new", "release"))

    violations = [(schedule, found) for schedule, found in explore(case, 1, crashes=False) if found]

    assert violations == []


@pytest.mark.parametrize("start", ["fresh", "contained", "half cut"])
def test_a_naive_release_is_caught(start: str) -> None:
    case = Case(start, ("old", "new", "release"), release=naive_release)

    assert any(found for _, found in explore(case, 1, crashes=False))
