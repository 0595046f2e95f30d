"""One instance, from the decision to a closed record."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.decision.cause import Cause
from chalicelib.core.decision.decision import Case, Hold
from chalicelib.core.decision.outcome import InstanceAnswer, Outcome
from chalicelib.core.errors import (
    BreakerOpenError,
    CordonError,
    RecordMovedError,
    ReleaseInProgressError,
    UnknownInstanceError,
)
from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import State
from chalicelib.core.steps.network import left_to_cut
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut_network import cut_network
from chalicelib.flows.quarantine.look import Look
from chalicelib.flows.quarantine.take_up import leave, open_quarantine
from chalicelib.flows.quarantine.tell import (
    remember_contained,
    tell_failure,
    tell_hold,
    tell_nothing_to_cut,
    tell_repeat,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose try it is to contain one instance, and retry number, from 0."""

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
    except UnknownInstanceError:
        return tell_nothing_to_cut(case, ("instance_gone",), to)
    except CordonError as error:
        tell_failure(case, error, to)
        raise


def _contain(
    case: Case, instance: Instance, look: Look, attempt: Attempt, to: Responder
) -> InstanceAnswer:
    cause, worker, begun = Cause.of_case(case), attempt.worker, case.dossier.quarantine
    if begun is not None and begun.is_open:
        quarantine = begun
    else:
        quarantine = open_quarantine(cause, instance, look.groups, case.dossier, worker, to)
    if quarantine.state is State.RELEASING:
        raise ReleaseInProgressError(instance.ref.instance_id)
    closes = quarantine.state is State.CONTAINING
    left = left_to_cut(instance, look.groups)
    repairs = bool(left) and not case.is_observed_only
    finishes = closes or (attempt.turn == 0 and quarantine.is_unfinished and not left)
    if closes or repairs:
        quarantine, kept = cut_network(quarantine, worker, instance, look.groups, left, to)
        if kept:
            return tell_hold(case, (Hold.REQUESTER_MANAGED_INTERFACE,), to)
    else:
        quarantine = leave(quarantine, worker, to)
    if finishes or repairs:
        from chalicelib.flows.quarantine.finish import finish  # noqa: PLC0415 - none before the cut

        quarantine = finish(quarantine, cause, worker, to)
    if finishes:
        remember_contained(case, quarantine, to)
        reasons = (case.judgement.reason,)
        return InstanceAnswer(instance.ref.instance_id, Outcome.CONTAINED, reasons)
    return tell_repeat(case, quarantine, to)
