"""One instance, from the decision to a closed record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.core import notice_text
from chalicelib.core.containment import kept_by_others, left_to_cut
from chalicelib.core.decision import Case, Hold
from chalicelib.core.errors import (
    BreakerOpenError,
    CordonError,
    RecordMovedError,
    ReleaseInProgressError,
    StepFailedError,
)
from chalicelib.core.instance import Instance
from chalicelib.core.outcome import InstanceAnswer, Outcome
from chalicelib.core.quarantine import Line, Quarantine, State, StepName, StepStatus
from chalicelib.flows.look import Look
from chalicelib.flows.network import (
    close_cut,
    cut_network,
    join,
    leave,
    open_quarantine,
    record_partial_cut,
)
from chalicelib.flows.ports import Responder
from chalicelib.flows.tell import (
    keep_finding,
    remember_contained,
    tell_failure,
    tell_hold,
    tell_repeat,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose try it is to contain one instance, and the how manyth, from 0."""

    worker: str
    turn: int = 0


def cut_off(
    case: Case, instance: Instance, look: Look, attempt: Attempt, to: Responder
) -> InstanceAnswer:
    """Contain `instance`, or finish a containment that was cut short.

    Args:
        case: decided: the instance is to be contained.
        instance: as `look` saw it.
        look: what the decision rests on.
        attempt: after the first turn another worker is known to be at the same record, and what
            is left to do after the cut is left to it.
        to: the world.

    Raises:
        RecordMovedError: somebody else is at the same record; look again.
        CordonError: it could not be carried out; people were told, unless that failed as well.
    """
    try:
        return _contain(case, instance, look, attempt, to)
    except BreakerOpenError:
        return tell_hold(case, (Hold.BREAKER_OPEN,), to)
    except (RecordMovedError, ReleaseInProgressError):
        raise
    except CordonError as error:
        tell_failure(case, error, to)
        raise


def _contain(
    case: Case, instance: Instance, look: Look, attempt: Attempt, to: Responder
) -> InstanceAnswer:
    worker, begun = attempt.worker, case.dossier.quarantine
    if begun is not None and begun.is_open:
        quarantine = begun
    else:
        quarantine = open_quarantine(case, instance, look.groups, worker, to)
    if quarantine.state is State.RELEASING:
        raise ReleaseInProgressError(instance.ref.instance_id)
    closes = quarantine.state is State.CONTAINING
    if closes or (left_to_cut(instance, look.groups) and not case.is_observed_only):
        cut = cut_network(join(quarantine, worker, to), instance, look.groups, to)
        if kept_by_others(cut.instance):
            record_partial_cut(cut, worker, to)
            return tell_hold(case, (Hold.REQUESTER_MANAGED_INTERFACE,), to)
        quarantine = close_cut(cut, worker, to)
    else:
        quarantine = leave(quarantine, worker, to)
    if closes or (attempt.turn == 0 and quarantine.is_unfinished):
        _finish(quarantine, case, to)
        reasons = (case.judgement.reason,)
        return InstanceAnswer(instance.ref.instance_id, Outcome.CONTAINED, reasons)
    return tell_repeat(case, quarantine, to)


def _finish(quarantine: Quarantine, case: Case, to: Responder) -> None:
    """Do what comes after the cut, each step recorded; one that fails does not stop the next.

    Raises:
        StepFailedError: a step failed. It stays pending and is taken up by the next delivery.
    """
    problems: list[str] = []
    for name, do in _AFTER_THE_CUT.items():
        if not quarantine.pending(name):
            continue
        try:
            detail = do(quarantine, case, to)
            after = quarantine.after(name, StepStatus.DONE, detail)
            to.quarantines.save(after, Line(to.now(), "cordon", name, {"detail": detail}))
            quarantine = after
        except RecordMovedError as error:
            if not problems:
                raise
            # It may be the save that failed a moment ago which moved it: the next delivery looks.
            problems.append(str(error))
            break
        except CordonError as error:
            problems.append(str(error))
    drain = quarantine.steps[StepName.DRAIN]
    if drain.status is StepStatus.FAILED:
        problems.append(f"open connections were not drained: {drain.detail}")
    if problems:
        raise StepFailedError(quarantine.ref.instance_id, tuple(problems))
    remember_contained(case, quarantine, to)


def _announce(quarantine: Quarantine, case: Case, to: Responder) -> str:
    message = notice_text.of_containment(case.finding, case.judgement, quarantine)
    return f"message {to.notices.publish(message)}"


def _keep_evidence(quarantine: Quarantine, case: Case, to: Responder) -> str:
    """Keep the finding, and the instance as it was before the cut."""
    before = f"quarantines/{quarantine.ref.key}/{quarantine.number}/instance-before.json"
    to.evidence.keep(before, to.quarantines.as_described(quarantine))
    finding = keep_finding(case.finding, case.dossier.sighting(case.finding.id), to)
    return f"{before}, {finding}"


def _stop(quarantine: Quarantine, _: Case, to: Responder) -> str:
    ref = quarantine.ref
    request_id = to.instances(ref.account_id, ref.region).stop(ref.instance_id)
    return f"request {request_id}"


_AFTER_THE_CUT: Mapping[StepName, Callable[[Quarantine, Case, Responder], str]] = {
    StepName.ANNOUNCE: _announce,
    StepName.EVIDENCE: _keep_evidence,
    StepName.STOP: _stop,
}
