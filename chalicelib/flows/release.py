"""Recovery: a named person gives an instance back, with a reason."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.decision.cause import CORDON
from chalicelib.core.errors import (
    AlreadyReleasedError,
    BusyError,
    ContainmentAtWorkError,
    DriftError,
    NotAllowedError,
    RecordMovedError,
    RefusedError,
    StaleViewError,
    UnknownInstanceError,
)
from chalicelib.core.evidence.scans import NoCleanScanError, why_not_clean
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.lease import take
from chalicelib.core.quarantine.person import are_two_persons
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.core.quarantine.release import Release, Verdict
from chalicelib.core.steps.drift import find_drift
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.give_back import Handover, Scene, give_back, look_for
from chalicelib.flows.quarantine.look import Look, look_in_order
from chalicelib.flows.quarantine.take_up import is_at_work

_TRIES = 5


def release(ref: InstanceRef, request: ReleaseRequest, to: Responder) -> Handover:
    """Give an instance back as `request` asks, or go on with a release that was cut short.

    The handover is RELEASED once EC2 reads back as it was before. It is RELEASING if that could
    not be finished now, or another worker is at it: the watcher, or the same request, goes on
    with it. It is CONTAINED while a second person must confirm it.

    Raises:
        NotAllowedError: Cordon may not act in that account.
        UnknownInstanceError: the instance was never in quarantine.
        ConflictError: it cannot be released as asked; nothing was given back, unless an earlier
            try had begun to.
        BusyError: it could not be begun now; ask again.
        RefusedError: AWS refuses to change something; what was begun stays RELEASING.
    """
    worker = to.name_worker()
    for _ in range(_TRIES):
        look = look_in_order(ref, to)
        quarantine = look.dossier.quarantine
        if quarantine is None:
            raise UnknownInstanceError(ref.instance_id, f"was never in quarantine in {ref.where}")
        if not to.bounds(ref).allows(ref.account_id):
            raise NotAllowedError(ref.account_id)
        try:
            return _release(quarantine, look, request, worker, to)
        except RecordMovedError:
            continue
        except BusyError:
            begun = to.quarantines.dossier(ref.key, ref.account_id).quarantine
            if begun is None or begun.state is not State.RELEASING:
                raise
            return Handover(begun)
    raise RecordMovedError(ref.instance_id)


def resume_release(quarantine: Quarantine, look: Look, to: Responder) -> Handover:
    """Go on with a release whose worker is gone, as it was ordered.

    Raises as `give_back` does; RefusedError if the record holds no order.
    """
    order = quarantine.release
    if order is None:
        raise RefusedError(f"{quarantine.id} is RELEASING, and nobody ordered it")
    return _go_on(quarantine, order, look, CORDON, to.name_worker(), to)


def _release(
    quarantine: Quarantine, look: Look, request: ReleaseRequest, worker: str, to: Responder
) -> Handover:
    asked = Release(request.by, request.reason, request.verdict, request.accept_drift, at=to.now())
    if quarantine.state is State.RELEASED:
        earlier = quarantine.release
        raise AlreadyReleasedError(quarantine.ref.instance_id, earlier.by if earlier else "?")
    if quarantine.state is State.RELEASING and quarantine.release is not None:
        if is_at_work(quarantine, to):
            return Handover(quarantine)
        order = _widened(quarantine.release, asked, to)
        return _go_on(quarantine, order, look, request.by, worker, to)
    if request.version is not None and request.version != quarantine.version:
        raise StaleViewError(request.version, quarantine.version)
    if is_at_work(quarantine, to):
        until = max(quarantine.workers.values())
        raise ContainmentAtWorkError(quarantine.ref.instance_id, f"{until:%H:%M:%S} UTC")
    scene = look_for(quarantine, look.instance, look.groups, to)
    _check_drift(quarantine, scene, asked)
    _check_scan(quarantine, scene, asked, to)
    order_or_none = _with_four_eyes(quarantine, asked, to) if to.policy.four_eyes else asked
    if order_or_none is None:
        return _wait_for_second(quarantine, asked, to)
    return _begin(quarantine, order_or_none, scene, worker, to)


def _check_drift(quarantine: Quarantine, scene: Scene, asked: Release) -> None:
    drift = find_drift(quarantine, scene.instance, scene.groups, scene.existing)
    if drift and not asked.accepts_drift:
        problems = tuple(f"{each.subject}: {each.detail}" for each in drift)
        raise DriftError(quarantine.ref.instance_id, problems)


def _check_scan(quarantine: Quarantine, scene: Scene, asked: Release, to: Responder) -> None:
    """Refuse to call an instance remediated that no scan calls clean, where the policy asks that.

    Of one that is gone nothing is given back.
    """
    ref, instance = quarantine.ref, scene.instance
    if not to.policy.clean_scan or asked.verdict is not Verdict.REMEDIATED:
        return
    if instance is None or instance.is_gone:
        return
    why = why_not_clean(to.site(ref).scans.of(ref.instance_id), quarantine.opened_at)
    if why:
        raise NoCleanScanError(ref.instance_id, why)


def _with_four_eyes(quarantine: Quarantine, asked: Release, to: Responder) -> Release | None:
    """Return the order, if `asked` confirms what another person asked for in time."""
    first = quarantine.release
    return first.confirmed(asked, to.policy.confirm_within) if first else None


def _wait_for_second(quarantine: Quarantine, asked: Release, to: Responder) -> Handover:
    waiting = quarantine.next(release=asked)
    until = asked.at + to.policy.confirm_within
    to.notices.publish(about_quarantines.of_release_request(waiting, until))
    detail = {"reason": asked.reason, "verdict": asked.verdict, "confirm_by": until.isoformat()}
    to.quarantines.save(waiting, Line(to.now(), asked.by, "release_asked", detail))
    return Handover(waiting)


def _begin(
    quarantine: Quarantine, order: Release, scene: Scene, worker: str, to: Responder
) -> Handover:
    """Record that the instance is on its way out, before anything of it is changed."""
    workers = take(quarantine.workers, worker, to.now())
    releasing = quarantine.next(state=State.RELEASING, release=order, workers=workers)
    detail = {
        "reason": order.reason,
        "verdict": order.verdict,
        "accept_drift": order.accepts_drift,
        "confirmed_by": order.confirmed_by or "",
    }
    to.quarantines.save(releasing, Line(to.now(), order.by, "releasing", detail))
    return give_back(releasing, order, scene, worker, to)


def _go_on(  # noqa: PLR0913, PLR0917 - who goes on with what
    quarantine: Quarantine, order: Release, look: Look, who: str, worker: str, to: Responder
) -> Handover:
    """Take up a release; one worker at a time, since a late write of another would undo a cut."""
    workers = take(quarantine.workers, worker, to.now())
    taken = quarantine.next(release=order, workers=workers)
    to.quarantines.save(taken, Line(to.now(), who, "taken_up", {"worker": worker}))
    return give_back(taken, order, look_for(taken, look.instance, look.groups, to), worker, to)


def _widened(order: Release, asked: Release, to: Responder) -> Release:
    """Return the order, which the repeat may let accept drift that came up on the way.

    Where a release needs two persons, so does that.
    """
    if not asked.accepts_drift or order.accepts_drift:
        return order
    if not to.policy.four_eyes:
        return replace(order, accepts_drift=True)
    if not are_two_persons(asked.by, order.by):
        return order
    return replace(order, accepts_drift=True, confirmed_by=asked.by)
