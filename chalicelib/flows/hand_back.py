"""Findings that failed for good are answered after all, once their cause is over."""

from __future__ import annotations

from datetime import datetime

from chalicelib.core.decision.outcome import Answer
from chalicelib.core.errors import BusyError, CordonError
from chalicelib.core.findings.letter import Letter
from chalicelib.core.notices import about_watch
from chalicelib.flows.contain import contain
from chalicelib.flows.ports.responder import Responder

_MOST = 20  # in one run


def hand_back(deadline: datetime, to: Responder) -> None:
    """Answer dead letters that are findings, a few at a time, and tell which.

    The first that still cannot be answered ends the run: the cause is not over, and the next run
    tries again. What is no finding, or is refused, stays in the queue for a person: the alarm
    told of it when it came, and the digest counts it.

    Raises:
        CordonError: the queue cannot be read, or the message could not be sent.
    """
    answered: list[Answer] = []
    try:
        for _ in range(_MOST):
            letter = to.dead_letters.take() if to.now() <= deadline else None
            if letter is None:
                break
            try:
                answer = _answer(letter, to)
            except BusyError:
                break
            answered.extend([answer] if answer is not None else [])
    finally:
        if answered:
            message = about_watch.of_handed_back(answered, to.own_account, to.own_region)
            to.notices.publish(message)


def _answer(letter: Letter, to: Responder) -> Answer | None:
    """Answer the finding in `letter` and take it out; None: it stays, for a person.

    Raises:
        BusyError: it cannot be answered yet.
    """
    event = letter.event()
    if event is None:
        return None
    try:
        answer = contain(event, to, again=True)
    except BusyError:
        raise
    except CordonError:
        return None
    to.dead_letters.done(letter)
    return answer
