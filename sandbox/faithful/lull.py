"""Answers that come once nothing more is asked: who waits for whom is then seen, not timed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Lull:
    """Holds every answer back until each call under way is held, and none began for a while.

    So calls that wait for no other overlap, however slow the machine is at what they do; only a
    thread that begins later than `seconds` after the others seems to wait for them.
    """

    seconds: float
    _under_way: int = 0
    _held: int = 0
    _lulls: int = 0
    _since: float = 0.0  # when something last began or ended
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """A call is under way inside the block."""
        self._move(under_way=1)
        try:
            yield
        finally:
            self._move(under_way=-1)

    def hold(self) -> None:
        """Return at the next lull."""
        self._move(held=1)
        with self._changed:
            mine = self._lulls
            while mine == self._lulls:
                left = self._since + self.seconds - time.monotonic()
                if self._held == self._under_way and left <= 0:
                    self._lulls += 1
                    self._held = 0
                    self._changed.notify_all()
                else:
                    self._changed.wait(max(left, 0.001))

    def _move(self, *, under_way: int = 0, held: int = 0) -> None:
        with self._changed:
            self._under_way += under_way
            self._held += held
            self._since = time.monotonic()
            self._changed.notify_all()
