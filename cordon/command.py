"""`cordon`: the operator's command, built from the table of commands."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from chalicelib.core.plain_text import one_line
from cordon.client import Client
from cordon.commands.table import COMMANDS, Command
from cordon.exits import CommandError
from cordon.options import Connection, Reach

_LONG = 900  # characters

Api = Annotated[str, typer.Option(envvar="CORDON_API", help="The URL of Cordon's API.")]
Profile = Annotated[str | None, typer.Option(envvar="AWS_PROFILE", help="As for the AWS CLI.")]
Region = Annotated[str | None, typer.Option(envvar="AWS_REGION", help="Of the API.")]


def connect(
    context: typer.Context, *, api: Api = "", profile: Profile = None, region: Region = None
) -> None:
    """See what Cordon contained, and act: look, quarantine, release, stop it at once."""
    context.obj = Connection(api, profile, region, context.obj)


def build(commands: tuple[Command, ...] = COMMANDS) -> typer.Typer:
    """Return the command line of `commands`."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.callback()(connect)
    groups: dict[str, typer.Typer] = {}
    for each in commands:
        first, _, second = each.name.partition(" ")
        if not second:
            app.command(first, rich_help_panel=each.part)(_ending(each.run))
            continue
        if first not in groups:
            groups[first] = typer.Typer(no_args_is_help=True)
            app.add_typer(groups[first], name=first, rich_help_panel=each.part)
        groups[first].command(second)(_ending(each.run))
    return app


def _ending(run: Callable[..., int | None]) -> Callable[..., None]:
    """Return `run` as Typer wants it: what it returns is the status of the command."""

    @functools.wraps(run)
    def command(**options: object) -> None:
        if status := run(**options):
            raise typer.Exit(status)

    return command


def main(arguments: list[str] | None = None, reach: Reach = Client) -> int:
    """Run one command; return its exit status."""
    try:
        build()(arguments, prog_name="cordon", obj=reach)
    except CommandError as error:
        print(f"cordon: {one_line(error.why, _LONG)}", file=sys.stderr)
        if error.next_step:
            print(f"  next: {one_line(error.next_step, _LONG)}", file=sys.stderr)
        return int(error.status)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0
