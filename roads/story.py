"""How `make roads` tells what it sees, and ends at the first thing that is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable

STARTED = time.monotonic()


def tell(line: str) -> None:
    print(f"{time.monotonic() - STARTED:5.0f} s  {line}", flush=True)


def check(what: str, *, holds: bool) -> None:
    """Say that something holds.

    Raises:
        AssertionError: it does not.
    """
    if not holds:
        raise AssertionError(what)
    tell(what)


def wait_until(what: str, holds: Callable[[], bool], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.3)
    tell(what)
