"""`cordon report`: the incident report, for the screen, a ticket or a program."""

from __future__ import annotations

import enum
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from cordon.client import path_of
from cordon.exits import CommandError, Exit
from cordon.options import Account, InstanceId, RegionOf, client_of


class Format(enum.StrEnum):
    """What the report is written as."""

    HTML = "html"
    MD = "md"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="A page, Markdown, or data.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="A file to write, else printed.")]
Open = Annotated[bool, typer.Option("--open", help="Write the page, and open it in the browser.")]


def report(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    shape: FormatOption = Format.HTML,
    out: Out = None,
    in_browser: Open = False,
    account: Account = None,
    in_region: RegionOf = None,
) -> None:
    """Write the incident report."""
    query = {"format": shape.value, "account_id": account, "region": in_region}
    path = f"{path_of(instance_id)}/report"
    said = client_of(context).ask("GET", path, query=query).text
    if in_browser and out is None:
        out = Path(f"cordon-{instance_id}.{shape.value}")
    if out is None:
        print(said)
        return
    try:
        out.write_text(said, encoding="utf-8")
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{out} cannot be written: {error}", "--out FILE") from error
    print(out)
    if in_browser:
        webbrowser.open(out.resolve().as_uri())
