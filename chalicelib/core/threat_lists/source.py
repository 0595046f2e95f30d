"""One object under `sources/` or `trusted/`, as it was put there, made into values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.body import plain_body
from chalicelib.core.threat_lists.columns import Said
from chalicelib.core.threat_lists.shapes import shaped

SIDECAR = ".meta.json"  # goes behind the name of the source that it is about

_HEAD = 4_096  # bytes that may say something about the source
_HEADER = re.compile(r"[#;]\s*cordon:(.*)")


@dataclass(frozen=True, slots=True)
class Source:
    """What one object says."""

    name: str
    read_as: str  # the shape that it was taken for, e.g. `CSV, column 2 "dst_ip"`
    values: Iterable[str]  # one for each line, or item of a JSON document; may raise, as below
    confidence: Confidence = Confidence.MEDIUM
    expires: datetime | None = None  # UTC; None: never

    def holds_at(self, now: datetime) -> bool:
        return self.expires is None or now < self.expires


def read_source(name: str, body: bytes, sidecar: bytes | None, now: datetime) -> Source:
    """Return what an object says, whatever its shape; see docs/threat-lists.md for those.

    A line `# cordon: confidence=high expires=2027-01-31` among the comments at the top says more
    about the source; so does a JSON object beside it with the same keys, and that goes first.

    Raises:
        UnreadableSourceError: it cannot be read as a whole: no gzip, no JSON, too large, or a
            confidence, an expiry or a column that is none.
    """
    plain = plain_body(name, body)
    told = _header(plain[:_HEAD].decode("utf-8", "replace"))
    if sidecar is not None:
        told |= _sidecar(name, sidecar)
    with _as_unreadable(name):
        about = _told(told)
        found = shaped(plain, Said(about.pop("column", ""), about.pop("where", {})), now)
    return Source(name, found.read_as, _watched(name, found.values), **about)


@contextmanager
def _as_unreadable(name: str) -> Iterator[None]:
    try:
        yield
    except (OverflowError, RecursionError, ValueError) as error:
        raise UnreadableSourceError(name, str(error)) from error


def _watched(name: str, values: Iterable[str]) -> Iterator[str]:
    with _as_unreadable(name):
        yield from values


def _header(text: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", ";")):
            break
        if match := _HEADER.match(line):
            said |= dict(word.partition("=")[::2] for word in match[1].split())
    return said


def _sidecar(name: str, body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (RecursionError, ValueError) as error:
        raise UnreadableSourceError(name, f"{SIDECAR} is no JSON") from error
    if not isinstance(said, dict):
        raise UnreadableSourceError(name, f"{SIDECAR} is no JSON object")
    return said


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(said) - {"confidence", "expires", "column", "where"}
    if unknown:
        raise ValueError(f"it says {min(unknown)!a}, which means nothing here")
    told: dict[str, Any] = {}
    if "confidence" in said:
        told["confidence"] = Confidence(said["confidence"])
    if "expires" in said:
        moment = datetime.fromisoformat(str(said["expires"]))
        told["expires"] = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    if "column" in said:
        told["column"] = _column(said["column"])
    if "where" in said:
        told["where"] = _where(said["where"])
    return told


def _column(said: Any) -> str:
    if isinstance(said, bool) or not isinstance(said, int | str) or not str(said):
        raise ValueError("column must be a name, or a number from 1")
    return str(said)


def _where(said: Any) -> dict[str, frozenset[str]]:
    if not isinstance(said, dict):
        raise ValueError("where must be an object: a list of values for each column")  # noqa: TRY004 - one error for every bad value
    return {name: _values(values) for name, values in said.items()}


def _values(said: Any) -> frozenset[str]:
    values = said if isinstance(said, list) else [said]
    if not all(isinstance(each, str) for each in values):
        raise ValueError("where must name texts")
    return frozenset(each.lower() for each in values)
