"""One object under `sources/` or `trusted/`, as it was put there, made into lines."""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.stix import stix_lines

SIDECAR = ".meta.json"  # goes behind the name of the source that it is about

_LARGEST = 64 * 1024 * 1024  # bytes, unpacked: more than a million lines; a bomb is larger
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEADER = re.compile(r"[#;]\s*cordon:(.*)")
_OTX = "indicator type"  # first column of the first line of AlienVault's OTX CSV


@dataclass(frozen=True, slots=True)
class Source:
    """What one object says."""

    name: str
    lines: list[str]  # as numbered in the object; of a STIX bundle, an object a line
    confidence: Confidence = Confidence.MEDIUM
    expires: datetime | None = None  # UTC; None: never

    def holds_at(self, now: datetime) -> bool:
        return self.expires is None or now < self.expires


def read_source(name: str, body: bytes, sidecar: bytes | None, now: datetime) -> Source:
    """Return what an object says: text, CSV, OTX CSV or a STIX 2 bundle, as it is or gzipped.

    A line `# cordon: confidence=high expires=2027-01-31` among the comments at the top says more
    about the source; so does a JSON object beside it with the same keys, and that goes first.

    Raises:
        UnreadableSourceError: it cannot be read as a whole: no gzip, no JSON, too large, or a
            confidence or expiry that is none.
    """
    text = _text(name, _unpacked(name, body))
    said = _header(text)
    if sidecar is not None:
        said |= _sidecar(name, sidecar)
    lines = stix_lines(name, text, now) if text.lstrip()[:1] == "{" else _lines(text)
    return Source(name, lines, **_told(name, said))


def _unpacked(name: str, body: bytes) -> bytes:
    unpacked = b""
    while body.startswith(_GZIP):  # a gzip file may have several members
        member = zlib.decompressobj(wbits=31)
        try:
            unpacked += member.decompress(body, _LARGEST + 1 - len(unpacked))
        except zlib.error as error:
            raise UnreadableSourceError(name, str(error)) from error
        if len(unpacked) > _LARGEST:
            raise UnreadableSourceError(name, "it is too large")
        if not member.eof:
            raise UnreadableSourceError(name, "its gzip data end too early")
        body = member.unused_data
    found = unpacked or body
    if len(found) > _LARGEST:
        raise UnreadableSourceError(name, "it is too large")
    return found


def _text(name: str, body: bytes) -> str:
    if body.startswith(_UTF_16):
        try:
            return body.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableSourceError(name, str(error)) from error
    return body.decode("utf-8-sig", "replace")  # a bad character spoils its own line only


def _lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].partition(",")[0].strip().lower() == _OTX:
        return ["", *(line.partition(",")[2].strip() for line in lines[1:])]
    return lines


def _header(text: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for line in text[:4096].splitlines():
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


def _told(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(said) - {"confidence", "expires"}
    if unknown:
        raise UnreadableSourceError(name, f"it says {min(unknown)!a}, which means nothing here")
    told: dict[str, Any] = {}
    try:
        if "confidence" in said:
            told["confidence"] = Confidence(said["confidence"])
        if "expires" in said:
            moment = datetime.fromisoformat(str(said["expires"]))
            told["expires"] = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise UnreadableSourceError(name, str(error)) from error
    return told
