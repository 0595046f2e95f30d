"""Every call of a port, in its order, and what is made to happen around it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ALWAYS = 10**9


class Crash(BaseException):
    """The process died here; nothing in the program may survive it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a port."""

    name: str  # "quarantines.save"
    about: str = ""  # what it was made for


@dataclass
class _Hook:
    name: str
    do: Callable[[], object]
    times: int
    skip: int
    about: str
    is_late: bool

    def takes(self, call: Call, *, is_late: bool) -> bool:
        """Whether it is to run now; it counts how often it was met."""
        if (self.name, self.is_late) != (call.name, is_late) or self.about not in call.about:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0


class Calls:
    """The log of all fakes of one world, and the hooks into them."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        self._hooks: list[_Hook] = []
        self._crash: tuple[int, bool] | None = None
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        return [call.name for call in self.made]

    def before(
        self,
        name: str,
        do: Callable[[], object],
        *,
        times: int = 1,
        skip: int = 0,
        about: str = "",
    ) -> None:
        """Let `do` run before the calls `name`: `times` of them, `skip` calls from now."""
        self._hooks.append(_Hook(name, do, times, skip, about, is_late=False))

    def after(
        self,
        name: str,
        do: Callable[[], object],
        *,
        times: int = 1,
        skip: int = 0,
        about: str = "",
    ) -> None:
        """Let `do` run after the effect of the calls `name`, as `before` does before it."""
        self._hooks.append(_Hook(name, do, times, skip, about, is_late=True))

    def crash(self, at: int, *, after: bool) -> None:
        """Let the process die at the call number `at`, from 1: before its effect, or after it."""
        self._crash = (at, after)

    @contextmanager
    def call(self, name: str, about: str = "") -> Iterator[None]:
        """Log a call, whose effect is the block, and do what was asked for around it."""
        call = Call(name, about)
        with self._lock:
            self.made.append(call)
            number = len(self.made)
        self._around(call, number, is_late=False)
        yield
        self._around(call, number, is_late=True)

    def _around(self, call: Call, number: int, *, is_late: bool) -> None:
        if self._crash == (number, is_late):
            raise Crash(f"{'after' if is_late else 'before'} call {number}, {call.name}")
        with self._lock:
            due = [hook for hook in self._hooks if hook.takes(call, is_late=is_late)]
        for hook in due:
            hook.do()
