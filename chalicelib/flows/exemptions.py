"""The central list of exemptions: an entry asked for, confirmed, ended, and not forgotten."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core.api.request import ExemptionRequest
from chalicelib.core.errors import MalformedRequestError, NotAllowedError, UnknownInstanceError
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices import about_exemptions
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish
from chalicelib.core.quarantine.record import Line
from chalicelib.flows.ports.responder import Responder

_REMINDED, _ENDED, _FAULTY = "reminded", "ended", "faulty"


def list_exemptions(to: Responder) -> tuple[Exempt, ...]:
    """Return every exemption that holds now, the one that ends next first; also those by hand."""
    now, found = to.now(), (*to.exemptions.all(), *to.exemptions.by_hand())
    holding = [each for each in found if each.exemption.holds_at(now)]
    return tuple(sorted(holding, key=lambda each: (each.exemption.until or now, each.ref.key)))


def list_wishes(to: Responder) -> tuple[tuple[InstanceRef, Wish], ...]:
    """Return what waits for a second person, and still may be confirmed."""
    since = to.now() - to.policy.confirm_within
    return tuple((ref, wish) for ref, wish in to.exemptions.wishes() if wish.at >= since)


def exempt(ref: InstanceRef, request: ExemptionRequest, to: Responder) -> Exemption | Wish:
    """Put an instance on the central list, or change its entry; with four eyes, first ask for it.

    Raises:
        NotAllowedError: Cordon may not act in that account.
        UnknownInstanceError: EC2 does not know the instance, or it is terminated.
        MalformedRequestError: the end is over, or too far away.
        FourEyesError: the second person must be another, and say the same.
    """
    _refuse_unknown(ref, to)
    _refuse_unfit(request, to)
    return _settle(ref, request, to)


def end_exemption(ref: InstanceRef, request: ExemptionRequest, to: Responder) -> Exemption | Wish:
    """Take an instance off the central list; with four eyes, first ask for it.

    Raises:
        UnknownInstanceError: it is not on the list.
        FourEyesError: the second person must be another, and say the same.
    """
    known = (to.exemptions.find(ref), to.exemptions.find_by_hand(ref))
    if not any(each is not None and each.holds_at(to.now()) for each in known):
        raise UnknownInstanceError(ref.instance_id, "is not on the list of exemptions")
    return _settle(ref, request, to)


def remind(to: Responder) -> None:
    """Tell of each exemption that is about to end, of each that did, and of a faulty one, once.

    Of a faulty one each digest tells as well, until it is mended.

    In this order, so that a crash repeats a message, and loses none.
    """
    now = to.now()
    for ref, exemption in ((each.ref, each.exemption) for each in to.exemptions.all()):
        if exemption.until is None and exemption.told != _FAULTY:
            to.notices.publish(about_exemptions.of_fault(ref, exemption))
            to.exemptions.keep(ref, replace(exemption, told=_FAULTY))
        elif not exemption.holds_at(now) and exemption.told != _ENDED:
            to.notices.publish(about_exemptions.of_lapse(ref, exemption))
            to.exemptions.keep(ref, replace(exemption, told=_ENDED))
        elif exemption.is_ending(now) and not exemption.told:
            to.notices.publish(about_exemptions.of_reminder(ref, exemption))
            to.exemptions.keep(ref, replace(exemption, told=_REMINDED))


def _settle(ref: InstanceRef, request: ExemptionRequest, to: Responder) -> Exemption | Wish:
    wish = Wish(request.by, request.reason, request.until, to.now())
    first = to.exemptions.wish(ref) if to.policy.four_eyes else wish
    if first is None or (
        first is not wish and not first.is_confirmed_by(wish, to.policy.confirm_within)
    ):
        to.notices.publish(about_exemptions.of_wish(ref, wish, to.policy.confirm_within))
        to.exemptions.keep_wish(ref, wish)
        return wish
    exemption = _entry(ref, first, wish, to)
    to.notices.publish(about_exemptions.of_entry(ref, exemption, ends=wish.until is None))
    to.exemptions.keep(ref, exemption)
    if to.exemptions.find_by_hand(ref) is not None:  # else it would hold beside the new one
        to.exemptions.keep_by_hand(ref, exemption)
    if first is not wish:
        to.exemptions.keep_wish(ref, None)
    _keep_in_timeline(ref, exemption, wish, to)
    return exemption


def _entry(ref: InstanceRef, first: Wish, second: Wish, to: Responder) -> Exemption:
    """Return the entry that was asked for; one that ends keeps since when it held."""
    entry = Exemption(
        reason=first.reason,
        until=second.until or second.at,
        by=first.by,
        at=second.at,
        confirmed_by=second.by if first is not second else "",
    )
    if second.until is not None:
        return entry
    known = to.exemptions.find(ref)
    return replace(entry, at=known.at if known else None, told=_ENDED)


def _keep_in_timeline(ref: InstanceRef, exemption: Exemption, wish: Wish, to: Responder) -> None:
    """Note it in the timeline of the instance's last quarantine, if it ever had one."""
    quarantine = to.quarantines.dossier(ref.key, ref.account_id).quarantine
    if quarantine is None:
        return
    what = "exempted" if wish.until else "exemption_ended"
    detail = {"reason": exemption.reason, "until": _said(exemption), "by": exemption.by}
    to.quarantines.append(quarantine, Line(wish.at, wish.by, what, detail))


def _said(exemption: Exemption) -> str:
    return exemption.until.isoformat() if exemption.until else ""


def _refuse_unknown(ref: InstanceRef, to: Responder) -> None:
    if not to.bounds(ref).allows(ref.account_id):
        raise NotAllowedError(ref.account_id)
    instance = to.site(ref).instances.find(ref.instance_id)
    if instance is None or instance.is_gone:
        raise UnknownInstanceError(ref.instance_id, f"is no instance of {ref.account_id} now")


def _refuse_unfit(request: ExemptionRequest, to: Responder) -> None:
    until, now = request.until or to.now(), to.now()
    if until <= now:
        raise MalformedRequestError("until", "must be a time to come", until.isoformat())
    if until > now + to.policy.exempt_for:
        days = to.policy.exempt_for.days
        must = f"must be within {days} days ([holds] exempt_days of the policy)"
        raise MalformedRequestError("until", must, until.isoformat())
