"""The options that several commands share, and the API that they reach."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import typer

from cordon.client import Client
from cordon.exits import CommandError, Exit

InstanceId = Annotated[str, typer.Argument(help="An instance, such as i-0123456789abcdef0.")]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON, for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for scripts.")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it is kept with your name.")]
Account = Annotated[
    str | None, typer.Option("--account", help="The instance's account; else Cordon's own.")
]
RegionOf = Annotated[
    str | None, typer.Option("--in-region", help="The instance's region; else Cordon's own.")
]


Reach = Callable[[str, str | None, str | None], Client]  # the URL, the profile, the region


@dataclass
class Connection:
    """Which API the options before the command name; it is reached when it is first needed."""

    api: str
    profile: str | None
    region: str | None
    reach: Reach

    @cached_property
    def client(self) -> Client:
        return self.reach(self.api, self.profile, self.region)


def client_of(context: typer.Context) -> Client:
    """Return the API that this run of the command is about."""
    return connection_of(context).client


def connection_of(context: typer.Context) -> Connection:
    """Return what was said before the command."""
    connection = context.find_object(Connection)
    if connection is None:
        raise CommandError(Exit.USAGE, "which API is meant is not said", "set CORDON_API")
    return connection


def told(reason: str, what: str) -> str:
    """Return the reason given, or ask for it on a terminal.

    Raises:
        CommandError: there is none, and nobody to ask.
    """
    if reason.strip():
        return reason
    if not sys.stdin.isatty():
        raise CommandError(Exit.USAGE, f"{what} needs a reason", "--reason 'why'")
    return str(typer.prompt("reason"))


def agreed(question: str, *, yes: bool) -> None:
    """Ask before something is done.

    Raises:
        CommandError: the answer is no, or nobody is there to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(Exit.USAGE, f"{question} nobody is there to answer", "--yes")
    if not typer.confirm(question):
        raise CommandError(Exit.CONFLICT, "nothing was done", "")
