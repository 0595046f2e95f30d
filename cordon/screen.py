"""What a command shows: a table or a few lines for a person, or the same as JSON for a script.

Findings, tags and callers choose some of it: on a terminal nothing of theirs is markup, and no
control character of theirs arrives.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chalicelib.core.plain_text import one_line

_LONG = 2_000  # characters
_PIPE = 160  # columns, where there is no terminal to ask
COLOURS = {
    "CONTAINING": "bold yellow",
    "CONTAINED": "bold red",
    "RELEASING": "bold yellow",
    "RELEASED": "green",
    "done": "green",
    "failed": "bold red",
    "enforce": "green",
    "observe": "bold yellow",
}


def console() -> Console:
    """Return the terminal, or the pipe, that standard output is now."""
    return Console(width=None if sys.stdout.isatty() else _PIPE, highlight=False, markup=False)


def text(said: object, style: str = "") -> Text:
    """Return hostile text on one line; a state, a status or a mode has its colour."""
    line = one_line(str(said), _LONG)
    return Text(line, style or COLOURS.get(line, ""))


def as_json(said: Any) -> None:
    """Print `said` for a script."""
    print(json.dumps(said, indent=2))


def line(*parts: object) -> None:
    """Print one line for a person."""
    joined = Text(" ").join(part if isinstance(part, Text) else text(part) for part in parts)
    console().print(joined, soft_wrap=True)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one below the other."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        grid.add_row(Text(name), text(value))
    console().print(grid)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their heads."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(text(cell) for cell in row))
    console().print(made)


def heading(said: str) -> None:
    """Print the head of a section."""
    console().print(Text(f"\n{said}", "bold"))


def age(moment: str, now: datetime | None = None) -> str:
    """Return how long ago an ISO 8601 `moment` was, in its largest unit."""
    seconds = int(((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{max(seconds, 0)} s"
