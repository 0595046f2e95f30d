"""How often somebody let an instance out, and it was cut off again: counted, and told folded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.findings.severity import Band

_EPISODE = timedelta(days=1)  # without a repair; the next one counts from one again
_URGENT = 4


@dataclass(frozen=True, slots=True)
class Repairs:
    """The repairs of one episode, in which no day goes by without one."""

    count: int = 0
    last: datetime | None = None  # UTC

    def again(self, now: datetime) -> Repairs:
        """Return them with one more at `now`."""
        goes_on = self.last is not None and now - self.last < _EPISODE
        return Repairs(self.count + 1 if goes_on else 1, now)

    @property
    def is_told(self) -> bool:
        """Whether people hear of the last one: of the first, second, fourth, eighth and so on.

        An intruder who lets it out after each look would else send 288 equal messages a day.
        """
        return self.count & (self.count - 1) == 0

    @property
    def severity(self) -> Band:
        """How urgent it is: who comes back again and again has rights in the account."""
        return Band.CRITICAL if self.count >= _URGENT else Band.HIGH
