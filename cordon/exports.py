"""Findings as people have them: events, answers of GetFindings, exports, Security Hub's."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.core.findings.finding import DETAIL_TYPE, SOURCE
from cordon.unwrap import unwrapped

_TEXTS = (".json", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zip")
_MOST_BYTES = 1 << 30  # of one file, unpacked
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Export:
    """One event out of a file, or why there is none."""

    name: str  # of the file, and the place in it if it holds several
    event: Mapping[str, Any] | None
    problem: str = ""


def read_exports(name: str) -> Iterator[Export]:
    """Yield what the file or folder `name` holds; `-` is standard input."""
    if name == STANDARD_INPUT:
        yield from _read_bytes(sys.stdin.buffer.read(), "stdin")
    elif (path := Path(name)).is_dir():
        yield from read_folder(path)
    elif path.is_file():
        yield from _read_file(path, path.name)


def read_folder(folder: Path) -> Iterator[Export]:
    """Yield what every JSON file below `folder` holds, by name of the file.

    A file may hold one document or one a line, and be gzipped or in a zip; its name ends as these
    do, in whatever case.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.lower().endswith((*_TEXTS, *_PACKED)):
            yield from _read_file(path, path.relative_to(folder).as_posix())


def _read_file(path: Path, name: str) -> Iterator[Export]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        yield Export(name, None, f"cannot be read: {error.strerror}")
        return
    yield from _read_bytes(raw, name)


def _read_bytes(raw: bytes, name: str) -> Iterator[Export]:
    try:
        if zipfile.is_zipfile(io.BytesIO(raw)):
            yield from _read_zip(raw, name)
            return
        if raw.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(_MOST_BYTES)
        text = raw.decode("utf-8-sig")
        yield from _read_text(text, name)
    except (OSError, EOFError, RecursionError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        yield Export(name, None, f"no JSON that can be read: {error}")


def _read_zip(raw: bytes, name: str) -> Iterator[Export]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith((*_TEXTS, ".gz")):
                with archive.open(member) as file:
                    yield from _read_bytes(file.read(_MOST_BYTES), f"{name}/{member.filename}")


def _read_text(text: str, name: str) -> Iterator[Export]:
    try:
        found = list(_findings(json.loads(text)))
    except json.JSONDecodeError as error:
        yield from _read_lines(text, name, str(error))
        return
    if not found:
        yield Export(name, None, "holds no finding")
    for nth, each in enumerate(found, 1):
        yield _export(name if len(found) == 1 else f"{name}:{nth}", each)


def _read_lines(text: str, name: str, why: str) -> Iterator[Export]:
    """Yield what each line holds; a bad one costs itself alone, and is named."""
    bad: list[Export] = []
    good = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        label = f"{name}:{number}"
        try:
            found = list(_findings(json.loads(line)))
        except (RecursionError, ValueError) as error:
            bad.append(Export(label, None, f"no JSON that can be read: {error}"))
            continue
        if not isinstance(found[0] if found else {}, Mapping):
            bad.append(Export(label, None, "is no JSON object"))
            continue
        good += 1
        for nth, each in enumerate(found, 1):
            yield _export(label if len(found) == 1 else f"{label}:{nth}", each)
    if good:
        yield from bad
    else:
        yield Export(name, None, f"no JSON that can be read: {why}")


def _export(label: str, found: Any) -> Export:
    if not isinstance(found, Mapping):
        return Export(label, None, "is no JSON object")
    try:
        return Export(label, as_event(found))
    except ValueError as error:
        return Export(label, None, str(error))


def _findings(document: Any) -> Iterator[Any]:
    if isinstance(document, list):
        for each in document:
            yield from _findings(each)
        return
    if isinstance(document, Mapping):
        # Security Hub's events have their findings one level below.
        detail = document.get("detail")
        for holder in (document, detail if isinstance(detail, Mapping) else {}):
            for key in ("Findings", "findings"):
                if isinstance(holder.get(key), list):
                    yield from holder[key]
                    return
    yield document


def as_event(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `found` as EventBridge would deliver it; an event is one already.

    A finding of GetFindings is spelled in PascalCase and is turned into the lowerCamelCase of
    events and exports; one of Security Hub's becomes the one that GuardDuty sent there.

    Raises:
        ValueError: it is one of Security Hub's, and not GuardDuty's, or cannot be read.
    """
    if "detail" in found or "detail-type" in found:
        return found
    detail = unwrapped(found)
    if detail is None:
        detail = _lower(found) if "Id" in found and "id" not in found else found
    return {
        "version": "0",
        "source": SOURCE,
        "detail-type": DETAIL_TYPE,
        "account": detail.get("accountId"),
        "region": detail.get("region"),
        "time": detail.get("updatedAt"),
        "resources": [],
        "detail": detail,
    }


def _lower(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_lower_key(key): _lower(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_lower(each) for each in value]
    return value


def _lower_key(key: str) -> str:
    """Return a key of the API as events spell it.

    Source: the service model of GuardDuty, in which every locationName is the member's name with
    its first letter lowered.
    """
    return key[:1].lower() + key[1:]
