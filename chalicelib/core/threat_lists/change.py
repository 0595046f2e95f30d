"""One thing that happened to the threat list, kept for ever and told to people."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.core.threat_lists.guards import Guard
from chalicelib.core.threat_lists.publication import Listed
from chalicelib.core.threat_lists.reasons import Reason, Refused
from chalicelib.core.threat_lists.versions import known

EXPIRED = "it has expired"  # the note of a source whose time is over


class Happened(enum.StrEnum):
    """How a sync ended, if there is something to tell."""

    PUBLISHED = "published"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What one object under `sources/` or `trusted/` did to the list."""

    name: str
    confidence: str
    expires: str | None
    entries: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: Mapping[Reason, Refused] = field(default_factory=dict)
    note: str = ""  # e.g. that it has expired
    read_as: str = ""  # e.g. `CSV, column 2 "dst_ip"`
    left_out: int = 0  # entries that there was no room for


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, when, and to what list."""

    number: int  # from 1
    happened: Happened
    at: datetime  # UTC
    digest: str  # of the list that it is about
    entries: int
    guards: Mapping[Guard, str]  # that stopped it, or were waved through, and why
    sources: tuple[SourceChange, ...] = ()
    live: int | None = None  # entries of the list that is live after it; None: none is

    @property
    def name(self) -> str:
        """The object that keeps it; whoever repeats a change after a crash names it the same."""
        return f"history/{self.number:06d}-{self.happened}-{self.digest[:12]}.json"

    def as_text(self) -> str:
        said = asdict(self) | {"at": self.at.isoformat()}
        return json.dumps(said, indent=1)


def parse_change(text: str) -> Change:
    """Return what `Change.as_text` said."""
    said = json.loads(text)
    return Change(
        number=said["number"],
        happened=Happened(said["happened"]),
        at=datetime.fromisoformat(said["at"]),
        digest=said["digest"],
        entries=said["entries"],
        guards={Guard(name): why for name, why in said["guards"].items()},
        sources=tuple(_source(each) for each in said["sources"]),
        live=said["live"],
    )


def _source(said: Mapping[str, Any]) -> SourceChange:
    refused = {Reason(name): Refused(**each) for name, each in said["refused"].items()}
    lists = {key: tuple(said[key]) for key in ("added", "removed")}
    return SourceChange(**{**known(SourceChange, said), **lists, "refused": refused})


def compared(
    now: Iterable[tuple[SourceChange, Listed]], before: Iterable[Listed]
) -> Iterator[SourceChange]:
    """Yield, for each source, what it added and removed; then the sources that are gone."""
    earlier = {each.name: each for each in before}
    for change, listed in now:
        old = earlier.pop(listed.name, None)
        yield replace(
            change,
            added=_without(listed, old),
            removed=_without(old, listed) if old else (),
        )
    for gone in earlier.values():
        yield SourceChange(
            gone.name, gone.confidence, None, 0, removed=gone.entries, note="it is gone"
        )


def lasting(before: int, listed: Iterable[Listed], now: Iterable[SourceChange]) -> int:
    """Return how many of the `before` entries of a list are not of sources that have expired."""
    expired = {each.name for each in now if each.note == EXPIRED}
    left = frozenset().union(*(each.entries for each in listed if each.name not in expired))
    return min(before, len(left)) if expired else before


def _without(listed: Listed, others: Listed | None) -> tuple[str, ...]:
    known = frozenset(others.entries if others else ())
    return tuple(entry for entry in listed.entries if entry not in known)
