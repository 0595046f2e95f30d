"""The steps of a containment, in the order in which they are done: the one table of them.

A new one is a name in the record, a module beside this one and a line here: the flows, the notices,
the API and the docs take it from here.
"""

from __future__ import annotations

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import Step, StepName, StepStatus
from chalicelib.core.steps.address import ElasticAddress
from chalicelib.core.steps.credentials import Credentials
from chalicelib.core.steps.fleet import Fleet
from chalicelib.core.steps.metadata import Metadata
from chalicelib.core.steps.protection import Protection
from chalicelib.core.steps.step import ReversibleStep
from chalicelib.core.steps.stop import STOP
from chalicelib.core.steps.targets import Targets

# Those that change what the instance is, and are undone by the same loop run the other way.
REVERSIBLE: dict[StepName, ReversibleStep] = {
    step.name: step
    for step in (
        Protection(),
        Fleet(),
        Targets(),
        Metadata(),
        Credentials(),
        ElasticAddress(),
        STOP,
    )
}
# A member is stopped once it is in standby: in service, its health check would terminate it.
COMES_AFTER = {StepName.STOP: StepName.FLEET}

_TOLD = {
    StepName.DRAIN: "Cutting open connections",
    StepName.SNAPSHOTS: "Taking a snapshot of its volumes",
    StepName.MALWARE_SCAN: "Scanning its volumes for malware",
    **{name: step.sentence for name, step in REVERSIBLE.items()},
}
# What a notice says of how each step went.
SENTENCES = {name: _TOLD[name] for name in StepName if name in _TOLD}
# A person may order these; the cut is a quarantine by hand.
_KEEPS = {StepName.SNAPSHOTS, StepName.EVIDENCE, StepName.MALWARE_SCAN}
ORDERABLE = tuple(name for name in StepName if name in {*REVERSIBLE, *_KEEPS})


def planned(policy: Policy) -> dict[StepName, Step]:
    """Return how what has a switch stands right after the cut: due, or left off by the policy."""
    off = Step(StepStatus.SKIPPED, "the policy leaves it off")
    wanted = {name: step.is_wanted(policy) for name, step in REVERSIBLE.items()}
    wanted |= {StepName.SNAPSHOTS: policy.snapshots, StepName.MALWARE_SCAN: policy.malware_scan}
    return {name: Step(StepStatus.PENDING) if is_on else off for name, is_on in wanted.items()}


def escalations(policy: Policy) -> dict[StepName, int]:
    """Return what is done though it was left off, and after how many repairs; 0: never."""
    return {
        StepName.CREDENTIALS: policy.deny_after_repairs,
        StepName.STOP: policy.stop_after_repairs,
    }
