"""`cordon mode`: the kill switch, shown or turned."""

from __future__ import annotations

import enum
from typing import Annotated, Any

import typer

from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import Json, Reason, Yes, agreed, client_of, told


class Mode(enum.StrEnum):
    """What Cordon does with the next finding."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class Lists(enum.StrEnum):
    """Whether threat lists are kept in step with their sources."""

    ON = "on"
    PAUSED = "paused"


OfLists = Annotated[Lists | None, typer.Option(help="Turn the switch of the threat lists.")]
Wanted = Annotated[Mode | None, typer.Argument(help="What to turn it to; without it, it is shown.")]


def mode(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    wanted: Wanted = None,
    *,
    lists: OfLists = None,
    reason: Reason = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Show the mode, or turn the kill switch: observe contains nothing from the next finding on."""
    client = client_of(context)
    said = client.get("/mode")
    turned = {"mode": wanted, "lists": lists}
    asked = {name: value.value for name, value in turned.items() if value is not None}
    if not asked and reason:
        raise CommandError(Exit.USAGE, "a reason for which mode?", "cordon mode observe --reason")
    if asked:
        why = told(reason, "a change of mode")
        changes = " and ".join(f"{name} from {said[name]} to {asked[name]}" for name in asked)
        agreed(f"turn {changes}?", yes=yes)
        said = client.ask("PUT", "/mode", {**asked, "reason": why}).body
    if json:
        screen.as_json(said)
        return
    screen.line(said["mode"], _by(said["set"]))
    screen.line("threat lists", said["lists"], _by(said["lists_set"]))


def _by(setting: dict[str, Any] | None) -> str:
    return f"by {setting['by']}: {setting['reason']}" if setting else "as it was deployed"
