"""The manifests of a quarantine: what is kept of it, each with the hash of the one before.

One is written at each change of the evidence. It holds what came since the one before, so that the
chain names every piece, in the order in which they came.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib.core.quarantine.record import Line

LISTED = "evidence_listed"  # a line of the timeline: the number and the hash of a manifest


@dataclass(frozen=True, slots=True)
class Piece:
    """One object in the store of the evidence."""

    name: str
    sha256: str
    version_id: str  # S3's; empty: the store has none


@dataclass(frozen=True, slots=True)
class Manifest:
    """One link of the chain."""

    folder: str  # what the names of the pieces of its quarantine begin with
    number: int  # from 1
    before: str  # the SHA-256 of the one before; empty: it is the first
    pieces: tuple[Piece, ...]

    def as_bytes(self) -> bytes:
        """Return it as it is kept: JSON that ends with its own hash, so that no byte can change."""
        said = {
            "folder": self.folder,
            "number": self.number,
            "before": self.before,
            "pieces": [asdict(piece) for piece in self.pieces],
        }
        return json.dumps({**said, "sha256": _own(said)}, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Head:
    """The last manifest that is known; number 0: there is none."""

    number: int = 0
    sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"manifest": self.number, "sha256": self.sha256}


def read_manifest(body: bytes) -> Manifest | None:
    """Return the manifest that `body` is; None: it is none, or not as it was written."""
    try:
        said = json.loads(body)
        pieces = tuple(Piece(**each) for each in said["pieces"])
        found = Manifest(said["folder"], said["number"], said["before"], pieces)
    except (KeyError, RecursionError, TypeError, ValueError):
        return None
    return found if found.as_bytes() == body else None


def head_of(lines: Iterable[Line]) -> Head:
    """Return the last manifest that a timeline tells of."""
    return max(heads_of((line.what, line.detail) for line in lines), key=_number, default=Head())


def heads_of(lines: Iterable[tuple[object, object]]) -> Iterator[Head]:
    """Yield the manifests that lines tell of: each is what happened, and its detail."""
    for what, detail in lines:
        if what == LISTED and isinstance(detail, Mapping):
            yield Head(int(detail["manifest"]), str(detail["sha256"]))


def _number(head: Head) -> int:
    return head.number


def _own(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
