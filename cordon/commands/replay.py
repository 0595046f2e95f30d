"""`cordon replay`: what Cordon would do with findings at hand, and why."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from chalicelib.core.policy.policy import Mode
from cordon import replay as course

Findings = Annotated[
    str,
    typer.Argument(
        help="A folder, a file (.json .jsonl .ndjson .gz .zip), or - for standard input: "
        "events, GetFindings, an S3 export, Security Hub's ASFF or OCSF."
    ),
]
PolicyFile = Annotated[
    str,
    typer.Option("--policy", envvar="CORDON_POLICY", help="In place of policy.owner.toml."),
]
AsMode = Annotated[Mode, typer.Option("--mode", help="As if Cordon were in that mode.")]
Own = Annotated[str, typer.Option("--own-account", help="That Cordon runs in; else any is.")]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON, for scripts.")]


class Format(enum.StrEnum):
    """How the rows are shown."""

    TABLE = "table"
    JSON = "json"


def replay(  # noqa: PLR0913 - each is an option
    findings: Findings,
    *,
    policy: PolicyFile = "",
    mode: AsMode = Mode.ENFORCE,
    own_account: Own = "",
    shape: Format = Format.TABLE,
    json: AsJson = False,
) -> int:
    """Say what Cordon would do with each finding; it needs no AWS."""
    wanted = Format.JSON if json else shape
    options = ["--format", wanted.value, "--policy", policy, "--mode", mode.value]
    return course.main([*options, "--own-account", own_account, "--", findings])
