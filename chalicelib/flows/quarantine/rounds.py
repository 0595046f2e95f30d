"""The only loop that changes AWS: look, do what is left, look again, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

ROUNDS = 4  # EC2 may answer with what was; and an attacker may change things meanwhile
PAUSE = 0.5  # seconds, times the round


class Work(Protocol):
    """One thing to bring about, both ways: a cut, a step, what a release gives back."""

    def left(self) -> object:
        """Return what is left to do, by the last look; what is false ends the work."""

    def change(self) -> None:
        """Do what is left."""

    def look(self) -> None:
        """See how the world is now."""


def in_rounds(work: Work, pause: Callable[[float], None]) -> None:
    """Do `work` until nothing is left of it, or the rounds are over: then something still is."""
    for turn in range(ROUNDS):
        if not work.left():
            return
        work.change()
        if turn:
            pause(PAUSE * turn)
        work.look()
