from __future__ import annotations

from datetime import timedelta

from chalicelib.core.quarantine.repairs import Repairs
from tests.builders import MINUTE, NOON

DAY = timedelta(days=1)


def test_repairs_count_on_for_less_than_a_day_and_then_from_one() -> None:
    once = Repairs().again(NOON)

    assert once == Repairs(1, NOON)
    assert once.again(NOON + DAY - MINUTE).count == 2
    assert once.again(NOON + DAY).count == 1
