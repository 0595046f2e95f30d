from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import FourEyesError
from chalicelib.core.quarantine.exemption import Exemption, Wish, later
from tests.builders import MINUTE, NOON

ADA, BOB = "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::111122223333:user/bob"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEK = Exemption("a scan", NOON + 7 * DAY, ADA, NOON)
WISH = Wish(ADA, "a scan", NOON + DAY, NOON)


@pytest.mark.parametrize(
    ("exemption", "at", "ending"),
    [
        (WEEK, NOON + 6 * DAY - MINUTE, False),
        (WEEK, NOON + 6 * DAY, True),
        (WEEK, NOON + 7 * DAY, False),
        (replace(WEEK, until=NOON + 4 * HOUR), NOON + 3 * HOUR - MINUTE, False),
        (replace(WEEK, until=NOON + 4 * HOUR), NOON + 3 * HOUR, True),
        (replace(WEEK, at=None), NOON + 6 * DAY, True),
        (Exemption("of old"), NOON, False),
    ],
)
def test_people_are_reminded_a_day_before_the_end_or_in_the_last_quarter(
    exemption: Exemption, at: object, ending: object
) -> None:
    assert exemption.is_ending(at) is ending  # type: ignore[arg-type]  # a moment


def test_it_says_its_end_who_and_why() -> None:
    assert WEEK.words == f"until 2026-03-08 12:00 UTC, by {ADA}: a scan"
    assert Exemption("").words == (
        "with no readable end, by somebody with access to the table: no reason given"
    )


def test_of_several_the_one_that_ends_last_counts() -> None:
    longer, endless = replace(WEEK, until=NOON + 8 * DAY), Exemption("of old")

    assert later() is None
    assert later(WEEK) is WEEK
    assert later(WEEK, longer) is longer
    assert later(endless, longer) is endless


def test_another_person_who_says_the_same_confirms() -> None:
    assert WISH.is_confirmed_by(replace(WISH, by=BOB, at=NOON + HOUR), HOUR)
    assert not WISH.is_confirmed_by(replace(WISH, by=BOB, at=NOON + HOUR + MINUTE), HOUR)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "another person"),
        ({"by": BOB, "until": NOON + 2 * DAY}, "asked for until 2026-03-02T12:00:00"),
        ({"by": BOB, "until": None}, "must say the same"),
    ],
)
def test_the_same_person_or_another_end_confirms_nothing(change: dict[str, Any], said: str) -> None:
    with pytest.raises(FourEyesError, match=said):
        WISH.is_confirmed_by(replace(WISH, **change), HOUR)


def test_who_confirms_an_end_must_want_it_too() -> None:
    with pytest.raises(FourEyesError, match="asked for that it ends"):
        replace(WISH, until=None).is_confirmed_by(replace(WISH, by=BOB), HOUR)
