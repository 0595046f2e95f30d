"""Pieces of evidence are named by what they hold: nobody can take a name before it is known."""

from __future__ import annotations

import hashlib

from chalicelib.core.findings.finding import Finding
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.record import Quarantine

_SEPARATOR = ", "
_FOLDERS = ("findings/", "quarantines/")


def name_of_finding(finding: Finding) -> str:
    """Return the name of this version of `finding`."""
    return f"findings/{finding.account_id}/{finding.region}/{finding.id}/{finding.sha256}.json"


def name_of_instance(ref: InstanceRef, number: int, as_described: str) -> str:
    """Return the name of the instance as it was before quarantine `number` of it."""
    digest = hashlib.sha256(as_described.encode()).hexdigest()
    return f"{folder_in(ref, number)}/instance-before-{digest}.json"


def name_of_piece(quarantine: Quarantine, kind: str, body: bytes, shape: str) -> str:
    """Return the name of what was found of an instance after the cut, such as its `console`."""
    return f"{folder_of(quarantine)}/{kind}-{hashlib.sha256(body).hexdigest()}.{shape}"


def name_of_manifest(quarantine: Quarantine, number: int) -> str:
    """Return the name of a manifest; no two can have one number, whatever they hold."""
    return f"{folder_of(quarantine)}/manifest-{number:04}.json"


def names_in(said: str) -> tuple[str, ...]:
    """Return the names of the pieces that the step `evidence` says it kept."""
    return tuple(each for each in said.split(_SEPARATOR) if each.startswith(_FOLDERS))


def in_short(said: str) -> str:
    """Return what the step `evidence` says without its many long names: how many, and where."""
    names = names_in(said)
    if not names:
        return said
    count = f"{len(names)} piece{'s' if len(names) > 1 else ''} in the evidence bucket"
    below = sorted({name.rpartition("/")[0] for name in names}, reverse=True)
    refused = [each for each in said.split(_SEPARATOR) if each not in names]
    return "; ".join((f"{count}, below {' and '.join(below)}", *refused))


def folder_of(quarantine: Quarantine) -> str:
    """Return what the names of all pieces of one quarantine begin with."""
    return folder_in(quarantine.ref, quarantine.number)


def folder_in(ref: InstanceRef, number: int) -> str:
    """Return what the names of all pieces of quarantine `number` of `ref` begin with."""
    return f"quarantines/{ref.key}/{number}"


def name_of_report(quarantine: Quarantine, shape: str, text: str) -> str:
    """Return the name of the report `text` of a quarantine, as it is at this version."""
    digest, state = hashlib.sha256(text.encode()).hexdigest(), quarantine.state.value
    return f"{folder_of(quarantine)}/report-{quarantine.version:04}-{state}-{digest}.{shape}"
