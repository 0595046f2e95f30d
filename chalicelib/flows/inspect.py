"""What people look at: the list of quarantines, and all about one."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.api.cursor import Page, Place
from chalicelib.core.api.request import Selection
from chalicelib.core.errors import UnknownInstanceError
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.quarantine.record import Line, Quarantine, State
from chalicelib.core.quarantine.timeline import cut_short
from chalicelib.core.steps.drift import Drift, drift_now
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.give_back import look_for
from chalicelib.flows.quarantine.look import look_in_order

PAGE = 50  # quarantines
_OPEN = (State.CONTAINING, State.RELEASING, State.CONTAINED)  # unfinished ones first


@dataclass(frozen=True, slots=True)
class Inspection:
    """A quarantine with its timeline, and what is not as it should be now."""

    quarantine: Quarantine
    lines: tuple[Line, ...]  # of a very long timeline the first and the last ones
    drift: tuple[Drift, ...]
    instance: Instance | None = None  # as it is now; None: gone, or not looked at


def list_quarantines(selection: Selection, after: Place | None, to: Responder) -> Page:
    """Return a page of quarantines, newest first."""
    return to.quarantines.page(selection, after, PAGE)


def every_open(to: Responder) -> Page:
    """Return every quarantine that is open, those first whose work is unfinished."""
    quarantines: list[Quarantine] = []
    unreadable: list[str] = []
    for state in _OPEN:
        after: Place | None = None
        while True:
            page = to.quarantines.page(Selection(state), after, PAGE)
            quarantines.extend(page.quarantines)
            unreadable.extend(page.unreadable)
            after = page.goes_on
            if after is None:
                break
    return Page(tuple(quarantines), unreadable=tuple(unreadable))


def inspect(ref: InstanceRef, to: Responder) -> Inspection:
    """Return all about the last quarantine of an instance.

    Raises:
        UnknownInstanceError: the instance was never in quarantine.
    """
    look = look_in_order(ref, to)
    quarantine = look.dossier.quarantine
    if quarantine is None:
        raise UnknownInstanceError(ref.instance_id, f"was never in quarantine in {ref.where}")
    lines = cut_short(to.quarantines.timeline(quarantine))
    if not quarantine.is_open or not to.bounds(ref).allows(ref.account_id):
        return Inspection(quarantine, lines, ())
    scene = look_for(quarantine, look.instance, look.groups, to)
    drift = drift_now(quarantine, scene.instance, scene.groups, scene.existing)
    return Inspection(quarantine, lines, drift, scene.instance)
