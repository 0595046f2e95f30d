"""Who put an entry on a threat list, and how sure they are."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Confidence(enum.StrEnum):
    """How sure a source is of its entries, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    def reaches(self, floor: Confidence) -> bool:
        order = list(Confidence)
        return order.index(self) >= order.index(floor)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the entry of our threat list that caused a finding came from."""

    sources: tuple[str, ...] = ()  # the surest first
    confidence: Confidence | None = None  # of the surest
    trouble: str = ""  # why it is not known, in words

    @property
    def words(self) -> str:
        """One sentence for people."""
        if self.trouble:
            return f"Who put it on the threat list is not known: {self.trouble}"
        return f"Put on our threat list by {', '.join(self.sources)}, {self.confidence} confidence"

    def as_json(self) -> dict[str, Any]:
        return {
            "sources": list(self.sources),
            "confidence": self.confidence,
            "trouble": self.trouble or None,
        }
