"""Is the evidence what it was when it was kept? Asked offline: each name says what it holds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cordon.exits import CommandError, Exit

_DIGEST = re.compile(r"([0-9a-f]{64})\.[a-z]+$")
_REPORT = re.compile(r"/report-\d+-[A-Z]+-[0-9a-f]{64}\.json$")

Pieces = Iterator[tuple[str, bytes]]  # name and content


def in_folder(folder: Path) -> Pieces:
    """Yield every piece of a copy of the bucket.

    Raises:
        CommandError: it is no folder, or cannot be read.
    """
    if not folder.is_dir():
        raise CommandError(Exit.USAGE, f"{folder} is no folder", "copy the bucket with aws s3 sync")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
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
                yield each["Key"], s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            Exit.FORBIDDEN, f"{url}: {error}", "log in, or name --profile"
        ) from error


def problems(pieces: Pieces) -> tuple[int, dict[str, str]]:
    """Return how many pieces there are, and what is wrong, by the name of the piece.

    A piece that was changed, or took another's place, does not hold what its name says. One that
    is missing is named by the report of its case.
    """
    held: set[str] = set()
    wrong: dict[str, str] = {}
    named: dict[str, str] = {}
    for name, content in pieces:
        held.add(name)
        found = _DIGEST.search(name)
        if found is None:
            wrong[name] = "its name does not say what it holds: it is none of Cordon's"
        elif hashlib.sha256(content).hexdigest() != found[1]:
            wrong[name] = "it does not hold what its name says"
        elif _REPORT.search(f"/{name}"):
            named.update(dict.fromkeys(_named_by(content), name))
    for name in sorted(named.keys() - held):
        wrong[name] = f"missing: {named[name]} names it"
    return len(held), wrong


def _named_by(report: bytes) -> Iterator[str]:
    said: Mapping[str, Any] = json.loads(report)
    yield from (str(each["name"]) for each in said["evidence"])
