"""The shape of a source, recognised by what is in it; its name says nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from chalicelib.core.threat_lists.body import blocks, sample
from chalicelib.core.threat_lists.columns import Said
from chalicelib.core.threat_lists.items import Item, items
from chalicelib.core.threat_lists.records import records
from chalicelib.core.threat_lists.tables import COMMENTS, table
from chalicelib.core.threat_lists.values import BESIDE, BROKEN, LONGEST

_MOST = 0.5  # of the lines
_FEW = 128  # lines of JSON that are parsed together
_SOME = 300  # items that show what the others are like
_MARKUP = re.compile(r"<\s*(?:!|\?xml|/?[a-z]+[\s>/])", re.ASCII | re.IGNORECASE)
_ARRAY = re.compile(r"\[\s*(?:[\[{\"\]]|$)", re.ASCII)
_PAIR = 2  # an address and a name
_LOOPBACKS = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::", "fe80::1%lo0"})  # noqa: S104 - no bind
_LOCAL = re.compile(
    r"localhost[46]?(?:\.localdomain[46]?)?|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0",
    re.ASCII | re.IGNORECASE,
)


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
        return _of_items(items(body), said, now)
    if not said.column and _share(full, _is_of_hosts):
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


def _is_of_hosts(line: str) -> bool:
    first, *names = line.split()
    return bool(names) and (first in _LOOPBACKS or first.startswith("127."))


def _hosts(lines: list[str]) -> list[str]:
    """Return the names of each line of a hosts file, without those of every machine.

    A name that leads to another address than the loopback is somebody's machine, not blocked.
    """
    rows = (line.partition("#")[0].split() for line in lines)
    return [
        row[1]
        if len(row) == _PAIR and row[0] in _LOOPBACKS and not _LOCAL.fullmatch(row[1])
        else _names(row)
        for row in rows
    ]


def _names(row: list[str]) -> str:
    if not row or _is_of_hosts(" ".join(row)):
        return BESIDE.join(name for name in row[1:] if not _LOCAL.fullmatch(name))
    return BROKEN + " ".join(row)


def _lines_of_json(body: bytes) -> Iterator[list[Item]]:
    """Yield what is on each line; of a broken one, the line."""
    for lines in blocks(body):
        for at in range(0, len(lines), _FEW):
            yield [("", each) for each in _parsed(lines[at : at + _FEW])]


def _parsed(lines: list[str]) -> list[Any]:
    try:  # all at once: that costs a third
        found: list[Any] = json.loads(f"[{','.join([line.strip() or 'null' for line in lines])}]")
    except (RecursionError, ValueError):
        found = []
    return found if len(found) == len(lines) else [_parsed_line(line) for line in lines]


def _parsed_line(line: str) -> Any:
    try:
        return json.loads(line) if line.strip() else None
    except (RecursionError, ValueError):
        return BROKEN + line[:LONGEST]


def _of_items(found: Iterator[list[Item]], said: Said, now: datetime, read_as: str = "") -> Shaped:
    some: list[Item] = []
    while len(some) < _SOME and (batch := next(found, None)) is not None:
        some += batch
    how = records(some[:_SOME], said, now)
    values = chain.from_iterable(map(how.values, chain([some], found)))
    return Shaped(f"{read_as}: {how.read_as}" if read_as else how.read_as, values)
