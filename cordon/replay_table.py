"""The rows of a replay, and how a person reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chalicelib.core.plain_text import one_line

_LINE = 600  # characters
_MOST = 20  # sums by rule, and by account


@dataclass(frozen=True, slots=True)
class Row:
    """What Cordon would do with one finding about one instance, or about none."""

    file: str
    time: str
    type: str
    severity: float | None
    role: str
    instance_id: str
    outcome: str  # contained, held, alerted, recorded, ignored, or rejected
    reasons: tuple[str, ...]
    why: str
    if_real: str = ""  # of a sample: what the same finding would lead to
    account_id: str = ""
    region: str = ""
    finding_id: str = ""
    rule: str = ""  # that decided; or a gate, such as `sample`

    @property
    def explanation(self) -> str:
        if self.if_real:
            return f"{', '.join(self.reasons)}; if it were real: {self.if_real}"
        return f"{', '.join(self.reasons)}: {self.why}" if self.reasons else self.why


def print_rows(rows: list[Row], console: Console, heads: Iterable[str] = ()) -> None:
    """Print what holds for all of `rows`, their sums, and then each of them."""
    for line in (*heads, *_sums(rows), ""):
        console.print(one_line(line, _LINE), markup=False, highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("time", no_wrap=True)
    table.add_column("account", no_wrap=True)
    table.add_column("finding", overflow="fold", ratio=3)
    table.add_column("sev", justify="right")
    table.add_column("role")
    table.add_column("instance", overflow="fold")
    table.add_column("outcome", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=4)
    for row in rows:
        severity = "" if row.severity is None else f"{row.severity:g}"
        cells = (row.time, row.account_id, row.type or row.file, severity, row.role)
        said = (*cells, row.instance_id, row.outcome, row.explanation)
        # Some of it was chosen by whoever made the finding: nothing of it may move the cursor.
        table.add_row(*(Text(one_line(cell, _LINE)) for cell in said))
    console.print(table, markup=False)


def _sums(rows: list[Row]) -> Iterator[str]:
    counts = Counter(row.outcome for row in rows)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    cut = len({row.instance_id for row in rows if row.outcome == "contained"})
    held = sum("breaker_open" in row.reasons for row in rows)
    yield f"{len(rows)} findings: {outcomes}."
    yield (f"{cut} instances would have been cut off; the circuit breaker would have held {held}.")
    for name, field in (("rule", "rule"), ("account", "account_id")):
        found = Counter((getattr(row, field), row.outcome) for row in rows if getattr(row, field))
        for (value, outcome), count in found.most_common(_MOST):
            yield f"{name} {value}: {count} {outcome}"
        if len(found) > _MOST:
            yield f"and {len(found) - _MOST} more sums by {name}: --format json has every row"
