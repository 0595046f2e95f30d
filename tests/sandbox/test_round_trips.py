from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.faithful.faults import Call, calls_of, sequential_round_trips
from tests.sandbox.estate import client

spans = st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda span: (span[0], sum(span)))


def calls(*times: tuple[float, float]) -> list[Call]:
    return [Call("ec2.DescribeVpcs", started, ended) for started, ended in times]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (calls(), 0),
        (calls((0, 1)), 1),
        (calls((0, 1), (1, 2), (5, 6)), 3),
        (calls((0, 1), (0.1, 0.9), (0.2, 1.2)), 1),
        (calls((0, 9), (1, 2), (3, 4)), 2),
        (calls((3, 4), (0, 1), (0.5, 3.5)), 2),
    ],
    ids=["none", "one", "one after another", "at once", "two beside a long one", "a bridge"],
)
def test_calls_that_overlap_count_once(made: list[Call], expected: int) -> None:
    assert sequential_round_trips(made) == expected


@given(st.lists(spans, max_size=7))
def test_the_count_is_the_longest_chain(times: list[tuple[int, int]]) -> None:
    chains = (
        len(chain)
        for size in range(len(times) + 1)
        for chain in combinations(sorted(times), size)
        if all(one[1] <= next_[0] for one, next_ in pairwise(chain))
    )

    assert sequential_round_trips(calls(*times)) == max(chains)


@pytest.mark.usefixtures("aws")
def test_calls_of_threads_are_one_round_trip_and_calls_in_turn_are_many() -> None:
    ec2 = client("ec2")

    def look(_: int) -> Any:
        return ec2.describe_vpcs()

    with ThreadPoolExecutor(4) as pool:
        together = calls_of(lambda: list(pool.map(look, range(4))), most=1)
    in_turn = calls_of(lambda: [look(0), look(1)], most=2)

    assert (len(together), sequential_round_trips(together)) == (4, 1)
    assert (len(in_turn), sequential_round_trips(in_turn)) == (2, 2)
