"""What comes after a cut: tell people, keep the evidence, stop the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import groupby

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    BusyError,
    CordonError,
    RecordMovedError,
    StepFailedError,
)
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.lease import for_step
from chalicelib.core.quarantine.record import Line, Quarantine, Step, StepName, StepStatus
from chalicelib.core.steps.order import COMES_AFTER, REVERSIBLE, escalations
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.follow import FOLLOWED
from chalicelib.flows.quarantine.keep_evidence import keep_evidence
from chalicelib.flows.quarantine.settle import settle
from chalicelib.flows.quarantine.take_up import save_or_leave


def finish(quarantine: Quarantine, cause: Cause, worker: str, to: Responder) -> Quarantine:
    """Do what is left to do after the cut, each step recorded; return the record after it.

    One that fails does not stop the next. One that AWS refuses has failed: people are told, and
    it is tried again only if a person orders it.

    Raises:
        RecordMovedError: somebody else is at the same record; look again.
        StepFailedError: a step could not be done now. Whoever comes next takes it up.
    """
    problems: list[str] = []
    for names in _IN_ORDER:
        due = tuple(name for name in names if _is_next(name, quarantine))
        if not due:
            continue
        try:
            quarantine, found = _carry_out(quarantine, due, cause, worker, to)
            problems.extend(found)
        except RecordMovedError as error:
            if not problems:
                raise
            # It may be the save that failed a moment ago which moved it: the next delivery looks.
            problems.append(str(error))
            break
        except CordonError as error:
            problems.append(str(error))
    if problems:
        raise StepFailedError(quarantine.ref.instance_id, tuple(problems))
    return quarantine


def _is_next(name: StepName, quarantine: Quarantine) -> bool:
    """Whether a step is due, and none that must come before it is."""
    first = COMES_AFTER.get(name)
    return quarantine.is_due(name) and not (first and quarantine.is_due(first))


def follow(quarantine: Quarantine, cause: Cause, worker: str, to: Responder) -> Quarantine:
    """See how far AWS got with what it does by itself; return the record after it.

    What cannot be seen now is seen the next time. It is the watcher that looks, and whoever asks:
    nobody else may do what comes at the end.

    Raises:
        RecordMovedError: somebody else is at the same record; look again.
        CordonError: people could not be told.
    """
    for name in FOLLOWED:
        if not quarantine.is_waiting(name):
            continue
        try:
            after = _after(quarantine, name, cause, to)
        except AwsBusyError:
            continue
        step = quarantine.step(name)
        if (after.status, after.detail) != (step.status, step.detail):
            quarantine = _close(quarantine, name, after, worker, to)
    return quarantine


def _carry_out(
    quarantine: Quarantine, due: tuple[StepName, ...], cause: Cause, worker: str, to: Responder
) -> tuple[Quarantine, tuple[str, ...]]:
    """Do the steps `due`; return the record after them, and what could not be done now."""
    if due[0] in REVERSIBLE:
        return settle(quarantine, due, worker, to)
    quarantine, problem = _carry_out_one(quarantine, due[0], cause, worker, to)
    return quarantine, (problem,) if problem else ()


def _carry_out_one(
    quarantine: Quarantine, name: StepName, cause: Cause, worker: str, to: Responder
) -> tuple[Quarantine, str]:
    """Do one step; return the record after it, and why it could not be done now, if so."""
    if name in _CHANGES_EC2:
        quarantine = _start(quarantine, name, worker, to)
    try:
        after = _after(quarantine, name, cause, to)
    except AwsSilentError as error:  # it may be carried out late: the lease lapses by itself
        return quarantine, str(error)
    except BusyError as error:
        if name not in _CHANGES_EC2:
            raise
        due = Step(StepStatus.PENDING, str(error))
        return _record(quarantine, name, due, worker, to), str(error)
    return _close(quarantine, name, after, worker, to), ""


def _close(
    quarantine: Quarantine, name: StepName, after: Step, worker: str, to: Responder
) -> Quarantine:
    """Record how a step stands; of one that failed people are told first."""
    if after.status is StepStatus.FAILED:
        to.notices.publish(about_quarantines.of_failed_step(quarantine, name, after.detail))
    return _record(quarantine, name, after, worker, to)


def _after(quarantine: Quarantine, name: StepName, cause: Cause, to: Responder) -> Step:
    """Do one step; return how it stands then."""
    try:
        done = _AFTER_THE_CUT[name](quarantine, cause, to)
    except AwsRefusedError as error:
        if name in _TELLS:  # who else would say so?
            raise
        return Step(StepStatus.FAILED, str(error))
    return Step(StepStatus.DONE, done) if isinstance(done, str) else done


def _start(quarantine: Quarantine, name: StepName, worker: str, to: Responder) -> Quarantine:
    """Record that EC2 may change from now on: a release waits for that, and undoes it."""
    steps = {**quarantine.steps, name: Step(StepStatus.STARTED)}
    started = quarantine.joined(for_step(worker, name), to.now())
    started = replace(started, steps=steps)
    to.quarantines.save(started, Line(to.now(), CORDON, f"{name}_started", {"worker": worker}))
    return started


def _record(
    quarantine: Quarantine, name: StepName, after: Step, worker: str, to: Responder
) -> Quarantine:
    step = replace(quarantine.step(name), status=after.status, detail=after.detail)
    recorded = quarantine.next(
        steps={**quarantine.steps, name: step}, workers=quarantine.without(for_step(worker, name))
    )
    what = name if after.status is StepStatus.DONE else f"{name}_{after.status}"
    line = Line(to.now(), CORDON, what, {"detail": after.detail})
    save_or_leave(recorded, line, for_step(worker, name), to)
    return recorded


def _announce(quarantine: Quarantine, cause: Cause, to: Responder) -> str:
    message = about_quarantines.of_containment(quarantine, cause.finding, cause.reason)
    return f"message {to.notices.publish(message)}"


def _tell_repair(quarantine: Quarantine, _: Cause, to: Responder) -> str:
    """Tell of the repair, or count it, where people have heard of equal ones."""
    found, count = quarantine.step(StepName.REPAIR).detail, quarantine.repairs.count
    escalates = count in escalations(to.policy_of(quarantine.ref)).values()
    if not (quarantine.repairs.is_told or escalates):
        return f"folded, as number {count}"
    message = about_quarantines.of_drift(quarantine, tuple(found.split("; ")), repaired=True)
    return f"message {to.notices.publish(message)}"


_CHANGES_EC2 = frozenset({StepName.SNAPSHOTS})
_TELLS = frozenset({StepName.ANNOUNCE, StepName.REPAIR})
_AFTER_THE_CUT: Mapping[StepName, Callable[[Quarantine, Cause, Responder], str | Step]] = {
    StepName.ANNOUNCE: _announce,
    **FOLLOWED,
    StepName.EVIDENCE: keep_evidence,
    StepName.REPAIR: _tell_repair,
}
# Those that change the instance, as many at once as stand together; each of the others by itself.
_IN_ORDER = tuple(
    names
    for is_reversible, group in groupby(StepName, REVERSIBLE.__contains__)
    for names in ([tuple(group)] if is_reversible else [(n,) for n in group if n in _AFTER_THE_CUT])
)
