"""What no release gives back: to be known before, and to be said after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.core.quarantine.record import Quarantine, StepName, StepStatus
from chalicelib.core.steps.order import REVERSIBLE

_OF_THE_OTHERS: Mapping[StepName, str] = {
    StepName.DRAIN: "the connections that were open then are ended",
    StepName.SNAPSHOTS: "its snapshots are kept, and cost storage",
}
_DONE = frozenset({StepStatus.STARTED, StepStatus.DONE, StepStatus.UNDONE})


def lasting(quarantine: Quarantine) -> tuple[str, ...]:
    """Return, for people, what a release of `quarantine` cannot give back, or could not."""
    return tuple(of_steps(name for name, each in quarantine.steps.items() if each.status in _DONE))


def of_steps(names: Iterable[StepName]) -> Iterator[str]:
    """Yield, for people, what cannot be given back where the steps `names` were done."""
    for name in names:
        said = REVERSIBLE[name].lasting if name in REVERSIBLE else _OF_THE_OTHERS.get(name, "")
        if said:
            yield said
