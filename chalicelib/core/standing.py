"""How Cordon itself stands, as the watcher sees it every five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.posture import DetectorHealth
from chalicelib.core.plain_text import one_line
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.dossier import Breaker, limit

_LINE = 400  # characters
_MOST = 50  # threat lists


@dataclass(frozen=True, slots=True)
class Standing:
    """What only AWS knows; a text in the place of a fact says why it is missing."""

    at: datetime  # UTC
    dead_letters: int | str
    detector: DetectorHealth | str

    def as_json(self) -> dict[str, Any]:
        """Return it; what is not known is null, and `unknown` says why."""
        detector = None if isinstance(self.detector, str) else self.detector
        return {
            "watched_at": self.at.isoformat(),
            "dead_letters": None if isinstance(self.dead_letters, str) else self.dead_letters,
            "guardduty_enabled": detector and detector.is_enabled,
            "threat_lists": detector
            and [
                {"name": one_line(name, _LINE), "status": status}
                for name, status in detector.lists[:_MOST]
            ],
            "unknown": list(self._unknown()),
        }

    def _unknown(self) -> Iterator[str]:
        for what, fact in (("dead letters", self.dead_letters), ("GuardDuty", self.detector)):
            if isinstance(fact, str):
                yield one_line(f"{what}: {fact}", _LINE)


NEVER_WATCHED: dict[str, Any] = {
    "watched_at": None,
    "dead_letters": None,
    "guardduty_enabled": None,
    "threat_lists": None,
    "unknown": ["the watcher has not run yet"],
}


def of_breaker(breaker: Breaker, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return how full the window of an account's breaker is, as JSON."""
    return {
        "opened": len(breaker.within(policy, now)),
        "limit": limit(policy, Band.HIGH),
        "window_minutes": int(policy.breaker_window.total_seconds() // 60),
        "is_open": breaker.is_open(policy, now, Band.HIGH),
    }


def room_at(breaker: Breaker, policy: Policy, now: datetime) -> str | None:
    """Return when the window has room again, as one containment after the other leaves it."""
    counting = sorted(breaker.within(policy, now))
    over = len(counting) - limit(policy, Band.HIGH)
    return (counting[over] + policy.breaker_window).isoformat() if over >= 0 else None
