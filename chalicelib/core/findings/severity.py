"""GuardDuty's severity: a score, and the band that holds it."""

from __future__ import annotations

import enum
import math

_HIGHEST = 10.0


class Band(enum.StrEnum):
    """The four bands of GuardDuty, weakest first.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
    """

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"

    @property
    def floor(self) -> float:
        """The lowest score of this band; it runs up to, and not including, the next floor."""
        return _FLOORS[self]

    @classmethod
    def of(cls, score: float) -> Band:
        """Return the band that holds `score`; no score falls between two: 8.95 is High."""
        return next(band for band in reversed(cls) if score >= band.floor)


# Low starts at 0, not at GuardDuty's 1.0, so that an odd score below it still has a band.
_FLOORS = {Band.LOW: 0.0, Band.MEDIUM: 4.0, Band.HIGH: 7.0, Band.CRITICAL: 9.0}


def parse_score(value: object) -> float:
    """Return a severity as a score from 0.0 to 10.0.

    EventBridge sends a number, whole or not; a number in a string is read too.

    Raises:
        ValueError: it is neither, or is outside GuardDuty's scale.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a number")  # noqa: TRY004 - one error for every bad score
    if isinstance(value, int) and not 0 <= value <= _HIGHEST:
        raise ValueError("not on the scale")  # float() of a huge int would overflow
    if isinstance(value, str) and "_" in value:
        raise ValueError("not a number")  # float() would read 1_0 as ten
    score = float(value)
    if not math.isfinite(score) or not 0.0 <= score <= _HIGHEST:
        raise ValueError("not on the scale")
    return score
