"""The order to give an instance back: who gave it, why, and who confirmed it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.core.errors import FourEyesError
from chalicelib.core.quarantine.person import are_two_persons


class Verdict(enum.StrEnum):
    """What a person found out; required of every release."""

    FALSE_POSITIVE = "false_positive"
    REMEDIATED = "remediated"
    ACCEPTED_RISK = "accepted_risk"


@dataclass(frozen=True, slots=True)
class Release:
    """An order to release, as the record keeps it; where four eyes are asked, first a request."""

    by: str  # the ARN of a person's role
    reason: str
    verdict: Verdict
    accepts_drift: bool  # what cannot be exact is left, and named
    at: datetime  # UTC
    confirmed_by: str | None = None  # the second person, where one is asked

    def confirmed(self, second: Release, within: timedelta) -> Release | None:
        """Return this request as an order, confirmed by `second`; None if it came too late.

        It counts from the confirmation: until then nothing was given back.

        Raises:
            FourEyesError: the second is the first person, or confirms something else.
        """
        if second.at > self.at + within:
            return None
        if not are_two_persons(self.by, second.by):
            raise FourEyesError("another person must confirm it: another user, or another role")
        if (second.verdict, second.accepts_drift) != (self.verdict, self.accepts_drift):
            raise FourEyesError(
                f"{self.by} asked for {self.verdict}, accept_drift {self.accepts_drift}: "
                "who confirms must say the same"
            )
        return replace(self, confirmed_by=second.by, at=second.at)
