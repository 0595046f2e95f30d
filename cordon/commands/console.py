"""`cordon console`: the same on one screen in the browser, until Ctrl-C."""

from __future__ import annotations

import threading
import webbrowser
from typing import Annotated

import typer

from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import client_of

Port = Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")]


def console(context: typer.Context, *, port: Port = 0, in_browser: Open = True) -> None:
    """Show incidents, and act on them, in the browser; served on 127.0.0.1 to you alone."""
    from cordon.console.server import serving  # noqa: PLC0415 - only this command needs a server

    client = client_of(context)
    try:
        with serving(client, port) as url:
            screen.line("console:", url)
            screen.line("the address is your key: share it with nobody; Ctrl-C ends it")
            if in_browser:
                webbrowser.open(url)
            threading.Event().wait()
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise CommandError(Exit.USAGE, f"port {port}: {error.strerror}", "--port 0") from error
