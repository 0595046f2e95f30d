"""Somebody takes the tag by which a policy of the owner's knows what is held: it is set again."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.errors import StepFailedError
from chalicelib.core.instance import Instance
from chalicelib.core.notices import about_watch
from chalicelib.core.quarantine.record import Line, Quarantine, StepName, StepStatus
from chalicelib.core.steps.drift import has_lost_mark
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.settle import settle


def keep_marked(
    quarantine: Quarantine, instance: Instance, worker: str, to: Responder, *, observes: bool
) -> None:
    """Do the step `protection` anew, if it lost its tag; whoever only observes tells.

    The description of the instance, which was read anyway, shows it; a look of the step's own
    confirms it, since that description may be from before the tag was set.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
        CordonError: it could not be looked at, or done.
    """
    if not has_lost_mark(quarantine, instance):
        return
    step, ref = quarantine.step(StepName.PROTECTION), quarantine.ref
    seen = to.site(ref).attributes.see(ref.instance_id, {StepName.PROTECTION: step.before})
    if seen is None:
        return
    if seen.hidden:
        raise seen.hidden[StepName.PROTECTION]
    if not REVERSIBLE[StepName.PROTECTION].left(step.before, seen):
        return
    _tell_once_a_day(quarantine, to, observes=observes)
    if observes:
        return
    steps = {**quarantine.steps, StepName.PROTECTION: replace(step, status=StepStatus.PENDING)}
    due = quarantine.next(steps=steps)
    to.quarantines.save(due, Line(to.now(), CORDON, "mark_lost", {"marks": dict(seen.marks)}))
    _, problems = settle(due, (StepName.PROTECTION,), worker, to)
    if problems:
        raise StepFailedError(ref.instance_id, problems)


def _tell_once_a_day(quarantine: Quarantine, to: Responder, *, observes: bool) -> None:
    """Tell people; a crash repeats it, loses none."""
    now = to.now()
    told = Line(now, CORDON, "unmarked", {"day": now.date().isoformat(), "observes": observes})
    if to.quarantines.has(quarantine, told):
        return
    to.notices.publish(about_watch.of_unmarked(quarantine, repaired=not observes))
    to.quarantines.append(quarantine, told)
