"""Cordon's sets in GuardDuty, and what has to be done to them: a plan is data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.publication import Publication

_MOVING = frozenset({"ACTIVATING", "DEACTIVATING", "DELETE_PENDING"})


@dataclass(frozen=True, slots=True)
class ListSet:
    """A threat entity set or threat intel set, of whomever, as GuardDuty describes it."""

    id: str
    name: str
    kind: ListKind
    status: str
    location: str
    trouble: str = ""  # what GuardDuty says of an ERROR

    @property
    def is_moving(self) -> bool:
        """Whether GuardDuty refuses to change it for now."""
        return self.status in _MOVING


@dataclass(frozen=True, slots=True)
class Create:
    """Make a set, active."""

    name: str
    kind: ListKind
    location: str


@dataclass(frozen=True, slots=True)
class Update:
    """Let a set read `location`, and activate it. Its format cannot be changed."""

    set: ListSet
    location: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Take away a set of ours that is needed no more."""

    set: ListSet


Step = Create | Update | Delete


def set_name(stage: str, number: int) -> str:
    """Return the name of Cordon's set `number`, from 1."""
    return f"cordon-{stage}-threats-{number}"


def is_ours(name: str, stage: str) -> bool:
    """Whether a set of this name is Cordon's in `stage`; all others are left alone."""
    return re.fullmatch(rf"cordon-{re.escape(stage)}-threats-[1-9][0-9]?", name) is not None


def wanted(live: Publication | None, stage: str, place: str) -> dict[str, str]:
    """Return the location of each set that there should be, by name; `place` ends with a slash."""
    parts = live.parts if live else ()
    return {set_name(stage, n): place + part for n, part in enumerate(parts, 1)}


def plan(
    live: Publication | None, ours: Iterable[ListSet], stage: str, place: str
) -> Iterator[Step]:
    """Yield what has to be done, so that `live` is active and nothing else of ours is there.

    Nothing, if all is as it should be. Of two sets with one name, the second is surplus.
    """
    missing, surplus = wanted(live, stage, place), []
    for each in ours:
        location = missing.pop(each.name, None) if live and each.kind is live.kind else None
        if location is None:
            surplus.append(each)
        elif (each.location, each.status) != (location, "ACTIVE"):
            yield Update(each, location)
    if live:
        for name, location in missing.items():
            yield Create(name, live.kind, location)
    yield from map(Delete, surplus)


def failed(live: Publication, ours: Iterable[ListSet], place: str) -> tuple[ListSet, ...]:
    """Return the sets that GuardDuty could not activate with what `live` has them read."""
    places = {place + part for part in live.parts}
    return tuple(
        each
        for each in ours
        if each.status == "ERROR" and each.kind is live.kind and each.location in places
    )


def room(everyones: Iterable[ListSet], kind: ListKind, stage: str, max_lists: int) -> int:
    """Return how many sets of `kind` others leave us."""
    others = [each for each in everyones if each.kind is kind and not is_ours(each.name, stage)]
    return max(0, max_lists - len(others))
