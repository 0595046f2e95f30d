"""Who is at work on a quarantine: to open its record, to take it up, and to leave it."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import CordonError, RecordMovedError
from chalicelib.core.findings.about import about
from chalicelib.core.host import group_names_of, host_of
from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.dossier import Dossier
from chalicelib.core.quarantine.lease import shortened
from chalicelib.core.quarantine.record import (
    Line,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
    opened,
)
from chalicelib.core.quarantine.times import Times
from chalicelib.core.steps.network import Groups, ids_of
from chalicelib.flows.ports.responder import Responder

_TRIES = 5  # others may be at the record again and again


def open_quarantine(  # noqa: PLR0913, PLR0917 - all that a first version is made of
    cause: Cause, instance: Instance, groups: Groups, dossier: Dossier, worker: str, to: Responder
) -> Quarantine:
    """Record the quarantine, with the original groups, before anything is changed.

    Only what no person asked for counts in the breaker.

    Raises:
        RecordMovedError: somebody else opened it; look again.
        BreakerOpenError: no more containments for now.
    """
    now, last, finding = to.now(), dossier.quarantine, cause.finding
    quarantine = opened(
        instance,
        number=last.number + 1 if last else 1,
        at=now,
        by=cause.by,
        reason=cause.why,
        finding_id=cause.finding_id,
        finding_type=cause.finding_type,
        severity=cause.severity,
        ours=ids_of(groups),
        worker=worker,
    )
    host = host_of(instance, to.policy.account_names)
    quarantine = replace(quarantine, host=host, group_names=group_names_of(instance))
    if finding:
        quarantine = replace(quarantine, times=Times(finding.last_seen, finding.sent_at))
    originals = {o.interface_id: list(o.group_ids) for o in quarantine.originals}
    caused: dict[str, object] = {"reason": cause.why}
    if cause.approves:
        caused |= {"finding": cause.finding_id, "type": cause.finding_type}
    if finding:
        caused = {"finding": finding.id, "type": finding.type, "about": about(finding)}
    line = Line(now, cause.who, "opened", {**caused, "originals": originals})
    breaker = dossier.breaker if finding else None
    to.quarantines.open(
        quarantine, line, instance.as_described, breaker, to.policy_of(instance.ref)
    )
    return quarantine


def join(
    quarantine: Quarantine, worker: str, to: Responder, found: tuple[str, ...] = ()
) -> Quarantine:
    """Record that `worker` takes up a containment; from then on a release waits for it.

    Args:
        quarantine: its record.
        worker: who takes it up.
        to: the world.
        found: what is not cut off. If it was before, that is still to be told: this is written
            down now, since whoever comes after a crash finds it cut off again.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
    """
    if worker in quarantine.workers:
        return quarantine
    joined = quarantine.joined(worker, to.now())
    if found and quarantine.state is State.CONTAINED:
        repair = Step(StepStatus.PENDING, "; ".join(found))
        steps, repairs = {**joined.steps, StepName.REPAIR: repair}, joined.repairs.again(to.now())
        joined = replace(joined, steps=steps, repairs=repairs)
    to.quarantines.save(joined, Line(to.now(), CORDON, "taken_up", {"worker": worker}))
    return joined


def leave(quarantine: Quarantine, worker: str, to: Responder) -> Quarantine:
    """Record that `worker` changes nothing any more, if the record still says that it might."""
    others = quarantine.without(worker)
    if others == quarantine.workers:
        return quarantine
    left = quarantine.next(workers=others)
    to.quarantines.save(left, Line(to.now(), CORDON, "left", {"worker": worker}))
    return left


def save_or_leave(after: Quarantine, line: Line, worker: str, to: Responder) -> None:
    """Record what `worker` did; where others were quicker to change the record, it leaves it.

    Raises:
        RecordMovedError: they were; look again.
    """
    try:
        to.quarantines.save(after, line)
    except RecordMovedError:
        leave_overtaken(after, worker, to)
        raise


def leave_overtaken(quarantine: Quarantine, worker: str, to: Responder) -> None:
    """Leave a record that others change; all calls of `worker` have answered."""
    ref = quarantine.ref
    for _ in range(_TRIES):
        try:
            now = to.quarantines.dossier(ref.key, ref.account_id).quarantine
            leave(now or quarantine, worker, to)
        except RecordMovedError:
            continue
        except CordonError:
            return  # its lease lapses all the same
        return


def is_at_work(quarantine: Quarantine, to: Responder) -> bool:
    """Return whether a worker may still change the instance.

    A lease that outlasts any that could be taken now is shortened on record, whoever wrote it:
    its clock was far ahead.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
    """
    now = to.now()
    if not quarantine.at_work(now):
        return False
    leases = shortened(quarantine.workers, now)
    if leases != quarantine.workers:
        to.quarantines.save(quarantine.next(workers=leases), Line(now, CORDON, "lease_cut", {}))
    return True
