"""`cordon explain`: what Cordon would do with one finding, and why.

Nothing is sent anywhere, unless `--live` asks the API about the instance.
"""

from __future__ import annotations

import json as json_format
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from chalicelib.settings.deployment import Settings, SettingsError
from cordon import screen
from cordon.commands import preview
from cordon.exits import CommandError, Exit
from cordon.exports import Export, as_event
from cordon.options import Json, client_of
from cordon.replay import replay
from cordon.replay_table import Row

Finding = Annotated[str, typer.Argument(help="A file with the finding, or - for standard input.")]
PolicyFile = Annotated[
    str,
    typer.Option("--policy", envvar="CORDON_POLICY", help="In place of policy.owner.toml."),
]

Live = Annotated[bool, typer.Option("--live", help="Ask the API how the instance is now.")]


def explain(
    context: typer.Context,
    finding: Finding,
    *,
    policy: PolicyFile = "",
    live: Live = False,
    json: Json = False,
) -> None:
    """Say what Cordon would do with a finding, and why."""
    event = _read(finding)
    rows = replay([Export(finding, event)], _policy(policy))
    seen = [_preview(context, event, row) if live else None for row in rows]
    if json:
        pairs = zip(rows, seen, strict=True)
        screen.as_json([{**asdict(row), **({"live": now} if live else {})} for row, now in pairs])
    else:
        for row, now in zip(rows, seen, strict=True):
            _tell(row)
            if now:
                screen.heading(f"{row.instance_id} now, {now['instance_state']}")
                preview.tell(now)
    if any(row.outcome == "rejected" for row in rows):
        raise CommandError(Exit.USAGE, f"{finding}: {rows[0].why}", "give a finding of GuardDuty")


def _read(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json_format.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(Exit.USAGE, f"{name} cannot be read: {error}", "") from error
    if not isinstance(found, dict):
        raise CommandError(Exit.USAGE, f"{name} is no JSON object", "cordon replay FOLDER")
    try:
        return as_event(found)
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"{name}: {error}", "cordon replay FOLDER") from error


def _preview(context: typer.Context, event: Any, row: Row) -> Any:
    """Return what a containment of the row's instance would do now; None: it has none."""
    detail = event.get("detail") if isinstance(event, dict) else None
    if not row.instance_id or not isinstance(detail, dict):
        return None
    where = (detail.get("accountId"), detail.get("region"))
    return preview.read(client_of(context), row.instance_id, *where)


def _policy(name: str) -> Any:
    try:
        return Settings.read({"AWS_REGION": "none-0", "CORDON_POLICY": name}).policy
    except SettingsError as error:
        raise CommandError(Exit.USAGE, str(error), "cordon check") from error


def _tell(row: Row) -> None:
    if row.outcome == "rejected":
        return
    screen.line(row.outcome, row.instance_id, ", ".join(row.reasons))
    screen.facts(
        (
            ("finding", f"{row.type}, severity {row.severity:g}"),
            ("role", row.role or "not given"),
            ("why", row.why),
            *((("were it real", row.if_real),) if row.if_real else ()),
        )
    )
