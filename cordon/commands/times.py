"""`cordon times`: how long it took to contain, part by part."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from chalicelib.core.quarantine.times import summed
from cordon import screen
from cordon.options import Json, client_of
from cordon.times import of_the_last

Last = Annotated[int, typer.Option("--last", min=1, max=1000, help="Of so many quarantines.")]


def times(context: typer.Context, *, last: Last = 50, json: Json = False) -> None:
    """Show the time to contain of the last quarantines: the half, and all but one in twenty."""
    said = summed(of_the_last(client_of(context), last))
    if json:
        screen.as_json({name: asdict(each) for name, each in said.items()})
        return
    screen.table(
        ("part", "quarantines", "p50", "p95"),
        (
            (name.replace("_", " "), each.count, f"{each.p50:.1f} s", f"{each.p95:.1f} s")
            for name, each in said.items()
        ),
    )
