"""Findings as people have them: events, what GetFindings answers, what GuardDuty exports to S3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.core.findings.finding import DETAIL_TYPE, SOURCE

_SUFFIXES = (".json", ".jsonl", ".json.gz", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Export:
    """One event out of a file, or why there is none."""

    name: str  # of the file, and the place in it if it holds several
    event: Mapping[str, Any] | None
    problem: str = ""


def read_folder(folder: Path) -> Iterator[Export]:
    """Yield what every JSON file below `folder` holds, by name of the file.

    A file may hold one document or one a line, and be gzipped.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.endswith(_SUFFIXES):
            yield from _read_file(path, path.relative_to(folder).as_posix())


def _read_file(path: Path, name: str) -> Iterator[Export]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
        found = list(_findings(_documents(text)))
    except (OSError, EOFError, RecursionError, ValueError) as error:
        yield Export(name, None, f"no JSON that can be read: {error}")
        return
    if not found:
        yield Export(name, None, "holds no finding")
    for nth, each in enumerate(found, 1):
        label = name if len(found) == 1 else f"{name}:{nth}"
        if isinstance(each, Mapping):
            yield Export(label, as_event(each))
        else:
            yield Export(label, None, "is no JSON object")


def _documents(text: str) -> list[Any]:
    """Return the documents of `text`: the one it is, or one for each line."""
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one line that is no JSON is a broken file
            raise
        return [json.loads(line) for line in lines]


def _findings(documents: list[Any]) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, list):
            yield from _findings(document)
        elif isinstance(document, Mapping) and isinstance(document.get("Findings"), list):
            yield from document["Findings"]
        elif isinstance(document, Mapping) and isinstance(document.get("findings"), list):
            yield from document["findings"]
        else:
            yield document


def as_event(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `found` as EventBridge would deliver it; an event is one already.

    A finding of GetFindings is spelled in PascalCase and is turned into the lowerCamelCase of
    events and exports.
    """
    if "detail" in found or "detail-type" in found:
        return found
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
