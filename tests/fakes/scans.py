"""GuardDuty's malware scans in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.core.evidence.scans import Scan
from tests.fakes.calls import Calls

_HOUR = timedelta(hours=1)


class FakeScans:
    """The scans of all instances; one an hour of each."""

    def __init__(self, calls: Calls, now: Callable[[], datetime]) -> None:
        self._calls = calls
        self._now = now
        self.known: dict[str, list[Scan]] = {}

    def start(self, instance_id: str) -> str | None:
        with self._calls.call("scans.start", instance_id):
            known = self.known.setdefault(instance_id, [])
            if any(self._now() - each.started_at < _HOUR for each in known):
                return None
            known.append(Scan(f"scan{len(known) + 1}", "RUNNING", self._now()))
            return known[-1].id

    def of(self, instance_id: str) -> tuple[Scan, ...]:
        with self._calls.call("scans.of", instance_id):
            return tuple(self.known.get(instance_id, ()))

    def end(self, result: str = "CLEAN", status: str = "COMPLETED", problem: str = "") -> None:
        """Let every scan that runs come to its end."""
        for known in self.known.values():
            known[:] = [
                replace(each, status=status, result=result, problem=problem)
                if each.status == "RUNNING"
                else each
                for each in known
            ]
