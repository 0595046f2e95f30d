"""The steps after the cut that change the instance, in the order in which they are done.

A new one is a module beside this one and a line here: the flows, the notices, the API and the docs
take it from here.
"""

from __future__ import annotations

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import Step, StepName, StepStatus
from chalicelib.core.steps.fleet import Fleet
from chalicelib.core.steps.metadata import Metadata
from chalicelib.core.steps.protection import Protection
from chalicelib.core.steps.step import ReversibleStep

REVERSIBLE: dict[StepName, ReversibleStep] = {
    step.name: step for step in (Protection(), Fleet(), Metadata())
}


def planned(policy: Policy) -> dict[StepName, Step]:
    """Return how what has a switch stands right after the cut: due, or left off by the policy."""
    off = Step(StepStatus.SKIPPED, "the policy leaves it off")
    return {
        name: Step(StepStatus.PENDING) if step.is_wanted(policy) else off
        for name, step in REVERSIBLE.items()
    } | {StepName.SNAPSHOTS: Step(StepStatus.PENDING) if policy.snapshots else off}
