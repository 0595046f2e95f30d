"""What the channels took last, and what they have not got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A notice that a channel has not got, as its last try left it."""

    channel: str  # its name
    notice_id: str
    at: datetime  # UTC; of that try
    what: str  # the subject of the notice
    why: str


@dataclass(frozen=True, slots=True)
class Receipts:
    """How the channels fare; of one that is not named nothing is on record."""

    took: Mapping[str, datetime] = field(default_factory=dict)  # when each last took a notice, UTC
    refused: tuple[Refusal, ...] = ()
