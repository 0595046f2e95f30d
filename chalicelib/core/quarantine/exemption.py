"""Exemptions: entries of the central list, each with an end, a reason, and who wanted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.core.errors import FourEyesError
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.person import are_two_persons

_DAY = timedelta(days=1)
_ENDLESS = datetime.max.replace(tzinfo=UTC)
_LATE = 4  # of an exemption shorter than four days, the last quarter


@dataclass(frozen=True, slots=True)
class Exemption:
    """An entry of the central list."""

    reason: str
    until: datetime | None = None  # UTC; None: nobody can read its end, so it holds
    by: str = ""  # the ARN of a person's role; "": it was written into the table by hand
    at: datetime | None = None  # UTC; since when it holds
    confirmed_by: str = ""  # the second person, where one is asked
    told: str = ""  # what people were told of its end

    def holds_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def is_ending(self, now: datetime) -> bool:
        """Whether people must be reminded: it ends within a day, or within its last quarter."""
        if self.until is None or not self.holds_at(now):
            return False
        whole = self.until - self.at if self.at else _DAY * _LATE
        return now >= self.until - min(_DAY, whole / _LATE)

    @property
    def words(self) -> str:
        """Its end, who wanted it, and why, for people."""
        ends = f"until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "with no readable end"
        by = self.by or "somebody with access to the table"
        return f"{ends}, by {by}: {self.reason or 'no reason given'}"


@dataclass(frozen=True, slots=True)
class Exempt:
    """An instance, and the exemption that it has."""

    ref: InstanceRef
    exemption: Exemption


@dataclass(frozen=True, slots=True)
class Wish:
    """What one person asked for, and a second must confirm."""

    by: str  # the ARN of a person's role
    reason: str
    until: datetime | None  # UTC; None: the exemption is to end
    at: datetime  # UTC

    def is_confirmed_by(self, second: Wish, within: timedelta) -> bool:
        """Whether `second` makes two persons of it; False: this one came too long ago.

        Raises:
            FourEyesError: the second is the first person, or wants something else.
        """
        if second.at > self.at + within:
            return False
        if not are_two_persons(self.by, second.by):
            raise FourEyesError("another person must confirm it: another user, or another role")
        if second.until != self.until:
            wanted = f"until {self.until.isoformat()}" if self.until else "that it ends"
            raise FourEyesError(f"{self.by} asked for {wanted}: who confirms must say the same")
        return True


def later(*exemptions: Exemption) -> Exemption | None:
    """Return the one that ends last; one without a readable end does not end."""
    return max(exemptions, key=lambda each: each.until or _ENDLESS, default=None)
