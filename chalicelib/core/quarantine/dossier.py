"""What is on record about an instance, besides what EC2 says of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.policy import Mode, Policy, Response
from chalicelib.core.quarantine.exemption import Exemption
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
    """When an account opened its last quarantines; its window slides, ending now."""

    opened: tuple[datetime, ...] = ()  # UTC

    @property
    def count(self) -> int:
        return len(self.opened)

    def is_open(self, policy: Policy, now: datetime, band: Band) -> bool:
        """Whether a finding of `band` must wait: some room is kept for the critical ones."""
        return len(self.within(policy, now)) >= limit(policy, band)

    def within(self, policy: Policy, now: datetime) -> tuple[datetime, ...]:
        """Return those that count: a moment far ahead, of a clock that is wrong, does not."""
        return tuple(at for at in self.opened if abs(now - at) < policy.breaker_window)


def limit(policy: Policy, band: Band) -> int:
    """Return how many containments the window has room for, when a finding of `band` asks."""
    is_critical = band is Band.CRITICAL
    return policy.max_containments + (policy.kept_for_critical if is_critical else 0)


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything on record that bears on one finding about one instance."""

    quarantine: Quarantine | None = None  # the last one, open or released
    sightings: tuple[Sighting, ...] = ()
    exemption: Exemption | None = None
    breaker: Breaker = Breaker()
    mode: Mode | None = None  # the run-time kill switch, if somebody set it
    is_read: bool = True  # or it could not be, and is empty

    def incident(self, ref: InstanceRef) -> str:
        """Return the name of the incident of `ref`: of its quarantine, or of the one to come.

        Empty: nobody knows, since the record could not be read.
        """
        if not self.is_read:
            return ""
        last = self.quarantine
        if last is None or not last.is_open:
            return f"{ref.instance_id}-{last.number + 1 if last else 1}"
        return last.id

    def sighting(self, finding_id: str) -> Sighting | None:
        return next((s for s in self.sightings if s.finding_id == finding_id), None)
