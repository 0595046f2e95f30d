"""How long it took to contain an instance, part by part; and the same of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

Parts = Mapping[str, float]  # seconds, by the name of a part

WHOLE = ("event_to_read_back", "record_to_read_back")  # of a finding's; of any


@dataclass(frozen=True, slots=True)
class Times:
    """When a containment came to its marks, UTC; None: not yet, or nobody knows."""

    activity: datetime | None = None  # GuardDuty last saw what the finding is about
    event: datetime | None = None  # the finding was sent
    first_cut: datetime | None = None  # EC2 had answered to the first change of all
    read_back: datetime | None = None  # every interface was read back on the deny group

    def parts(self, opened: datetime | None) -> dict[str, float]:
        """Return the seconds of each part of the way; one without both its ends is missing.

        None is below 0: EventBridge gives its time in whole seconds, and clocks differ.

        Args:
            opened: when the quarantine was recorded.
        """
        ends = {
            "activity_to_event": (self.activity, self.event),
            "event_to_record": (self.event, opened),
            "record_to_first_cut": (opened, self.first_cut),
            "record_to_read_back": (opened, self.read_back),
            "event_to_read_back": (self.event, self.read_back),
        }
        return {
            name: round(max((end - start).total_seconds(), 0.0), 3)
            for name, (start, end) in ends.items()
            if start is not None and end is not None
        }

    def whole(self, opened: datetime) -> float | None:
        """Return the seconds of the whole way: from the finding, or else from the record."""
        parts = self.parts(opened)
        return next((parts[name] for name in WHOLE if name in parts), None)


@dataclass(frozen=True, slots=True)
class Summary:
    """One part of the way, of several quarantines: the half, and all but one in twenty."""

    count: int
    p50: float  # seconds
    p95: float


def summed(parts: Iterable[Parts]) -> dict[str, Summary]:
    """Return the summary of each part that at least one of the quarantines has."""
    found = list(parts)
    names = dict.fromkeys(name for each in found for name in each)
    values = {name: sorted(each[name] for each in found if name in each) for name in names}
    return {
        name: Summary(len(some), percentile(some, 0.5), percentile(some, 0.95))
        for name, some in values.items()
    }


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the least of the values, in order and at least one, that `share` do not exceed."""
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]
