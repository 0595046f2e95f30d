"""What is live, what was, and what changed: everything that a sync remembers, as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.versions import known

_MAX_BYTES = 35 * 1024 * 1024  # of one list
# Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_limits.html
_FAILED_KEPT = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """A list that went live: the objects that GuardDuty reads, named by what they hold."""

    digest: str  # SHA-256 of everything that went into it
    kind: ListKind
    parts: tuple[str, ...]  # names of the objects, one for each set
    entries: int
    index: str  # name of the object that says which source put which entry there


@dataclass(frozen=True, slots=True)
class Memory:
    """What one sync leaves to the next."""

    live: Publication | None = None
    good: Publication | None = None  # the last one before it that GuardDuty had activated
    failed: tuple[str, ...] = ()  # digests of lists that GuardDuty could not activate
    changes: int = 0  # how many there were
    refused: str = ""  # the refusal that people know of; empty: the last list was not refused
    untold: tuple[str, ...] = ()  # names of the changes that people are still to be told of
    version: str | None = field(default=None, compare=False)  # of the object; None: there is none

    def as_text(self) -> str:
        said = asdict(self)
        del said["version"]
        return json.dumps(said, indent=1)

    def with_failed(self, digest: str) -> tuple[str, ...]:
        """Return `failed` with `digest` as well; the oldest are forgotten."""
        return (*self.failed, digest)[-_FAILED_KEPT:]


def parse_memory(text: str, version: str) -> Memory:
    """Return what `Memory.as_text` said."""
    said = json.loads(text)
    for key in ("live", "good"):
        said[key] = said[key] and _publication(said[key])
    lists = {key: tuple(said[key]) for key in ("failed", "untold")}
    return Memory(**{**known(Memory, said), **lists, "version": version})


def _publication(said: Mapping[str, Any]) -> Publication:
    kind, parts = ListKind(said["kind"]), tuple(said["parts"])
    return Publication(said["digest"], kind, parts, said["entries"], said["index"])


@dataclass(frozen=True, slots=True)
class Listed:
    """The entries that one source put on the list."""

    name: str
    confidence: Confidence
    entries: tuple[str, ...]


def index_text(sources: Iterable[Listed]) -> str:
    """Return which source put which entry on the list, as text that is always the same."""
    return json.dumps([asdict(each) for each in sources], separators=(",", ":"))


def parse_index(text: str) -> tuple[Listed, ...]:
    """Return what `index_text` said."""
    return tuple(
        Listed(each["name"], Confidence(each["confidence"]), tuple(each["entries"]))
        for each in json.loads(text)
    )


def list_name(text: str) -> str:
    """Return the name of an object under `published/` that holds `text`, and nothing else ever."""
    return f"lists/{_sha256(text)}.txt"


def index_name(text: str) -> str:
    """Return the name of the index that holds `text`."""
    return f"indexes/{_sha256(text)}.json"


def digest_of(kind: ListKind, index: str, entries: Iterable[str], lacks: Iterable[str]) -> str:
    """Return the name of a list by what it holds, who put it there, and what could not be read."""
    return _sha256("\n".join((kind, index, *entries, *lacks)))


def parts_of(entries: Sequence[str], max_entries: int) -> tuple[str, ...]:
    """Return the texts of as many lists as `entries` need, none over GuardDuty's quota."""
    starts = range(0, len(entries), max_entries)
    return tuple(text for at in starts for text in _in_size(entries[at : at + max_entries]))


def _in_size(entries: Sequence[str]) -> Iterator[str]:
    text = "\n".join((*entries, ""))
    if len(text) <= _MAX_BYTES:  # an entry is ASCII
        yield text
        return
    half = len(entries) // 2
    yield from _in_size(entries[:half])
    yield from _in_size(entries[half:])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
