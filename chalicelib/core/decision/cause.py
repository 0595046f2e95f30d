"""What a containment answers to: a finding, a person, or work that was left unfinished."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.decision.decision import Case
from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.quarantine.held import Held
from chalicelib.core.quarantine.record import Quarantine

CORDON = "cordon"  # who did it, in a timeline, when nobody in person


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what wants an instance cut off, and why."""

    by: str  # "guardduty", or the ARN of a person's role
    who: str  # what a timeline says of it
    reason: str  # one word for machines: a rule's name, or by_hand
    why: str  # one sentence for people
    severity: Band
    finding: Finding | None = None
    approves: Held | None = None  # what was held, and a person lets go

    @property
    def finding_id(self) -> str | None:
        """The finding that it answers to; None: a person asks for it without one."""
        if self.finding:
            return self.finding.id
        return self.approves.finding_id if self.approves else None

    @property
    def finding_type(self) -> str | None:
        if self.finding:
            return self.finding.type
        return self.approves.finding_type if self.approves else None

    @classmethod
    def of_case(cls, case: Case) -> Cause:
        """Return the finding of `case` as a cause."""
        finding, judgement = case.finding, case.judgement
        why = f"Exercise: {judgement.why}" if finding.is_exercise else judgement.why
        return cls("guardduty", CORDON, judgement.reason, why, finding.band, finding)

    @classmethod
    def by_hand(cls, by: str, why: str) -> Cause:
        """Return as a cause what a person asks for: somebody looked, so it weighs as High does."""
        return cls(by, by, "by_hand", why, Band.HIGH)

    @classmethod
    def unfinished(cls, quarantine: Quarantine) -> Cause:
        """Return as a cause that `quarantine` was begun, and whoever did is gone."""
        by, why = quarantine.opened_by, quarantine.reason
        return cls(by, CORDON, "taken_up", why, quarantine.severity)
