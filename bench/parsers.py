"""What reads bytes that others wrote: seeds to begin with, and errors that are its answer.

Anything else that a reader raises is a fault. It needs the standard library only.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.dynamodb.records import from_quarantine, to_quarantine
from chalicelib.core.errors import (
    MalformedFindingError,
    MalformedNoticeError,
    NotAFindingError,
    UnreadableRecordError,
)
from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.notices import about_quarantines
from chalicelib.core.notices.notice import parse_notice, read_notice
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.repairs import Repairs
from chalicelib.core.quarantine.times import Times
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.reading import read
from tests.builders import a_finding, a_quarantine, a_release, a_sequence, an_ec2, an_event
from tests.core.threat_lists.shapes import SHAPES

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SIDECAR = b"\x1e"  # stands between a source and what is said of it
_TOLD = b'{"confidence": "high", "expires": "2027-01-31"}'
_ENTRIES = ["45.1.2.3", "45.1.3.0/24", "91.2.3.4"]


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads bytes; raises what is none of its declared errors, or AssertionError."""

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], None]


def _of_json(what: Callable[[dict[str, Any]], object], *errors: type[Exception]) -> Any:
    """Return a reader of bytes that lets `what` read the object that they are, if they are one."""

    def reads(data: bytes) -> None:
        try:
            said = json.loads(data)
        except (RecursionError, ValueError):
            return
        if isinstance(said, dict):
            with contextlib.suppress(*errors):
                what(said)

    return reads


def _notice(data: bytes) -> None:
    with contextlib.suppress(MalformedNoticeError):
        read_notice(parse_notice(data.decode("utf-8", "replace")))


def _source(data: bytes) -> None:
    body, cut, sidecar = data.partition(_SIDECAR)
    reading = read("f", body, sidecar if cut else None, Bar(min_prefix=8), _NOW)
    entries = list(reading.cleaned.entries())
    assert not (reading.is_unreadable and (entries or not reading.note)), repr(data[:300])


def _trusting(said: dict[str, Any]) -> float:
    severity: float = said["detail"]["severity"] + 0.0
    return severity


_EVENTS = tuple(
    json.dumps(event).encode()
    for event in (
        an_event(),
        an_event(type_="Backdoor:EC2/Spambot"),
        a_sequence(an_ec2("i-0a1b2c3d4e5f60718"), signals=[{"resourceUids": ["x"]}]),
    )
)
_BODIES = tuple(
    shape.write(["c1.bad.example"] if shape.takes == "domains" else _ENTRIES)
    for shape in SHAPES.values()
)
_RELEASED = a_quarantine(
    State.RELEASED,
    release=a_release(),
    released_at=_NOW,
    workers={"worker": _NOW},
    repairs=Repairs(1, _NOW),
    times=Times(first_cut=_NOW),
)
_NOTICE = about_quarantines.of_containment(a_quarantine(), a_finding(), "c2").as_json()

PARSERS: Mapping[str, Parser] = {
    "findings": Parser(_EVENTS, _of_json(parse_finding, NotAFindingError, MalformedFindingError)),
    "records": Parser(
        tuple(json.dumps(from_quarantine(each)).encode() for each in (a_quarantine(), _RELEASED)),
        _of_json(to_quarantine, UnreadableRecordError),
    ),
    "notices": Parser((json.dumps(_NOTICE).encode(),), _notice),
    "sources": Parser((*_BODIES, _BODIES[0] + _SIDECAR + _TOLD), _source),
}

# The control: one that trusts what it is told, and must be found out.
TRUSTING = Parser(_EVENTS, _of_json(_trusting, KeyError))
