"""Who hears what a topic says: a mail of SNS that nobody confirmed is silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is to be told, or something."""

    protocol: str  # SNS's word
    endpoint: str
    is_confirmed: bool


NOTICES = "what is contained and found (ContainmentsEmail, FindingsEmail)"
ALARMS = "that Cordon itself is not well (AlarmsEmail)"


def find_unconfirmed(what: str, subscribers: Iterable[Subscriber]) -> Iterator[str]:
    """Yield, for people, who subscribed and is not told `what`."""
    for each in subscribers:
        if not each.is_confirmed:
            yield f"{each.endpoint} has not confirmed the mail of SNS, and is not told {what}"


def is_heard(subscribers: Iterable[Subscriber]) -> bool:
    """Say whether anybody but a function of Cordon's subscribed."""
    return any(each.protocol != "lambda" for each in subscribers)
