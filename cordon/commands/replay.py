"""`cordon replay`: what Cordon would do with the findings of a folder, and why."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from cordon import replay as course

Folder = Annotated[Path, typer.Argument(help="JSON files: events, GetFindings, S3 export.")]
PolicyFile = Annotated[
    str,
    typer.Option("--policy", envvar="CORDON_POLICY", help="In place of policy.owner.toml."),
]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON, for scripts.")]


class Format(enum.StrEnum):
    """How the rows are shown."""

    TABLE = "table"
    JSON = "json"


def replay(
    folder: Folder, *, policy: PolicyFile = "", shape: Format = Format.TABLE, json: AsJson = False
) -> int:
    """Say what Cordon would do with each finding of a folder; it needs no AWS."""
    wanted = Format.JSON if json else shape
    return course.main([str(folder), "--format", wanted.value, "--policy", policy])
