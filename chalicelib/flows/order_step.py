"""A person orders a step that the policy left off, or that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.api.request import StepRequest
from chalicelib.core.decision.cause import Cause
from chalicelib.core.errors import (
    AlreadyReleasedError,
    ContainmentAtWorkError,
    NotAllowedError,
    RecordMovedError,
    ReleaseInProgressError,
    StepFailedError,
    UnfitStepError,
    UnknownInstanceError,
)
from chalicelib.core.evidence.scans import id_in
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.record import Line, Quarantine, State, Step, StepName, StepStatus
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.finish import finish, follow
from chalicelib.flows.quarantine.look import Look, look_in_order
from chalicelib.flows.quarantine.take_up import leave

_TRIES = 5


def order_step(ref: InstanceRef, request: StepRequest, to: Responder) -> Quarantine:
    """Carry out one step on a contained instance, because a person says so; return the record.

    One that is done already is not done again. Unless nothing of it is unfinished, the watcher
    goes on with it.

    Raises:
        NotAllowedError: Cordon may not act in that account.
        UnknownInstanceError: it is not in quarantine, and never was; or EC2 does not know it.
        ConflictError: it is not contained, or the step does not fit it.
        ReleaseInProgressError: it is being released.
        RecordMovedError: others keep changing the record; ask again.
    """
    worker = to.name_worker()
    for _ in range(_TRIES):
        look = look_in_order(ref, to)
        try:
            ordered = _ordered(look, ref, request, to)
            cause = Cause.unfinished(ordered)
            ordered = follow(ordered, cause, worker, to)
            # Another may have done the step meanwhile: then this one's lease is left over.
            return leave(finish(ordered, cause, worker, to), worker, to)
        except RecordMovedError:
            continue
        except StepFailedError:
            return to.quarantines.dossier(ref.key, ref.account_id).quarantine or ordered
    raise RecordMovedError(ref.instance_id)


def _ordered(look: Look, ref: InstanceRef, request: StepRequest, to: Responder) -> Quarantine:
    """Return the record in which the step is due; it is written down who ordered it, and why."""
    quarantine = _contained(look.dossier.quarantine, ref, request, to)
    is_under_way = quarantine.is_due(request.step) or quarantine.is_waiting(request.step)
    is_done = quarantine.step(request.step).status is StepStatus.DONE
    # A scan says how it was then: after a cleaning it is done anew.
    if is_under_way or (is_done and request.step is not StepName.MALWARE_SCAN):
        return quarantine
    step = _fit(quarantine, request, to)
    due = quarantine.next(steps={**quarantine.steps, request.step: step})
    detail = {"step": request.step, "reason": request.reason}
    to.quarantines.save(due, Line(to.now(), request.by, "step_ordered", detail))
    return due


def _contained(
    quarantine: Quarantine | None, asked: InstanceRef, request: StepRequest, to: Responder
) -> Quarantine:
    if quarantine is None:
        said = f"was never in quarantine in {asked.where}"
        raise UnknownInstanceError(request.instance_id, said)
    ref = quarantine.ref
    if not to.bounds(ref).allows(ref.account_id):
        raise NotAllowedError(ref.account_id)
    if quarantine.state is State.RELEASED:
        order = quarantine.release
        raise AlreadyReleasedError(ref.instance_id, order.by if order else "?")
    if quarantine.state is State.RELEASING:
        raise ReleaseInProgressError(ref.instance_id)
    if quarantine.state is State.CONTAINING:
        raise ContainmentAtWorkError(ref.instance_id, "it is contained")
    return quarantine


def _fit(quarantine: Quarantine, request: StepRequest, to: Responder) -> Step:
    """Return the step as due; what undoes it may have been written down by an earlier try."""
    earlier = quarantine.step(request.step)
    if request.step is StepName.MALWARE_SCAN:
        return Step(StepStatus.PENDING, before={"seen": id_in(earlier)})
    due = Step(StepStatus.PENDING, before=earlier.before)
    kind = REVERSIBLE.get(request.step)
    attributes = to.site(quarantine.ref).attributes
    asked: dict[StepName, Mapping[str, Any]] = {request.step: due.before}
    seen = attributes.see(request.instance_id, asked) if kind else None
    if kind and seen is None:
        raise UnknownInstanceError(request.instance_id, "is gone")
    is_seen = seen and request.step not in seen.hidden
    why_not = kind.unfit(seen) if kind and seen and is_seen and not due.before else ""
    if why_not:
        raise UnfitStepError(f"the step {request.step} cannot be ordered: {why_not}")
    return due
