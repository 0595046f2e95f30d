"""The sums of docs/cost.md are right, and it counts what is there."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

import app as door
from tests.house.source import ROOT
from tests.infra.template import of_type

MONTH = timedelta(days=30)


def rows(heading: str) -> dict[str, list[str]]:
    """Return the rows of the table below a heading, by their first cell."""
    text = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"# {heading}\n")
    lines = re.findall(r"^\| (.+) \|$", section.split("\n## ")[0], re.MULTILINE)
    cells = [[cell.strip(" *") for cell in line.split(" | ")] for line in lines[1:]]
    return {first: more for first, *more in cells}


EACH_MONTH, EACH_FINDING = rows("Each month"), rows("For each finding")


def total(table: dict[str, list[str]]) -> Decimal:
    assert len(table) > 3
    return sum((Decimal(row[-1]) for row in table.values()), Decimal(0))


@pytest.mark.parametrize("findings", [10, 1_000, 100_000])
def test_a_month_is_the_sum_of_its_parts(findings: int) -> None:
    fixed, variable, together = map(Decimal, rows("What a month costs")[f"{findings:,}"])

    assert fixed == total(EACH_MONTH)
    exact = total(EACH_FINDING) * findings / 1_000_000
    assert variable == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert together == fixed + variable


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("KMS key", "AWS::KMS::Key"),
        ("alarms", "AWS::CloudWatch::Alarm"),
        ("metrics from logs", "AWS::Logs::MetricFilter"),
        ("dashboard", "AWS::CloudWatch::Dashboard"),
    ],
)
def test_what_is_paid_each_month_is_what_the_template_makes(row: str, kind: str) -> None:
    assert re.split(r"\D", EACH_MONTH[row][0])[0] == str(len(of_type(kind)))


def test_the_runs_of_a_month_are_those_of_the_schedules() -> None:
    rates = [
        re.fullmatch(r"rate\((\d+) (minute|hour)s?\)", str(source.schedule_expression))
        for source in door.app.event_sources
        if hasattr(source, "schedule_expression")
    ]
    runs = sum(MONTH // timedelta(**{f"{rate[2]}s": int(rate[1])}) for rate in rates if rate)

    assert len(rates) == 2
    assert EACH_MONTH["watcher and sync"][0].startswith(f"{runs:,} runs")
