"""What was held: a finding that deserves a containment, and why there was none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.instance import InstanceRef

# GuardDuty keeps a finding for 90 days; what is held is forgotten a day earlier, and that is told.
LAPSES_AFTER = timedelta(days=89)


@dataclass(frozen=True, slots=True)
class Held:
    """The strongest finding about one instance that was held, and every hold."""

    ref: InstanceRef
    finding_id: str
    finding_type: str
    score: float  # GuardDuty's
    reasons: tuple[str, ...]  # the values of the holds
    at: datetime  # UTC; when it was held last
    reminded: int = 0  # how often people were told of it again

    @property
    def key(self) -> str:
        return self.ref.key

    def reminders(self, now: datetime, after: timedelta) -> int:
        """Return how often people are to have been told again by `now`: each time half as often.

        That is after one period, two, four, eight, and so on.
        """
        return ((now - self.at) // after).bit_length() if after and now > self.at else 0

    def waits_for(self, *reasons: str) -> bool:
        """Whether nothing but `reasons` holds it."""
        return set(self.reasons) <= set(reasons)


def strongest_first(held: Iterable[Held]) -> Iterator[Held]:
    """Yield `held` by severity; of two that are equal, the one that has waited longer."""
    yield from sorted(held, key=lambda each: (-each.score, each.at, each.key))
