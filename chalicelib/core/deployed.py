"""Which version of Cordon is at work, since when, and where it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version, as the table remembers it: it knows of a roll-back as of an upgrade."""

    version: str
    since: datetime  # UTC, when it was first seen at work
    before: str = ""  # the version that it took the place of; empty: none is known
    address: str = ""  # at which its API was last asked; empty: nobody asked yet

    def __str__(self) -> str:
        told = f"{self.version}, since {self.since:%Y-%m-%d %H:%M} UTC"
        return f"{told}; {self.before} before it" if self.before else told
