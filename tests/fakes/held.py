"""What was held, in memory."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from chalicelib.core.quarantine.held import Held
from tests.fakes.calls import Calls


class FakeHeld:
    """One for each instance, the strongest."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Held, str]] = {}

    def keep(self, held: Held, event: str) -> None:
        with self._calls.call("held.keep", held.key), self._lock:
            known = self._held.get(held.key)
            if known is None or known[0].score <= held.score:
                self._held[held.key] = (held, event)

    def all(self) -> tuple[Held, ...]:
        with self._calls.call("held.all"), self._lock:
            return tuple(held for _, (held, _) in sorted(self._held.items()))

    def event(self, held: Held) -> Mapping[str, Any] | None:
        with self._calls.call("held.event", held.key), self._lock:
            kept = self._held.get(held.key)
            return dict(json.loads(kept[1])) if kept else None

    def remind(self, held: Held) -> None:
        with self._calls.call("held.remind", held.key), self._lock:
            known = self._held.get(held.key)
            if known is not None and known[0].at == held.at:
                self._held[held.key] = (held, known[1])

    def drop(self, key: str) -> None:
        with self._calls.call("held.drop", key), self._lock:
            self._held.pop(key, None)
