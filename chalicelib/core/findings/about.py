"""What a case keeps of the finding that opened it, for people and for the time to contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.findings.finding import Finding


def about(finding: Finding) -> Mapping[str, Any]:
    """Return the facts of `finding` that its report tells, as JSON."""
    return {
        "title": finding.title,
        "role": finding.role,
        "remote": finding.remote,
        "score": finding.score,
        "count": finding.count,
        "last_seen": finding.last_seen and finding.last_seen.isoformat(),
        "sent_at": finding.sent_at and finding.sent_at.isoformat(),
    }
