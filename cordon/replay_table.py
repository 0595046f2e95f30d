"""The rows of a replay, and how a person reads them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


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

    @property
    def explanation(self) -> str:
        if self.if_real:
            return f"{', '.join(self.reasons)}; if it were real: {self.if_real}"
        return f"{', '.join(self.reasons)}: {self.why}" if self.reasons else self.why


def print_rows(rows: list[Row], console: Console) -> None:
    """Print `rows` as a table, and the sum of them."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("time", no_wrap=True)
    table.add_column("finding", overflow="fold", ratio=3)
    table.add_column("sev", justify="right")
    table.add_column("role")
    table.add_column("instance", overflow="fold")
    table.add_column("outcome", no_wrap=True)
    table.add_column("why", overflow="fold", ratio=4)
    for row in rows:
        severity = "" if row.severity is None else f"{row.severity:g}"
        about = row.type or row.file
        cells = (row.time, about, severity, row.role, row.instance_id, row.outcome)
        table.add_row(*cells, row.explanation)
    console.print(table, markup=False)
    console.print(f"\n{_sum(rows)}", markup=False, highlight=False)


def _sum(rows: list[Row]) -> str:
    counts = Counter(row.outcome for row in rows)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    cut = len({row.instance_id for row in rows if row.outcome == "contained"})
    held = sum("breaker_open" in row.reasons for row in rows)
    return (
        f"{len(rows)} findings: {outcomes}.\n"
        f"{cut} instances would have been cut off; the circuit breaker would have held {held}."
    )
