"""How a response to a finding ended."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Outcome(enum.StrEnum):
    """The end of a response, strongest first. What could not be carried out raises instead."""

    CONTAINED = "contained"
    ALREADY_CONTAINED = "already_contained"
    HELD = "held"
    ALERTED = "alerted"
    RECORDED = "recorded"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class InstanceAnswer:
    """How it ended for one instance, with every reason."""

    instance_id: str
    outcome: Outcome
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How it ended for a finding: the strongest outcome of its instances."""

    outcome: Outcome
    instances: tuple[InstanceAnswer, ...] = ()

    @classmethod
    def of(cls, instances: tuple[InstanceAnswer, ...]) -> Answer:
        """Return the answer made of those of its `instances`, of which there is one at least."""
        order = list(Outcome)
        return cls(min((each.outcome for each in instances), key=order.index), instances)

    def as_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "instances": [
                {
                    "instance_id": each.instance_id,
                    "outcome": each.outcome.value,
                    "reasons": list(each.reasons),
                }
                for each in self.instances
            ],
        }
