"""What only the circuit breaker held, or want of others, is decided again: there may be room."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.decision.decision import Hold
from chalicelib.core.decision.outcome import InstanceAnswer, Outcome
from chalicelib.core.errors import CordonError
from chalicelib.core.notices.about_held import of_lapse
from chalicelib.core.quarantine.held import LAPSES_AFTER, Held, strongest_first
from chalicelib.flows.contain import contain
from chalicelib.flows.held import incident_of_held
from chalicelib.flows.ports.responder import Responder


def reconsider(deadline: datetime, to: Responder) -> list[CordonError]:
    """Decide again what waits for room, strongest first, until there is none or time is up.

    Decoys come first, and the real one after them: it must not stay connected because of that.
    Everything is looked at anew. What nobody decided about for very long is told, and forgotten.
    Returns what went wrong; people were told of it.
    """
    failures: list[CordonError] = []
    full: set[str] = set()  # accounts
    for held in strongest_first(to.held.all()):
        account_id = held.ref.account_id
        is_over = to.now() - held.at > LAPSES_AFTER
        waits = held.waits_for(Hold.BREAKER_OPEN, Hold.CANNOT_BE_SPARED) and account_id not in full
        if not (is_over or waits) or to.now() > deadline:
            continue
        try:
            if is_over:
                _lapse(held, to)
                continue
            answer = _decide_again(held, to)
        except CordonError as error:
            failures.append(error)
            continue
        if answer is not None and Hold.BREAKER_OPEN in answer.reasons:
            full.add(account_id)
    return failures


def _decide_again(held: Held, to: Responder) -> InstanceAnswer | None:
    """Return how it ended for the instance; None: nobody holds it any more."""
    event = to.held.event(held)
    answers = contain(event, to).instances if event is not None else ()
    mine = next((each for each in answers if each.instance_id == held.ref.instance_id), None)
    if mine is None or mine.outcome is not Outcome.HELD:
        to.held.drop(held.key)
    return mine


def _lapse(held: Held, to: Responder) -> None:
    """Tell that nobody decided about `held` in time, and forget it; a crash repeats the message."""
    to.notices.publish(of_lapse(held, incident_of_held(held, to)))
    to.held.drop(held.key)
