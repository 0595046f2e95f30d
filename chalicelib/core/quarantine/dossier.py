"""What is on record about an instance, besides what EC2 says of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.policy.policy import Mode, Policy, Response
from chalicelib.core.quarantine.record import Quarantine


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is remembered of one finding about an instance."""

    finding_id: str
    finding_type: str
    response: Response
    seen_at: datetime  # UTC; when Cordon last saw a version of it
    told: str = ""  # what people were last told about it, so that they are told once
    sha256: str = ""  # the version that was last kept as evidence


@dataclass(frozen=True, slots=True)
class Breaker:
    """How many quarantines an account opened in the present window."""

    since: datetime | None = None  # UTC; None: no window was ever opened
    count: int = 0

    def is_open(self, policy: Policy, now: datetime) -> bool:
        return self.runs(policy, now) and self.count >= policy.max_containments

    def runs(self, policy: Policy, now: datetime) -> bool:
        """Whether `now` is inside the window; after it the next containment starts another."""
        return self.since is not None and now < self.since + policy.breaker_window


@dataclass(frozen=True, slots=True)
class Exemption:
    """An entry of the central list."""

    reason: str
    until: datetime | None = None  # UTC; None: until it is taken off the list

    def holds_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything on record that bears on one finding about one instance."""

    quarantine: Quarantine | None = None  # the last one, open or released
    sightings: tuple[Sighting, ...] = ()
    exemption: Exemption | None = None
    breaker: Breaker = Breaker()
    mode: Mode | None = None  # the run-time kill switch, if somebody set it

    def sighting(self, finding_id: str) -> Sighting | None:
        return next((s for s in self.sightings if s.finding_id == finding_id), None)
