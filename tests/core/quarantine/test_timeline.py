from __future__ import annotations

import pytest

from chalicelib.core.quarantine.record import Line
from chalicelib.core.quarantine.timeline import cut_short
from tests.builders import MINUTE, NOON


def lines(count: int) -> tuple[Line, ...]:
    return tuple(Line(NOON + n * MINUTE, "cordon", "finding", {"n": n}) for n in range(count))


@pytest.mark.parametrize("count", [0, 1, 500, 501])
def test_an_ordinary_timeline_is_whole(count: int) -> None:
    assert cut_short(lines(count)) == lines(count)


@pytest.mark.parametrize("count", [502, 21_000])
def test_of_a_very_long_one_the_first_and_the_last_are_left(count: int) -> None:
    shown = cut_short(lines(count))

    assert len(shown) == 501
    assert (shown[0], shown[99], shown[-1]) == (
        lines(count)[0],
        lines(count)[99],
        lines(count)[-1],
    )
    assert shown[100] == Line(NOON + 100 * MINUTE, "cordon", "left_out", {"lines": count - 500})
