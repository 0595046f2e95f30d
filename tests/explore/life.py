"""The moves of the model in docs/quarantine.pml, which Spin checks: no record may make another."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

MODEL = Path(__file__).parents[2] / "docs" / "quarantine.pml"


@cache
def moves() -> frozenset[tuple[str, str]]:
    """Return each move that the model has, from one state of a record to another."""
    found = re.findall(r"\bmove\(([A-Z]+), ([A-Z]+)\)", MODEL.read_text(encoding="utf-8"))
    return frozenset((start, end) for start, end in found)
