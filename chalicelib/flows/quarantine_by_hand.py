"""A person cuts an instance off, or approves what was held: the same flow, another cause."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chalicelib.core.api.request import QuarantineRequest
from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import (
    BusyError,
    CordonError,
    NotAllowedError,
    NothingToCutError,
    RecordMovedError,
    ReleaseInProgressError,
    StepFailedError,
    UnknownInstanceError,
)
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.dossier import Dossier
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.held import Held
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.core.steps.network import left_to_cut
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut_network import cut_network
from chalicelib.flows.quarantine.finish import finish
from chalicelib.flows.quarantine.look import Look, look_in_order
from chalicelib.flows.quarantine.take_up import open_quarantine
from chalicelib.flows.quarantine.tell import drop_held, was_held

_TRIES = 5


def quarantine_by_hand(ref: InstanceRef, request: QuarantineRequest, to: Responder) -> Quarantine:
    """Cut an instance off because a person says so, whatever holds the automation back.

    Only the list of allowed accounts binds a person too. What is held for the instance is let go
    so: the quarantine answers to that finding. Returns the record; unless it is contained and
    nothing of it is unfinished, the watcher goes on with it.

    Raises:
        NotAllowedError: Cordon may not act in that account.
        UnknownInstanceError: EC2 does not know the instance, or it is terminated.
        NothingToCutError: it has no interface.
        ReleaseInProgressError: it is being released.
        BusyError: nothing was recorded yet; ask again.
        RefusedError: AWS refuses the cut; people were told.
    """
    worker, cause = to.name_worker(), Cause.by_hand(request.by, request.reason)
    for _ in range(_TRIES):
        look = look_in_order(ref, to)
        instance = _present(ref, look, to)
        try:
            record = _contain(cause, instance, look, worker, to)
        except RecordMovedError:
            continue
        except (BusyError, StepFailedError):
            begun = to.quarantines.dossier(ref.key, ref.account_id).quarantine
            if begun is None or begun.state not in (State.CONTAINING, State.CONTAINED):
                raise
            return begun
        except CordonError as error:
            _tell(ref, error, to)
            raise
        if request.is_exercise:
            with suppress(CordonError):  # the instance is cut off: that is what counts
                to.control.exercise(to.now())
        return record
    raise RecordMovedError(ref.instance_id)


def _present(ref: InstanceRef, look: Look, to: Responder) -> Instance:
    if not to.bounds(ref).allows(ref.account_id):
        raise NotAllowedError(ref.account_id)
    if look.instance is None or look.instance.is_gone:
        raise UnknownInstanceError(ref.instance_id, f"is no instance of {ref.account_id} now")
    if not look.instance.interfaces:
        raise NothingToCutError(ref.instance_id)
    return look.instance


def _contain(
    cause: Cause, instance: Instance, look: Look, worker: str, to: Responder
) -> Quarantine:
    begun = look.dossier.quarantine
    if begun is not None and begun.state is State.RELEASING:
        raise ReleaseInProgressError(instance.ref.instance_id)
    if begun is not None and begun.is_open:
        quarantine = begun
        asked = Line(to.now(), cause.who, "asked_again", {"reason": cause.why})
        to.quarantines.append(quarantine, asked)
    else:
        cause = replace(cause, approves=_held(instance.ref, look.dossier, to))
        quarantine = open_quarantine(cause, instance, look.groups, look.dossier, worker, to)
        _note_exemption(quarantine, look.dossier.exemption, to)
    found = left_to_cut(instance, look.groups)
    if quarantine.state is State.CONTAINING or found:
        quarantine, kept = cut_network(quarantine, worker, instance, look.groups, found, to)
        if kept:
            to.notices.publish(about_quarantines.of_trouble(quarantine, "; ".join(kept)))
            return quarantine
    drop_held(instance.ref.key, look.dossier, to)
    return finish(quarantine, cause, worker, to)


def _held(ref: InstanceRef, dossier: Dossier, to: Responder) -> Held | None:
    """Return what is held for the instance; a table that is busy with it stops nobody."""
    if was_held(dossier):
        with suppress(CordonError):
            return next((each for each in to.held.all() if each.ref == ref), None)
    return None


def _note_exemption(quarantine: Quarantine, exemption: Exemption | None, to: Responder) -> None:
    """Say in the timeline that somebody wanted this instance left alone."""
    if exemption is not None and exemption.holds_at(to.now()):
        said = {"exemption": exemption.words}
        to.quarantines.append(quarantine, Line(to.now(), CORDON, "was_exempt", said))


def _tell(ref: InstanceRef, error: CordonError, to: Responder) -> None:
    """Tell that AWS refused, if there is a record that stays unfinished because of it."""
    begun = to.quarantines.dossier(ref.key, ref.account_id).quarantine
    if begun is not None and begun.is_open:
        is_cut = isinstance(error, StepFailedError)
        to.notices.publish(about_quarantines.of_trouble(begun, str(error), is_cut=is_cut))
