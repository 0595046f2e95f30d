"""GuardDuty's malware scans of an instance: which one counts, and what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.errors import ConflictError
from chalicelib.core.quarantine.record import Step, StepStatus

_NAMED = re.compile(r"^scan (\w+)")
QUOTA = "GuardDuty takes one scan of an instance an hour"


class NoCleanScanError(ConflictError):
    """No scan says that `instance_id` is clean, which the policy asks of a release."""

    def __init__(self, instance_id: str, why: str) -> None:
        super().__init__(
            f"{instance_id} cannot be released as remediated: {why}. Order the step malware_scan "
            f"and wait for its end ({QUOTA}), or give another verdict"
        )
        self.instance_id = instance_id


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as GuardDuty says that it is.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Scan.html
    """

    id: str
    status: str  # RUNNING, COMPLETED, FAILED or SKIPPED
    started_at: datetime  # UTC
    result: str = ""  # of one that is completed: CLEAN or INFECTED
    problem: str = ""  # why it failed or was skipped; in GuardDuty's words

    @property
    def is_clean(self) -> bool:
        return self.status == "COMPLETED" and self.result == "CLEAN"

    @property
    def is_infected(self) -> bool:
        return self.status == "COMPLETED" and self.result == "INFECTED"


def last_since(scans: Iterable[Scan], since: datetime) -> Scan | None:
    """Return the last scan that began after `since`, whoever asked for it."""
    later = (each for each in scans if each.started_at >= since)
    return max(later, key=lambda each: each.started_at, default=None)


def id_in(step: Step) -> str:
    """Return the id of the scan that a step tells of; empty: of none."""
    found = _NAMED.match(step.detail)
    return found[1] if found else ""


def running(scan_id: str) -> Step:
    """Return how the step stands whose scan was begun."""
    return Step(StepStatus.WAITING, f"scan {scan_id} is running")


def progress(scan: Scan | None) -> Step:
    """Return how the step stands whose scan is `scan`; None: there is none yet."""
    if scan is None:
        return Step(StepStatus.WAITING, f"{QUOTA}: it is asked again")
    if scan.status == "RUNNING":
        return running(scan.id)
    if scan.status == "COMPLETED":
        return Step(StepStatus.DONE, f"scan {scan.id} says {scan.result or 'nothing'}")
    why = scan.problem or "GuardDuty does not say why"
    return Step(StepStatus.FAILED, f"scan {scan.id} was {scan.status.lower()}: {why}")


def why_not_clean(scans: Iterable[Scan], since: datetime) -> str:
    """Return, for people, why no scan says that the instance is clean now; empty: one does."""
    scan = last_since(scans, since)
    if scan is None:
        return "no malware scan of it began since it is in quarantine"
    return "" if scan.is_clean else progress(scan).detail
