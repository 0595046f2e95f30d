"""What is kept of an incident, and the chain of manifests that lists it."""

from __future__ import annotations

import hashlib

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.evidence.manifest import (
    LISTED,
    Head,
    Manifest,
    Piece,
    head_of,
    read_manifest,
)
from chalicelib.core.evidence.names import folder_of, name_of_manifest
from chalicelib.core.findings.finding import Finding
from chalicelib.core.notices import about_watch
from chalicelib.core.quarantine.record import Line, Quarantine
from chalicelib.flows.ports.responder import Responder


def keep(name: str, body: bytes, of: Quarantine | Finding, to: Responder) -> Piece:
    """Keep `body` as evidence of a quarantine or a finding under `name`, which it gives itself.

    What else lies there was put there by somebody else: that is told, and stays as the version
    before. In this order, so that a crash repeats the message and does not lose it.
    """
    version_id = to.evidence.keep(name, body)
    if version_id is None:
        to.notices.publish(about_watch.of_planted(name, of))
        version_id = to.evidence.keep(name, body, over=True)
    return Piece(name, hashlib.sha256(body).hexdigest(), version_id or "")


def enter(quarantine: Quarantine, pieces: tuple[Piece, ...], to: Responder) -> None:
    """List `pieces` in the next manifest of a quarantine, and that one in its timeline.

    Whoever else writes the same number comes first or second, as the store says; who is second
    goes on after the first. A crash before the timeline writes the same manifest again, under the
    same number.
    """
    head = head_of(to.quarantines.timeline(quarantine))
    while True:
        manifest = Manifest(folder_of(quarantine), head.number + 1, head.sha256, pieces)
        body, name = manifest.as_bytes(), name_of_manifest(quarantine, manifest.number)
        if to.evidence.keep(name, body) is not None:
            break
        there = to.evidence.read(name)
        if not _follows(there, manifest):  # it is nobody's of ours
            keep(name, body, quarantine, to)
            break
        head = Head(manifest.number, hashlib.sha256(there).hexdigest())
    listed = Head(manifest.number, hashlib.sha256(body).hexdigest())
    to.quarantines.append(quarantine, Line(to.now(), CORDON, LISTED, listed.as_json()))


def _follows(body: bytes, ours: Manifest) -> bool:
    """Whether `body` is a manifest that another worker may have written in the place of `ours`."""
    found = read_manifest(body)
    return found is not None and (found.folder, found.number, found.before) == (
        ours.folder,
        ours.number,
        ours.before,
    )
