"""Tables as text: CSV with any of the usual separators, with a header, a commented one, or none."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chalicelib.core.threat_lists.columns import (
    GOOD_WORDS,
    Said,
    chosen,
    is_known,
    is_verdict,
    kinds,
    range_end,
    range_start,
    shown,
)
from chalicelib.core.threat_lists.values import BESIDE, BROKEN, good

COMMENTS = ("#", ";", "//", "!")

_SPACE = " "
_SEPARATORS = {
    "\t": "parted by tabs",
    ",": "CSV",
    ";": 'CSV with ";"',
    "|": 'parted by "|"',
    _SPACE: "parted by spaces",
}
_MOST = 0.5  # of the lines have the same number of cells
_COMMENT = re.compile(r"^[#;/!\s]+")
_EDGES = " \t\"'"
_VERDICT_EDGES = " \t\"';:"


@dataclass(frozen=True, slots=True)
class Table:
    """How the cells of one column are found."""

    separator: str
    width: int  # cells of a line
    column: int  # from 0
    names: tuple[str, ...] = ()
    header: str = ""  # the line that is one
    where: tuple[tuple[int, frozenset[str]], ...] = ()  # lines count if these cells are so
    verdicts: tuple[int, ...] = ()  # columns that say which lines are about what is good
    is_one_line: bool = False  # entries side by side, and nothing else
    until: int | None = None  # the column with the end of the range that `column` begins

    @property
    def read_as(self) -> str:
        if self.is_one_line:
            return f"{_SEPARATORS[self.separator]}, all columns"
        name = f" {shown(self.names[self.column])}" if self.names else ""
        until = "" if self.until is None else f" to {shown(self.names[self.until])}"
        return f"{_SEPARATORS[self.separator]}, column {self.column + 1}{name}{until}"

    def values(self, lines: list[str]) -> list[str]:
        """Return the column's cell of each line; empty for a comment, or where it does not count.

        A line that ends too early, or inside a quote, is broken: its cell may be cut too.
        """
        lines = ["" if line.startswith(COMMENTS) or line == self.header else line for line in lines]
        if self.is_one_line:
            return [BESIDE.join(row) for row in _rows(lines, self.separator)]
        rows = _rows(lines, self.separator, self._last + 1)
        least = min(max(self.column, self.until or 0) + 2, self.width)
        if self.where:
            passed = [""] * self.width
            rows = [row if len(row) < least or self._counts(row) else passed for row in rows]
        at, until = self.column, self.until
        values = [
            row[at].strip(_EDGES) if len(row) >= least else line.strip() and BROKEN + line
            for row, line in zip(rows, lines, strict=True)
        ]
        if until is not None:
            values = [
                f"{value}-{row[until].strip(_EDGES)}" if value and len(row) >= least else value
                for value, row in zip(values, rows, strict=True)
            ]
        if self.verdicts:
            values = [
                good(value) if value and self._is_good(row) else value
                for value, row in zip(values, rows, strict=True)
            ]
        return values

    def _is_good(self, row: Sequence[str]) -> bool:
        """Whether another cell says that the line is about nothing bad."""
        return any(
            at < len(row) and row[at].strip(_VERDICT_EDGES).lower() in GOOD_WORDS
            for at in self.verdicts
        )

    @property
    def _last(self) -> int:
        """The last column that is looked at."""
        return max(self.column, self.until or 0, *(at for at, _ in self.where), *self.verdicts)

    def _counts(self, row: Sequence[str]) -> bool:
        return all(
            at < len(row) and row[at].strip(_EDGES).lower() in allowed for at, allowed in self.where
        )


def table(lines: Sequence[str], said: Said) -> Table | None:
    """Return how the table is read that `lines` are some of; None: they are of none.

    Raises:
        ValueError: it has no column of the name, or the number, that somebody said.
    """
    data = [line for line in lines if line.strip() and not line.startswith(COMMENTS)]
    comments = [line for line in lines if line.startswith(COMMENTS)]
    for separator in _SEPARATORS:
        if separator in "\t " and _are_values(data):
            continue  # ranges, or networks with their masks
        rows = _rows(data, separator)
        width, often = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width > 1 and often >= len(rows) * _MOST:
            full = [row for row in rows if len(row) == width]
            found = _described(separator, full, _names(comments, separator, width), said)
            if found:
                head = next(line for line, row in zip(data, rows, strict=True) if row is full[0])
                return replace(found, header=head) if found.names == tuple(full[0]) else found
    return None


def _are_values(lines: Sequence[str]) -> bool:
    return len(lines) * _MOST <= len(lines) - kinds(lines).count("")


def _described(
    separator: str, rows: list[list[str]], names: tuple[str, ...], said: Said
) -> Table | None:
    if _is_header(rows[0]):
        names = tuple(rows[0])
    cells = rows[1:] if names == tuple(rows[0]) else rows
    width = len(rows[0])
    if said.column:
        at: int | None = said.index(said.column, names, width)
    else:
        at = chosen([[row[at] for row in cells] for at in range(width)], names)
    if at is None:
        return None
    if not said.column:
        at = range_start(names, at)
    if len(rows) == 1 and not (names or said.column) and all(kinds(rows[0])):
        return Table(separator, width, at, is_one_line=True)
    return Table(
        separator,
        width,
        at,
        names,
        where=said.lines(names, width),
        verdicts=tuple(
            n
            for n in range(width)
            if n != at and is_verdict(row[n].strip(_VERDICT_EDGES) for row in cells)
        ),
        until=None if said.column else range_end(names, at),
    )


def _names(comments: Iterable[str], separator: str, width: int) -> tuple[str, ...]:
    """Return the last header among the comments, as trackers write it."""
    rows = _rows([_COMMENT.sub("", line) for line in comments], separator)
    return next((tuple(r) for r in reversed(rows) if len(r) == width and _is_header(r)), ())


def _is_header(row: Sequence[str]) -> bool:
    """Whether a row names columns: each has a name, and none is an entry or a number."""
    cells = [cell.strip(_EDGES) for cell in row]
    named = all(cell and not cell[0].isdigit() for cell in cells)
    return named and not any(kinds(cell for cell in cells if not is_known(cell)))


def _rows(lines: list[str], separator: str, most: int = -1) -> list[list[str]]:
    """Return the cells of each line; none of one whose quotes are wrong.

    Where there is no quote, no more than `most` separators are looked for.
    """
    if separator == _SPACE:
        return [line.split(None, most) for line in lines]
    if not any('"' in line for line in lines):
        return [line.split(separator, most) for line in lines]
    whole = _parsed(lines, separator)
    if len(whole) == len(lines):
        return whole
    return [row for line in lines for row in _parsed([line], separator) or [[]]]


def _parsed(lines: list[str], separator: str) -> list[list[str]]:
    """Return the rows of quoted lines; nothing if one of them is wrong."""
    try:
        return list(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error:  # so is a cell over 128 KiB
        return []
