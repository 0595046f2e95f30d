"""Is the evidence what it was when it was kept? Asked offline: names and manifests say it.

A name says what the piece holds. The manifests of a quarantine are a chain: each lists pieces, and
carries the hash of the one before; the reports say which of them there were.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from chalicelib.core.evidence.manifest import Manifest, Piece, heads_of, read_manifest
from cordon.exits import CommandError, Exit

_DIGEST = re.compile(r"([0-9a-f]{64})\.[a-z]+$")
_FOLDER = re.compile(r"(quarantines/[^/]+/[^/]+/[^/]+/\d+)/[^/]+$")
_MANIFEST = re.compile(r"(quarantines/[^/]+/[^/]+/[^/]+/\d+)/manifest-(\d{4,})\.json$")
# Only a version that lists what it keeps keeps these.
_LISTED = re.compile(r"(quarantines/[^/]+/[^/]+/[^/]+/\d+)/(?:surroundings|undo)-[^/]+$")
_REPORT = re.compile(r"(.*)/report-\d+-[A-Z]+-[0-9a-f]{64}\.json$")

# Name, content, and S3's version of it; empty: nobody knows.
Pieces = Iterator[tuple[str, bytes, str]]


def in_folder(folder: Path) -> Pieces:
    """Yield every piece of a copy of the bucket.

    Raises:
        CommandError: it is no folder, or cannot be read.
    """
    if not folder.is_dir():
        raise CommandError(Exit.USAGE, f"{folder} is no folder", "copy the bucket with aws s3 sync")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            yield path.relative_to(folder).as_posix(), path.read_bytes(), ""
        except OSError as error:
            raise CommandError(Exit.USAGE, f"{path}: {error.strerror}") from error


def in_bucket(url: str, profile: str | None, region: str | None) -> Pieces:
    """Yield every piece below an `s3://bucket/prefix`, by the operator's own rights.

    Raises:
        CommandError: AWS refuses.
    """
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    session: Any = Session(profile=profile)  # its types know services by literal names only
    try:
        s3 = session.create_client("s3", region_name=region)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for each in page.get("Contents", ()):
                there = s3.get_object(Bucket=bucket, Key=each["Key"])
                yield each["Key"], there["Body"].read(), there.get("VersionId", "")
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            Exit.FORBIDDEN, f"{url}: {error}", "log in, or name --profile"
        ) from error


@dataclass(slots=True)
class _Found:
    """All that there is, by name, and what is wrong."""

    held: dict[str, tuple[str, str]] = field(default_factory=dict)  # hash, and version
    chains: dict[str, dict[int, Manifest]] = field(default_factory=lambda: defaultdict(dict))
    named: dict[str, str] = field(default_factory=dict)  # by a report; and by which
    heads: dict[str, str] = field(default_factory=dict)  # hashes of manifests, by a report
    wrong: dict[str, str] = field(default_factory=dict)


def problems(pieces: Pieces) -> tuple[int, dict[str, str]]:
    """Return how many pieces there are, and what is wrong, by the name of the piece.

    A piece that was changed, or took another's place, does not hold what its name says. One that
    is missing is named by the manifests or the reports of its case; one that was put there since
    is in no manifest. A chain that was cut, cut short or put in another order is named by its
    links, and by the reports.

    What no manifest and no report tells of any more is not missed: whoever may take away the last
    report and all that came after it leaves a shorter, whole chain. Of one that is gone as a whole
    the pieces tell.
    """
    found = _Found()
    for name, content, version in pieces:
        _look_at(name, content, version, found)
    for folder, chain in found.chains.items():
        _follow(folder, chain, found)
    _miss_whole_chains(found)
    for name, sha256 in found.heads.items():
        if name not in found.held:
            found.wrong.setdefault(name, "missing: a report names it")
        elif found.held[name][0] != sha256:
            found.wrong.setdefault(name, "it is another than the one that a report names")
    for name in sorted(found.named.keys() - found.held.keys()):
        found.wrong.setdefault(name, f"missing: {found.named[name]} names it")
    return len(found.held), found.wrong


def _look_at(name: str, content: bytes, version: str, found: _Found) -> None:
    """Look at one piece by itself."""
    sha256 = hashlib.sha256(content).hexdigest()
    found.held[name] = (sha256, version)
    said, is_manifest = _DIGEST.search(name), _MANIFEST.match(name)
    if is_manifest:
        manifest = read_manifest(content)
        if manifest is None:
            found.wrong[name] = "it is not as it was written"
        elif (manifest.folder, manifest.number) != (is_manifest[1], int(is_manifest[2])):
            found.wrong[name] = f"it is manifest {manifest.number} of {manifest.folder}"
        else:
            found.chains[manifest.folder][manifest.number] = manifest
    elif said is None:
        found.wrong[name] = "its name does not say what it holds: it is none of Cordon's"
    elif sha256 != said[1]:
        found.wrong[name] = "it does not hold what its name says"
    elif of := _REPORT.match(name):
        try:
            _read_report(name, of[1], json.loads(content), found)
        except (KeyError, RecursionError, TypeError, ValueError):
            found.wrong[name] = "it is no report"


def _read_report(name: str, folder: str, report: Mapping[str, Any], found: _Found) -> None:
    found.named.update(dict.fromkeys((str(each["name"]) for each in report["evidence"]), name))
    lines = ((each["what"], each["detail"]) for each in report["timeline"])
    for head in heads_of(lines):
        found.heads[f"{folder}/manifest-{head.number:04}.json"] = head.sha256


def _follow(folder: str, chain: Mapping[int, Manifest], found: _Found) -> None:
    """Follow the chain of one quarantine from its first link."""
    before, listed = "", set()
    for number in range(1, max(chain) + 1):
        name = f"{folder}/manifest-{number:04}.json"
        if number not in chain:
            found.wrong.setdefault(name, "missing: manifests come after it")
            continue
        manifest = chain[number]
        if number - 1 in chain and manifest.before != before:
            found.wrong.setdefault(name, "it does not carry the hash of the one before")
        before = found.held[name][0]
        listed.add(name)
        for piece in manifest.pieces:
            listed.add(piece.name)
            _compare(piece, name, found)
    for name in found.held:
        if name not in listed and (place := _FOLDER.match(name)) and place[1] == folder:
            found.wrong.setdefault(name, "no manifest lists it: it was put there, or a run died")


def _miss_whole_chains(found: _Found) -> None:
    """Miss the chain of each quarantine whose pieces are there without one."""
    for folder in {of[1] for name in found.held if (of := _LISTED.match(name))}:
        if folder not in found.chains:
            first = f"{folder}/manifest-0001.json"
            found.wrong.setdefault(first, "missing: what it would list is there, or a run died")


def _compare(piece: Piece, manifest: str, found: _Found) -> None:
    if piece.name not in found.held:
        found.wrong.setdefault(piece.name, f"missing: {manifest} names it")
        return
    sha256, version = found.held[piece.name]
    if sha256 != piece.sha256:
        found.wrong.setdefault(piece.name, f"it is another than the one that {manifest} lists")
    elif version and piece.version_id and version != piece.version_id:
        found.wrong.setdefault(piece.name, f"{manifest} lists version {piece.version_id} of it")
