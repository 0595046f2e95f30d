"""`cordon show`: all about one quarantine, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from chalicelib.core.evidence.names import in_short
from cordon import screen
from cordon.client import path_of
from cordon.options import Account, InstanceId, Json, RegionOf, client_of


def show(
    context: typer.Context,
    instance_id: InstanceId,
    *,
    account: Account = None,
    in_region: RegionOf = None,
    json: Json = False,
) -> None:
    """Show one quarantine: why, its steps, its timeline, what drifted, what to do next."""
    path = path_of(instance_id)
    said = client_of(context).get(path, account_id=account, region=in_region)
    if json:
        screen.as_json(said)
        return
    tell(said)


def tell(said: Mapping[str, Any]) -> None:
    """Print a quarantine as a person reads it: first what matters now."""
    screen.line(said["instance_id"], said["state"], f"for {screen.age(said['opened_at'])}")
    screen.facts(
        (
            ("why", said["reason"]),
            ("finding", f"{said['finding_type'] or 'none: by hand'}, {said['severity']}"),
            ("opened", f"{said['opened_at'][:19]} by {said['opened_by']}"),
            ("account", f"{said['account_id']}, {said['region']}"),
        )
    )
    screen.facts(("no release undoes", each) for each in said.get("cannot_be_undone", ()))
    _part("drift", (("what", "how", "in detail"), _drift(said)))
    _part("steps", (("step", "status", "in detail"), _steps(said)))
    _part("timeline, UTC", (("when", "who", "what"), _lines(said)))
    for each in next_steps(said):
        screen.line("next:", each)


def next_steps(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the commands that a person may want now."""
    instance_id = said["instance_id"]
    if said["state"] == "RELEASED":
        return (f"cordon report {instance_id} --format md   # for the ticket",)
    if said["state"] == "CONTAINED":
        return (
            f"cordon report {instance_id} --open",
            f"cordon release {instance_id} --verdict remediated --reason '...'",
        )
    return (f"cordon show {instance_id}   # the watcher finishes it within five minutes",)


def _drift(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(each["subject"], each["kind"], each["detail"]) for each in said["drift"]]


def _steps(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (name, step["status"], in_short(step["detail"]) if name == "evidence" else step["detail"])
        for name, step in said["steps"].items()
    ]


def _lines(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (each["at"][:19].replace("T", " "), each["who"], each["what"].replace("_", " "))
        for each in said["timeline"]
    ]


def _part(name: str, content: tuple[tuple[str, ...], list[tuple[str, ...]]]) -> None:
    heads, rows = content
    if rows:
        screen.heading(name)
        screen.table(heads, rows)
