"""The step `evidence`: what an instance was, had around it, wrote and showed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.core.decision.cause import Cause
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.evidence.manifest import Piece
from chalicelib.core.evidence.names import name_of_finding, name_of_instance, name_of_piece
from chalicelib.core.evidence.undo import what_undoes
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.custody import enter, keep


def keep_evidence(quarantine: Quarantine, cause: Cause, to: Responder) -> str:
    """Keep the finding, the instance as it was before the cut, and what is found of it now.

    What the cut and the steps change is as it was before: that was written down before the first
    change. The rest no step changes. What AWS refuses is named, and keeps nothing else out.

    Returns the names of the pieces, and what was refused, separated by commas.
    """
    described = to.quarantines.as_described(quarantine)
    before = name_of_instance(quarantine.ref, quarantine.number, described)
    pieces = [keep(before, described.encode(), quarantine, to)]
    refused: list[str] = []
    names = [before]
    if cause.finding:
        name, finding = name_of_finding(cause.finding), cause.finding.as_received
        pieces.append(keep(name, finding.encode(), quarantine, to))
        names.append(name)
    for found in _found(quarantine, described, to):
        if isinstance(found, str):
            refused.append(found)
        else:
            pieces.append(found)
            names.append(found.name)
    enter(quarantine, tuple(pieces), to)
    return ", ".join((*names, *refused))


def _found(quarantine: Quarantine, described: str, to: Responder) -> Iterator[Piece | str]:
    """Yield each piece, once it is kept; or why there is none, for people."""
    for kind, shape, read in _readings(quarantine, described, to):
        try:
            body, refused = read()
        except AwsRefusedError as error:
            yield _in_one(str(error))
            continue
        yield from map(_in_one, refused)
        if body:
            yield keep(name_of_piece(quarantine, kind, body, shape), body, quarantine, to)


_Read = Callable[[], tuple[bytes, tuple[str, ...]]]  # what was found, and what was refused of it


def _readings(
    quarantine: Quarantine, described: str, to: Responder
) -> tuple[tuple[str, str, _Read], ...]:
    forensics, instance_id = to.site(quarantine.ref).forensics, quarantine.ref.instance_id

    def screenshot() -> tuple[bytes, tuple[str, ...]]:
        try:
            return forensics.screenshot(instance_id), ()
        except AwsBusyError as error:  # some kinds of instance have none, and say so like this
            return b"", (str(error),)

    return (
        ("undo", "json", lambda: (what_undoes(quarantine), ())),
        ("surroundings", "json", lambda: forensics.surroundings(described)),
        ("console", "txt", lambda: (forensics.console(instance_id).encode(), ())),
        ("screenshot", "jpg", screenshot),
        ("user-data", "txt", lambda: (forensics.user_data(instance_id).encode(), ())),
    )


def _in_one(said: str) -> str:
    """Return a sentence that can stand in a list that is separated by commas."""
    return said.replace(",", ";")
