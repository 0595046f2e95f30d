"""Threads that run one at a time in a time of their own: a pause costs none of ours."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count


class VirtualTime:
    """A clock that goes on when nobody has anything to do before that moment."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._order = count()
        self._waiting: list[tuple[datetime, int, threading.Event]] = []
        self._idle = threading.Event()

    def start(self, act: Callable[[], object]) -> None:
        """Let `act` run from now on, until it pauses or ends."""
        begin = self._due(0)

        def run() -> None:
            begin.wait()
            act()
            self._idle.set()

        threading.Thread(target=run, daemon=True).start()

    def pause(self, seconds: float) -> None:
        """Wait; called by what was started."""
        wake = self._due(seconds)
        self._idle.set()
        wake.wait()

    def run(self) -> None:
        """Let all that was started come to its end."""
        while self._waiting:
            self.now, _, wake = heapq.heappop(self._waiting)
            self._idle.clear()
            wake.set()
            self._idle.wait()

    def _due(self, seconds: float) -> threading.Event:
        wake = threading.Event()
        at = self.now + timedelta(seconds=seconds)
        heapq.heappush(self._waiting, (at, next(self._order), wake))
        return wake
