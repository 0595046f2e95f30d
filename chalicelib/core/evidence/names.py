"""Pieces of evidence are named by what they hold: nobody can take a name before it is known."""

from __future__ import annotations

import hashlib

from chalicelib.core.findings.finding import Finding
from chalicelib.core.instance import InstanceRef


def name_of_finding(finding: Finding) -> str:
    """Return the name of this version of `finding`."""
    return f"findings/{finding.account_id}/{finding.region}/{finding.id}/{finding.sha256}.json"


def name_of_instance(ref: InstanceRef, number: int, as_described: str) -> str:
    """Return the name of the instance as it was before quarantine `number` of it."""
    digest = hashlib.sha256(as_described.encode()).hexdigest()
    return f"quarantines/{ref.key}/{number}/instance-before-{digest}.json"
