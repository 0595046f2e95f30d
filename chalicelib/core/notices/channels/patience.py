"""How long to wait for a receiver that is asked too often."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from chalicelib.core.notices.channels.post import Answer

_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SPREAD = 20.0  # seconds over which those that were refused at once come back, at most
_DIGITS, _MOST = 4, 0xFFFF  # of an id, which is in hexadecimal digits


def wait_of(answer: Answer, now: datetime, notice_id: str, nth: int) -> float | None:
    """Return how many seconds to wait before the next try; None: waiting is not what helps.

    As long as the receiver says, and somewhat longer, each notice for itself: fifty that were
    refused at the same time must not come back at the same time.

    Args:
        answer: what it said.
        now: UTC.
        notice_id: which notice is tried.
        nth: how often it was tried already.
    """
    if answer.status not in _LATER:
        return None
    asked = seconds_of(answer.retry_after, now)
    if asked is None and answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    spread = min(_SPREAD, 2.0**nth)
    return (asked or 0.0) + spread * _share(notice_id, nth)


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """Return what a Retry-After asks for; None: nothing that can be read.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    said = retry_after.strip()
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


def _share(notice_id: str, nth: int) -> float:
    """Return a number from 0 to 1 that is another for each notice and try."""
    begins = nth * _DIGITS % max(1, len(notice_id) - _DIGITS)
    return int(notice_id[begins : begins + _DIGITS], 16) / _MOST
