"""What was held, for people: all of it, and one of them dismissed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.core.api.request import DismissRequest
from chalicelib.core.decision.decision import Hold
from chalicelib.core.errors import CordonError, UnknownInstanceError
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.about_held import of_dismissal, of_reminder
from chalicelib.core.quarantine.held import Held, strongest_first
from chalicelib.core.standing import of_breaker, room_at
from chalicelib.flows.ports.responder import Responder

_NOBODY = "nobody"  # no instance has this key: of the account alone is asked


def list_held(to: Responder) -> tuple[Held, ...]:
    """Return everything that is held, the strongest first."""
    return tuple(strongest_first(to.held.all()))


def breakers_of(held: tuple[Held, ...], to: Responder) -> dict[str, dict[str, Any]]:
    """Return how full the breaker is of each account in which it holds something, as JSON."""
    now = to.now()
    accounts = {each.ref.account_id for each in held if Hold.BREAKER_OPEN in each.reasons}
    return {
        account: {
            **of_breaker(breaker, to.policy.at(account), now),
            "room_at": room_at(breaker, to.policy.at(account), now),
        }
        for account in sorted(accounts)
        for breaker in [to.quarantines.dossier(_NOBODY, account).breaker]
    }


def incident_of_held(held: Held, to: Responder) -> str:
    """Return the incident that ends when nothing is held any more; empty: it goes on, or who knows.

    That of a quarantine ends with its release.
    """
    try:
        dossier = to.quarantines.dossier(held.key, held.ref.account_id)
    except CordonError:
        return ""
    is_begun = dossier.quarantine is not None and dossier.quarantine.is_open
    return "" if is_begun else dossier.incident(held.ref)


def remind_of_held(to: Responder) -> None:
    """Tell again, in one message, of what waits for a person for long; ever less often.

    A crash in between repeats the message, and loses none.
    """
    now, after = to.now(), to.policy.remind_after
    due = tuple(
        replace(each, reminded=level)
        for each in strongest_first(to.held.all())
        if (level := each.reminders(now, after)) > each.reminded
    )
    if not due:
        return
    to.notices.publish(of_reminder(due, to.own_account, to.own_region))
    for each in due:
        to.held.remind(each)


def dismiss(ref: InstanceRef, request: DismissRequest, to: Responder) -> Held:
    """Tell people who dismissed what is held for an instance, and why; then forget it.

    A crash in between repeats a message, and loses none. The next finding is decided anew.

    Raises:
        UnknownInstanceError: nothing is held for it.
    """
    held = next((each for each in to.held.all() if each.ref == ref), None)
    if held is None:
        raise UnknownInstanceError(ref.instance_id, "is not held")
    incident = incident_of_held(held, to)
    to.notices.publish(of_dismissal(held, request.by, request.reason, incident))
    to.held.drop(held.key)
    return held
