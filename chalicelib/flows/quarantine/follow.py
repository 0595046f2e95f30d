"""Steps that AWS carries out by itself, and that are followed to their end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chalicelib.core.decision.cause import Cause
from chalicelib.core.errors import AwsRefusedError, CordonError
from chalicelib.core.evidence.snapshots import UNFOLLOWED, Snapshot, names_of, progress
from chalicelib.core.quarantine.record import Quarantine, Step, StepName, StepStatus
from chalicelib.flows.ports.responder import Responder

_Found = tuple[Snapshot, ...]


def take_snapshots(quarantine: Quarantine, _: Cause, to: Responder) -> Step:
    """Take one snapshot of all volumes, or see how far EC2 got; a release keeps it.

    It is locked at once, so that nobody deletes it meanwhile. Once it is complete it is locked
    again, since that may have been refused, and shared.
    """
    ref, step = quarantine.ref, quarantine.step(StepName.SNAPSHOTS)
    snapshots = to.site(ref).snapshots
    if step.status is StepStatus.WAITING:
        found = snapshots.taken(quarantine.id)
        after = progress(step.detail, found)
        return _secured(quarantine, found, to) if after.status is StepStatus.DONE else after
    found = snapshots.take(ref.instance_id, quarantine.id)
    with suppress(AwsRefusedError):  # it is told once they are complete
        _lock(quarantine, found, to)
    after = progress("", found)
    if after.status is StepStatus.DONE and _is_kept_so(to):
        return replace(after, status=StepStatus.WAITING)
    return after


def _is_kept_so(to: Responder) -> bool:
    """Whether more is to be done with snapshots that are complete."""
    return bool(to.policy.lock_snapshots_days or to.policy.share_snapshots_with)


def _secured(quarantine: Quarantine, found: _Found, to: Responder) -> Step:
    names, days, others = (
        names_of(found),
        to.policy.lock_snapshots_days,
        to.policy.share_snapshots_with,
    )
    try:
        _lock(quarantine, found, to)
        if others:
            snapshots = to.site(quarantine.ref).snapshots
            for each in found:
                snapshots.let_use(each.id, others)
    except AwsRefusedError as error:
        return Step(StepStatus.FAILED, f"{names}: complete, but {error}")
    locked = f"; locked for {days} days" if days else ""
    shared = f"; shared with {', '.join(sorted(others))}" if others else ""
    return Step(StepStatus.DONE, f"{names}{locked}{shared}")


def _lock(quarantine: Quarantine, found: _Found, to: Responder) -> None:
    days = to.policy.lock_snapshots_days
    snapshots = to.site(quarantine.ref).snapshots
    for each in found if days else ():
        snapshots.lock(each.id, days)


FOLLOWED = {StepName.SNAPSHOTS: take_snapshots}


def last_look(quarantine: Quarantine, to: Responder) -> Quarantine:
    """Return the record in which nothing waits any more, since nobody follows it after a release.

    What AWS is still at work on is skipped, and says so. It is not saved.
    """
    steps = dict(quarantine.steps)
    for name, follow in FOLLOWED.items():
        step = quarantine.step(name)
        if step.status is not StepStatus.WAITING:
            continue
        with suppress(CordonError):  # it keeps nobody from getting the instance back
            step = follow(quarantine, Cause.unfinished(quarantine), to)
        if step.status is StepStatus.WAITING:
            step = replace(step, status=StepStatus.SKIPPED, detail=f"{step.detail}; {UNFOLLOWED}")
        steps[name] = step
    return replace(quarantine, steps=steps)
