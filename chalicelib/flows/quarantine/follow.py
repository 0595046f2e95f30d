"""Steps that AWS carries out by itself, and that are followed to their end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chalicelib.core.decision.cause import Cause
from chalicelib.core.errors import AwsRefusedError, CordonError
from chalicelib.core.evidence import scans
from chalicelib.core.evidence.snapshots import UNFOLLOWED, Snapshot, names_of, progress
from chalicelib.core.notices.about_scans import of_scan
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
    if after.status is StepStatus.DONE and _is_kept_so(quarantine, to):
        return replace(after, status=StepStatus.WAITING)
    return after


def _is_kept_so(quarantine: Quarantine, to: Responder) -> bool:
    """Whether more is to be done with snapshots that are complete."""
    policy = to.policy_of(quarantine.ref)
    return bool(policy.lock_snapshots_days or policy.share_snapshots_with)


def _secured(quarantine: Quarantine, found: _Found, to: Responder) -> Step:
    names, days, others = (
        names_of(found),
        to.policy_of(quarantine.ref).lock_snapshots_days,
        to.policy_of(quarantine.ref).share_snapshots_with,
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
    days = to.policy_of(quarantine.ref).lock_snapshots_days
    snapshots = to.site(quarantine.ref).snapshots
    for each in found if days else ():
        snapshots.lock(each.id, days)


def scan(quarantine: Quarantine, _: Cause, to: Responder) -> Step:
    """Let GuardDuty scan the volumes, or see how far it got; people are told what it found.

    A scan that began since the quarantine counts, whoever asked for it: that is also how one is
    found again whose beginning was lost in a crash.
    """
    found = _scan_of(quarantine, to)
    if found is None:
        begun = to.site(quarantine.ref).scans.start(quarantine.ref.instance_id)
        return scans.progress(None) if begun is None else scans.running(begun)
    if found.is_clean or found.is_infected:
        to.notices.publish(of_scan(quarantine, found))
    return scans.progress(found)


def _scan_of(quarantine: Quarantine, to: Responder) -> scans.Scan | None:
    """Return the scan that the step is about; not one that was over when it was ordered again."""
    step, ref = quarantine.step(StepName.MALWARE_SCAN), quarantine.ref
    found = scans.last_since(to.site(ref).scans.of(ref.instance_id), quarantine.opened_at)
    return None if found is None or found.id == step.before.get("seen") else found


# Each step that AWS carries out by itself.
FOLLOWED = {StepName.SNAPSHOTS: take_snapshots, StepName.MALWARE_SCAN: scan}


def last_look(quarantine: Quarantine, to: Responder) -> Quarantine:
    """Return the record as a release leaves it: nobody follows afterwards what AWS does by itself.

    What AWS is still at work on stays so: it was begun and may well end; that nobody looks is
    said. It is not saved.
    """
    steps = dict(quarantine.steps)
    for name, look in _LOOKS.items():
        step = quarantine.step(name)
        if step.status is not StepStatus.WAITING:
            continue
        after = step
        with suppress(CordonError):  # it keeps nobody from getting the instance back
            after = look(quarantine, to)
        if after.status is StepStatus.WAITING:
            after = _unfollowed(name, after)
        steps[name] = replace(step, status=after.status, detail=after.detail)
    return replace(quarantine, steps=steps)


def _unfollowed(name: StepName, step: Step) -> Step:
    """Return how a step stands after a release that AWS is at work on, or did not begin yet."""
    if name is StepName.MALWARE_SCAN and not scans.id_in(step):
        return Step(StepStatus.SKIPPED, "released before GuardDuty began it")
    return replace(step, detail=f"{step.detail}; {UNFOLLOWED}")


def _see_scan(quarantine: Quarantine, to: Responder) -> Step:
    return scans.progress(_scan_of(quarantine, to))


def _see_snapshots(quarantine: Quarantine, to: Responder) -> Step:
    return take_snapshots(quarantine, Cause.unfinished(quarantine), to)


# How to see, and begin nothing.
_LOOKS = {StepName.SNAPSHOTS: _see_snapshots, StepName.MALWARE_SCAN: _see_scan}
