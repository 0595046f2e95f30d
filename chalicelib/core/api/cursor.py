"""Where a page of a list ends: a text that only Cordon reads."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.errors import MalformedRequestError
from chalicelib.core.quarantine.record import Quarantine

_KEY = re.compile(r"[!-~]{1,200}")
_MOST = 600  # characters
_MUST = "must be a next_cursor of this list"


@dataclass(frozen=True, slots=True)
class Place:
    """A quarantine's place in a list that is ordered by when each was opened."""

    opened_at: datetime
    key: str  # of the instance
    number: int

    @classmethod
    def of(cls, quarantine: Quarantine) -> Place:
        """Return the place of `quarantine`."""
        return cls(quarantine.opened_at, quarantine.ref.key, quarantine.number)

    def as_cursor(self) -> str:
        """Return the place as a text that fits into an address as it is."""
        said = json.dumps([self.opened_at.isoformat(), self.key, self.number])
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list of quarantines, and where the next one goes on, if there is one."""

    quarantines: tuple[Quarantine, ...]
    goes_on: Place | None = None
    unreadable: tuple[str, ...] = ()  # for people: records in their place, and what is wrong there


def parse_cursor(text: str | None) -> Place | None:
    """Return the place that `text`, from an earlier page's `next_cursor`, stands for.

    None is the first page, and so is an empty text.

    Raises:
        MalformedRequestError: it was not made by Cordon.
    """
    if not text:
        return None
    if len(text) > _MOST:
        raise MalformedRequestError("cursor", _MUST, text)
    try:
        padded = text + "=" * (-len(text) % 4)
        opened_at, key, number = json.loads(base64.b64decode(padded, altchars="-_", validate=True))
        moment = datetime.fromisoformat(opened_at)
        is_place = type(number) is int and 0 < number < 10**6 and _KEY.fullmatch(key)
    except (RecursionError, TypeError, ValueError) as error:
        raise MalformedRequestError("cursor", _MUST, text) from error
    if not is_place or moment.utcoffset() is None:
        raise MalformedRequestError("cursor", _MUST, text)
    return Place(moment, key, number)
