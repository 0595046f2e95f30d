"""A look at one open quarantine: finish what was begun, cut off again what got out, remind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import CordonError, RecordMovedError, StepFailedError, UnseenError
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.notices import about_quarantines, about_watch
from chalicelib.core.notices.notice import Notice
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.core.steps.network import (
    is_held_by,
    kept_by_others,
    left_to_cut,
    open_interfaces,
    strange_groups,
)
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut_network import cut_network
from chalicelib.flows.quarantine.finish import finish, follow
from chalicelib.flows.quarantine.keep_marked import keep_marked
from chalicelib.flows.quarantine.look import Look, look_in_order
from chalicelib.flows.quarantine.take_up import is_at_work
from chalicelib.flows.release import resume_release

_OVER, _UNSEEN = "trouble_over", "unseen"
HOP = 3  # seconds; a hop takes as long as two calls


def attend(ref: InstanceRef, to: Responder) -> None:
    """See to the quarantine of `ref`, if it is open and nobody is at work on it.

    What cannot be done is told once, and raised each time.

    Raises:
        UnseenError: it could not be looked at; that was not told.
        CordonError: something could not be carried out; the next run tries again.
    """
    try:
        look = look_in_order(ref, to)
    except CordonError as error:
        raise UnseenError(ref.instance_id, str(error)) from error
    quarantine = look.dossier.quarantine
    if quarantine is None or not quarantine.is_open:
        return
    if not to.bounds(ref).allows(ref.account_id):
        return
    try:
        if not is_at_work(quarantine, to) or _is_left_open(quarantine, look, to):
            _see_to(quarantine, look, to)
    except RecordMovedError:
        return  # somebody else is at it
    except CordonError as error:
        tell_trouble(quarantine, error, to)
        raise


def tell_trouble(quarantine: Quarantine, error: CordonError, to: Responder) -> None:
    """Tell people, once, what could not be carried out."""
    is_cut = isinstance(error, StepFailedError)
    message = about_quarantines.of_trouble(quarantine, str(error), is_cut=is_cut)
    _tell_once(quarantine, "trouble", {"problem": type(error).__name__}, message, to)


def recover(quarantine: Quarantine, to: Responder) -> None:
    """Write down that what could not be done is over: should it come back, it is told again.

    Who heard that it could not be looked at hears that it can, unless another message says more.
    """
    now = to.now()
    if quarantine.state is State.CONTAINED and _was_told_unseen(quarantine, to):
        to.notices.publish(about_watch.of_seen_again(quarantine))
    to.quarantines.append(quarantine, Line(now, CORDON, _OVER, {"at": now.isoformat()}))


def tell_unseen(quarantine: Quarantine, error: UnseenError, to: Responder) -> None:
    """Tell people that it could not be looked at; a crash repeats it, loses none."""
    now = to.now()
    to.notices.publish(about_watch.of_unseen(quarantine, str(error)))
    to.quarantines.append(quarantine, Line(now, CORDON, _UNSEEN, {"at": now.isoformat()}))


def _was_told_unseen(quarantine: Quarantine, to: Responder) -> bool:
    told = [each.what for each in to.quarantines.timeline(quarantine)]
    *_, last = ("", *(what for what in told if what in (_UNSEEN, _OVER)))
    return last == _UNSEEN


def _is_left_open(quarantine: Quarantine, look: Look, to: Responder) -> bool:
    """Whether an interface stays in the drain hop, which is over in a moment where all is well."""
    if quarantine.state is State.RELEASING or not _is_open(look):
        return False
    to.pause(HOP)
    return _is_open(look_in_order(quarantine.ref, to))


def _is_open(look: Look) -> bool:
    return look.instance is not None and bool(open_interfaces(look.instance, look.groups))


def _see_to(quarantine: Quarantine, look: Look, to: Responder) -> None:
    if quarantine.state is State.RELEASING:
        resume_release(quarantine, look, to)
        return
    if look.instance is None or look.instance.is_gone:
        _tell_once(quarantine, "instance_gone", {}, about_quarantines.of_gone(quarantine), to)
        follow(quarantine, Cause.unfinished(quarantine), to.name_worker(), to)
    else:
        keep_cut_off(quarantine, look.instance, look, to)
    _remind(quarantine, to)


def keep_cut_off(
    quarantine: Quarantine,
    instance: Instance,
    look: Look,
    to: Responder,
    rivals: frozenset[str] | None = None,
) -> None:
    """Cut off again what got out, do what is left to do, and keep its tag; who observes tells.

    Args:
        quarantine: its record; it is not being released.
        instance: as `look` saw it.
        look: EC2 is no older than the record, but for who asks on an event.
        to: the world.
        rivals: the groups that count as another Cordon's; None: EC2 is asked.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
        CordonError: it could not be carried out.
    """
    left = left_to_cut(instance, look.groups)
    contained = quarantine.state is State.CONTAINED
    observes = to.bounds(quarantine.ref).observes(look.dossier.mode)
    if contained and left and observes:
        message = about_quarantines.of_drift(quarantine, left, repaired=False)
        today = {"problems": list(left), "day": to.now().date().isoformat()}
        _tell_once(quarantine, "drift", today, message, to)
        return
    if contained and left and _yields(quarantine, instance, look, to, rivals):
        return
    worker = to.name_worker()
    if left or not (contained or kept_by_others(instance)):
        quarantine, kept = cut_network(quarantine, worker, instance, look.groups, left, to)
        if kept:
            return
    if quarantine.state is State.CONTAINED:
        cause = Cause.unfinished(quarantine)
        quarantine = finish(follow(quarantine, cause, worker, to), cause, worker, to)
        keep_marked(quarantine, instance, worker, to, observes=observes)


def _yields(
    quarantine: Quarantine,
    instance: Instance,
    look: Look,
    to: Responder,
    known: frozenset[str] | None,
) -> bool:
    """Whether the deny group of another Cordon keeps the instance cut off; that is told once.

    Who finds it so yields: two that enforce would undo each other for ever.
    """
    strange, ref = strange_groups(instance, look.groups), quarantine.ref
    if not strange:
        return False
    if known is None:
        known = to.site(ref).security_groups.rivals(strange)
    rivals = known & strange
    if not is_held_by(rivals, instance, look.groups):
        return False
    message = about_quarantines.of_rival(quarantine, tuple(sorted(rivals)))
    _tell_once(quarantine, "yielded", {"groups": sorted(rivals)}, message, to)
    return True


def _remind(quarantine: Quarantine, to: Responder) -> None:
    """Remind people of a quarantine that is open for long: once a period, ever more urgently."""
    age = to.now() - quarantine.opened_at
    level = age // to.policy.review_after
    if level:
        message = about_quarantines.of_review(quarantine, age.days, level)
        _tell_once(quarantine, "review_due", {"reminder": level}, message, to)


def _tell_once(
    quarantine: Quarantine, what: str, detail: Mapping[str, Any], message: Notice, to: Responder
) -> None:
    """Publish `message`, unless the timeline says that it was; a crash repeats it, loses none."""
    if what != "trouble":
        if to.quarantines.has(quarantine, Line(to.now(), CORDON, what, detail)):
            return
        to.notices.publish(message)
        to.quarantines.append(quarantine, Line(to.now(), CORDON, what, detail))
        return
    lines = to.quarantines.timeline(quarantine)
    over = [number for number, line in enumerate(lines) if line.what == _OVER]
    if over and what == "trouble":
        lines, detail = lines[over[-1] :], {**detail, "again": len(over)}
    if any(line.what == what and dict(line.detail) == detail for line in lines):
        return
    to.notices.publish(message)
    to.quarantines.append(quarantine, Line(to.now(), CORDON, what, detail))
