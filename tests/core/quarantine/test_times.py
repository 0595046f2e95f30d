from __future__ import annotations

from collections.abc import Sequence

import pytest

from chalicelib.core.quarantine.times import Summary, Times, percentile, summed
from tests.builders import MINUTE, NOON

SECOND = MINUTE / 60
WHOLE_WAY = Times(NOON - 5 * MINUTE, NOON - 4 * SECOND, NOON + SECOND / 5, NOON + SECOND / 2)


def test_each_part_of_the_way_is_told_from_mark_to_mark() -> None:
    assert WHOLE_WAY.parts(NOON) == {
        "activity_to_event": 296.0,
        "event_to_record": 4.0,
        "record_to_first_cut": 0.2,
        "record_to_read_back": 0.5,
        "event_to_read_back": 4.5,
    }


def test_a_part_that_lacks_an_end_is_missing_and_not_guessed() -> None:
    assert Times().parts(NOON) == {}
    assert Times(read_back=NOON + SECOND).parts(NOON) == {"record_to_read_back": 1.0}
    assert Times(read_back=NOON).parts(None) == {}


def test_of_several_quarantines_each_part_is_summed_up_by_those_that_have_it() -> None:
    by_hand = Times(read_back=NOON + 3 * SECOND)

    said = summed([WHOLE_WAY.parts(NOON), by_hand.parts(NOON), {}])

    assert said["record_to_read_back"] == Summary(2, 0.5, 3.0)
    assert said["event_to_read_back"] == Summary(1, 4.5, 4.5)
    assert summed([]) == {}


@pytest.mark.parametrize(
    ("ordered", "share", "found"),
    [([3.0], 0.95, 3.0), ([1, 2, 3, 4], 0.5, 2), (range(1, 101), 0.95, 95)],
)
def test_a_percentile_is_a_value_that_was_measured(
    ordered: Sequence[float], share: float, found: float
) -> None:
    assert percentile(ordered, share) == found


def test_no_part_of_the_way_is_below_zero() -> None:
    cut_to_the_second = Times(activity=NOON + 0.4 * SECOND, event=NOON)

    assert cut_to_the_second.parts(None) == {"activity_to_event": 0.0}
