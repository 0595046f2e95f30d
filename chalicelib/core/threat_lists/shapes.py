"""The shape of a source, recognised by what is in it; its name says nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from chalicelib.core.threat_lists.body import blocks, sample
from chalicelib.core.threat_lists.columns import Said
from chalicelib.core.threat_lists.items import Item, items
from chalicelib.core.threat_lists.records import records
from chalicelib.core.threat_lists.tables import COMMENTS, table
from chalicelib.core.threat_lists.values import BESIDE, BROKEN, LONGEST

_MOST = 0.5  # of the lines
_SOME = 300  # items that show what the others are like
_MARKUP = re.compile(r"<\s*(?:!|\?xml|/?[a-z]+[\s>/])", re.ASCII | re.IGNORECASE)
_ARRAY = re.compile(r"\[\s*(?:[\[{\"\]]|$)", re.ASCII)
_FLAGS = re.ASCII | re.IGNORECASE | re.MULTILINE
_TO_LOOPBACK = r"[ \t]*(?:127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|::1?|fe80::1%lo0)[ \t]+"
_LOOPBACK = re.compile(rf"^{_TO_LOOPBACK}", _FLAGS)
_ELSEWHERE = re.compile(rf"^(?!{_TO_LOOPBACK})[ \t]*([^ \t\n]+).*", _FLAGS)
_LOCAL = re.compile(
    r"(?<![^ \t\n])"
    r"(?:localhost[46]?(?:\.localdomain[46]?)?|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0)"
    r"(?![^ \t\n])",
    _FLAGS,
)
_COMMENT = re.compile(r"#.*")
_BETWEEN = re.compile(r"(?<=[^ \t\n])[ \t]+(?=[^ \t\n])")


@dataclass(frozen=True, slots=True)
class Shaped:
    """What a source says, a value for each of its lines, or of its items."""

    read_as: str
    values: Iterable[str]  # read once; see `shaped` for what it raises


def shaped(body: bytes, said: Said, now: datetime) -> Shaped:
    """Return what `body` says, as `body.plain_body` made it.

    Raises:
        ValueError: it is broken as a whole, or without the column that somebody said; while the
            values are read, too.
        RecursionError: it is too deep.
    """
    lines = sample(body)
    full = [line for line in lines if line.strip() and not line.startswith(COMMENTS)]
    start = full[0].lstrip() if full else ""
    if _MARKUP.match(start):
        raise ValueError("it is a web page, perhaps of an error, or other markup")
    if start.startswith("{") and len(full) > 1 and _share(full, _is_object):
        return _of_items(_lines_of_json(body), said, now, "JSON lines")
    if start.startswith("{") or _ARRAY.match(start):
        return _of_items(items(body.decode("utf-8", "replace")), said, now)
    if not said.column and _share(full, _LOOPBACK.match):
        return Shaped("hosts file", _by_block(body, _hosts))
    if found := table(lines, said):
        return Shaped(found.read_as, _by_block(body, found.values))
    if said.column or said.where:
        raise ValueError("it is no table, and so has no column")
    return Shaped("lines", _by_block(body, _as_they_are))


def _share(lines: Sequence[str], is_so: Callable[[str], object]) -> bool:
    return sum(1 for line in lines if is_so(line)) > len(lines) * _MOST


def _is_object(line: str) -> bool:
    text = line.strip()
    return text.startswith("{") and text.endswith("}")


def _by_block(body: bytes, read: Callable[[list[str]], list[str]]) -> Iterator[str]:
    return chain.from_iterable(map(read, blocks(body)))


def _as_they_are(lines: list[str]) -> list[str]:
    return lines


def _hosts(lines: list[str]) -> list[str]:
    """Return the names of each line of a hosts file, without those of every machine.

    A name that leads to another address than the loopback is somebody's machine, not blocked.
    """
    text = _COMMENT.sub("", "\n".join(lines))
    text = _LOOPBACK.sub("", _ELSEWHERE.sub(rf"{BROKEN}\1", text))
    return _BETWEEN.sub(BESIDE, _LOCAL.sub("", text)).split("\n")


def _lines_of_json(body: bytes) -> Iterator[Item]:
    """Yield what is on each line; of a broken one, the line."""
    for lines in blocks(body):
        for line in lines:
            try:
                yield "", json.loads(line) if line.strip() else None
            except (RecursionError, ValueError):
                yield "", BROKEN + line[:LONGEST]


def _of_items(found: Iterator[Item], said: Said, now: datetime, read_as: str = "") -> Shaped:
    some = list(islice(found, _SOME))
    how = records(some, said, now)
    values = (how.value(name, value) for name, value in chain(some, found))
    return Shaped(f"{read_as}: {how.read_as}" if read_as else how.read_as, values)
