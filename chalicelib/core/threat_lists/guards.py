"""May a list go live? A bad line is dropped; a bad whole is refused, and every guard named."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.core.policy.policy import Policy

# A short list may grow by this many entries, whatever share of it that is.
_FEW = 100


class Guard(enum.StrEnum):
    """Why a list as a whole does not go live."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    SHRUNK = "shrunk"
    GROWN = "grown"
    SOURCE_EMPTIED = "source_emptied"
    NOT_ACTIVATED = "not_activated"
    OVER_QUOTA = "over_quota"

    @property
    def yields(self) -> bool:
        """Whether a person may wave the list through; GuardDuty's quota does not move for one."""
        return self is not Guard.OVER_QUOTA


@dataclass(frozen=True, slots=True)
class Whole:
    """What the guards look at."""

    entries: int
    lists: int  # that it takes to hold them
    before: int | None  # entries of the list that is live; None: none is
    lasting: int  # those of them whose sources have not expired
    room: int  # lists that others leave us of GuardDuty's quota
    unreadable: tuple[str, ...]  # why, for each source that could not be read
    emptied: tuple[str, ...]  # sources that held entries, and hold none any more
    was_not_activated: bool  # GuardDuty could not activate this very list


def stopping(whole: Whole, policy: Policy) -> Iterator[tuple[Guard, str]]:
    """Yield every guard that stops the list, and why in words."""
    if whole.unreadable:
        yield Guard.UNREADABLE, "; ".join(whole.unreadable)
    if not whole.entries and (whole.before is None or whole.lasting):
        yield Guard.EMPTY, "no usable entry is left"
    if whole.before:
        yield from _moved_too_far(whole, whole.before, policy)
    if whole.emptied:
        names = ", ".join(whole.emptied)
        yield Guard.SOURCE_EMPTIED, f"nothing usable is left in {names}"
    if whole.was_not_activated:
        yield Guard.NOT_ACTIVATED, "GuardDuty could not activate this very list"
    if whole.lists > whole.room:
        need = f"{whole.entries} entries need {whole.lists} list(s) of {policy.max_entries}"
        yield Guard.OVER_QUOTA, f"{need}, and GuardDuty has room for {whole.room}"


def _moved_too_far(whole: Whole, before: int, policy: Policy) -> Iterator[tuple[Guard, str]]:
    """Yield what the list lost or won too much of; what expires was said to go, and goes."""
    entries, lasting = whole.entries, whole.lasting
    moved = f"{entries} entries instead of {before}"
    if lasting - entries > lasting * policy.max_shrink:
        yield Guard.SHRUNK, f"{moved}: more than {policy.max_shrink:.0%} would go"
    if entries - before > max(before * policy.max_growth, _FEW):
        yield Guard.GROWN, f"{moved}: it would grow by more than {policy.max_growth:.0%}"
