"""`cordon list`: the quarantines, newest first."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from cordon import screen
from cordon.commands.status import rows
from cordon.options import Json, client_of

State = Annotated[
    str | None,
    typer.Option(help="CONTAINING, CONTAINED, RELEASING, RELEASED; without it, all."),
]
Most = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]


def list_quarantines(
    context: typer.Context, *, state: State = None, limit: Most = 200, json: Json = False
) -> None:
    """List the quarantines, newest first."""
    asked = state and state.upper().replace("OPEN", "open")
    found = list(islice(client_of(context).quarantines(state=asked), limit))
    if json:
        screen.as_json(found)
        return
    rows(found)
    if not found:
        screen.line("no quarantines")
