"""`cordon mode`: the kill switch, shown or turned."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import Json, Reason, Yes, agreed, client_of, told


class Mode(enum.StrEnum):
    """What Cordon does with the next finding."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


Wanted = Annotated[Mode | None, typer.Argument(help="What to turn it to; without it, it is shown.")]


def mode(
    context: typer.Context,
    wanted: Wanted = None,
    *,
    reason: Reason = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Show the mode, or turn the kill switch: observe contains nothing from the next finding on."""
    client = client_of(context)
    said = client.get("/mode")
    if wanted is None and reason:
        raise CommandError(Exit.USAGE, "a reason for which mode?", "cordon mode observe --reason")
    if wanted is not None:
        why = told(reason, "a change of mode")
        agreed(f"turn Cordon from {said['mode']} to {wanted.value}?", yes=yes)
        said = client.ask("PUT", "/mode", {"mode": wanted.value, "reason": why}).body
    if json:
        screen.as_json(said)
        return
    setting = said["set"]
    by = f"by {setting['by']}: {setting['reason']}" if setting else "as it was deployed"
    screen.line(said["mode"], by)
