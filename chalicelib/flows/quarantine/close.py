"""A cut that was read back is recorded, with what is due after it: imported once it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.quarantine.record import Line, Quarantine, State, Step, StepName, StepStatus
from chalicelib.core.steps.network import kept_by_others
from chalicelib.core.steps.order import escalations, planned
from chalicelib.core.steps.stop import foreseen
from chalicelib.flows.quarantine.cut import Cut, changes_of
from chalicelib.flows.quarantine.drain import drain_step


def close(cut: Cut, worker: str) -> Quarantine:
    """Record that the instance is contained, which was read back, with the changes that did it.

    A quarantine that was contained before keeps its steps: the cut was only repaired. Who lets
    the instance out again and again is on the network nearly all day: then more is done.
    """
    changes, workers = changes_of(cut.applied), cut.quarantine.without(worker)
    if cut.quarantine.state is State.CONTAINED:
        contained = cut.quarantine.next(workers=workers, steps=_escalated(cut))
        cut.to.quarantines.save(contained, Line(cut.to.now(), CORDON, "cut_again", changes))
        return contained
    steps = {
        **cut.quarantine.steps,
        StepName.CUT: Step(StepStatus.DONE, "every interface was read back on the deny group"),
        StepName.DRAIN: drain_step(cut),
        **planned(cut.policy),
        StepName.STOP: foreseen(cut.instance, cut.policy, cut.quarantine.finding_type),
    }
    now = cut.to.now()
    times = replace(cut.quarantine.times, first_cut=cut.cut_at, read_back=now)
    contained = cut.quarantine.next(
        state=State.CONTAINED, steps=steps, workers=workers, times=times
    )
    first = {"cut_at": cut.cut_at.isoformat()} if cut.cut_at else {}
    cut.to.quarantines.save(contained, Line(now, CORDON, "contained", {**first, **changes}))
    return contained


def _escalated(cut: Cut) -> Mapping[StepName, Step]:
    steps, count = cut.quarantine.steps, cut.quarantine.repairs.count
    due = (
        name
        for name, after in escalations(cut.policy).items()
        if 0 < after <= count and cut.quarantine.step(name).status is StepStatus.SKIPPED
    )
    return {**steps, **dict.fromkeys(due, Step(StepStatus.PENDING))}


def record_part(cut: Cut, worker: str) -> Quarantine:
    """Record which interfaces could not be cut, and which were; the quarantine stays unfinished."""
    left = list(kept_by_others(cut.instance))
    line = Line(cut.to.now(), CORDON, "partly_cut", {"left": left, **changes_of(cut.applied)})
    after = cut.quarantine.next(workers=cut.quarantine.without(worker))
    cut.to.quarantines.save(after, line)
    return after
