from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.errors import FourEyesError
from chalicelib.core.quarantine.release import Verdict
from tests.builders import MINUTE, NOON, a_release

ADA, BOB = (f"arn:aws:iam::111122223333:user/{name}" for name in ("ada", "bob"))
HOUR = timedelta(hours=1)
ASKED = a_release(by=ADA, at=NOON)


def test_a_second_person_confirms_until_the_hour_is_over_and_no_longer() -> None:
    in_time = ASKED.confirmed(a_release(by=BOB, at=NOON + HOUR), HOUR)

    assert in_time is not None
    assert (in_time.by, in_time.confirmed_by, in_time.at) == (ADA, BOB, NOON + HOUR)
    assert ASKED.confirmed(a_release(by=BOB, at=NOON + HOUR + MINUTE), HOUR) is None


def test_who_confirms_is_another_and_says_the_same() -> None:
    with pytest.raises(FourEyesError, match=r"^another person must confirm it"):
        ASKED.confirmed(a_release(by=ADA, at=NOON), HOUR)
    with pytest.raises(FourEyesError, match=r"who confirms must say the same$"):
        ASKED.confirmed(a_release(by=BOB, at=NOON, verdict=Verdict.FALSE_POSITIVE), HOUR)
