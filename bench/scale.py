"""An organisation of ten thousand accounts, against AWS's documented quotas: a simulation.

Nothing here was measured on AWS. What a containment asks for is counted in a run of it; quotas,
with their sources, and assumptions are in `bench.simulation`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from bench.figures import DOCS, Drawing, Measured
from bench.on_aws import calls_of_containment
from bench.simulation import Answered, Simulation, Storm

_DRAWN = 3_600  # seconds: what takes longer would make the other bars invisible
_UNITS = 2  # of write, for a record of up to 2 KB in an index


def phases() -> tuple[Mapping[str, int], ...]:
    """Return what a containment takes out of which bucket: look, record, cut, and the rest."""
    calls = calls_of_containment()
    record, cut = (
        calls.index(name)
        for name in ("dynamodb.TransactWriteItems", "ec2.ModifyNetworkInterfaceAttribute")
    )
    parts = (calls[:record], calls[record:cut], calls[cut : cut + 1], calls[cut + 1 :])
    return tuple(_taken(part) for part in parts)


def _taken(calls: list[str]) -> Mapping[str, int]:
    """Return the tokens for `calls`: of APIs of EC2, and of the index that all records share."""
    taken = Counter(call for call in calls if call.startswith("ec2."))
    taken["by_opened"] = _UNITS * calls.count("dynamodb.TransactWriteItems")
    return +taken


STORMS = (
    Storm("a day, 10,000 accounts", 1_000_000, 86_400, 10_000),
    Storm("a minute, 10,000 accounts", 10_000, 60, 10_000),
    Storm("a minute, 100 accounts, breaker at 100", 10_000, 60, 100, most=100),
    Storm("a minute, one account", 10_000, 60, 1),
    Storm("a minute, one account, breaker off", 10_000, 60, 1, most=10_000),
)


def scale(storms: tuple[Storm, ...] = STORMS) -> Measured:
    """Run each storm to its end; none of its findings may be lost."""
    asked, told, drawn = phases(), [], {}
    for storm in storms:
        found = Simulation(storm, asked).run()
        ended = len(found.seconds) + found.held
        assert not found.lost, f"{storm.name}: {found.lost} lost"
        assert ended == storm.findings, f"{storm.name}: {ended} of {storm.findings} came to an end"
        told.append(f"{storm.name}: {_said(found)}")
        if found.percentile(0.99) < _DRAWN:
            drawn[storm.name] = round(found.percentile(0.99), 1)
    million = f"{dollars() * 1_000_000:,.0f} dollars a million findings, at most"
    return Measured(
        f"simulated, 0 lost. {'; '.join(told)}; {million}",
        (Drawing("scale", "Simulated seconds to the cut, 99th percentile", drawn),),
    )


def _said(found: Answered) -> str:
    first = [name for name, seconds in found.waited.most_common(1) if seconds]
    p50, p99 = (_time(found.percentile(share)) for share in (0.5, 0.99))
    words = [
        f"{len(found.seconds):,} cut, p50 {p50}, p99 {p99}",
        *([f"{found.held:,} held"] if found.held else []),
        *([f"waits for {first[0]}"] if first else []),
        *([f"{found.throttled:,} times no function free"] if found.throttled else []),
        *([f"{found.letters:,} dead letters handed back"] if found.letters else []),
    ]
    return ", ".join(words)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < _DRAWN else f"{seconds / 3_600:.0f} h"


def dollars() -> float:
    """Return what one finding costs, as docs/cost.md sums it up."""
    text = (DOCS / "cost.md").read_text(encoding="utf-8")
    rows = text.partition("## For each finding")[2].partition("\n## ")[0].partition("\n\nWrites")[0]
    return sum(map(int, re.findall(r"\| (\d+) \|$", rows, re.MULTILINE))) / 1_000_000
