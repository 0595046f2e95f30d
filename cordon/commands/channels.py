"""`cordon channels check` and `test`: who is told what, and whether they hear it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from chalicelib.core.errors import CordonError
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel
from chalicelib.flows.ports.notifier import Notifier
from chalicelib.settings.channels import read_channels
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring.notifier import notifier
from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import Json, Yes, agreed
from cordon.trial import Trial, try_channel

Name = Annotated[str, typer.Argument(help="One channel of channels.toml; without it, all.")]
Live = Callable[[], Notifier | None]


def channels_check(*, json: Json = False) -> int:
    """Say what channels.toml lets each channel hear, or all that is wrong with it; needs no AWS."""
    channels = _channels()
    if json:
        screen.as_json([{"name": each.name, **_facts(each)} for each in channels])
    elif channels:
        heads = ("channel", "kind", "secret", "what it hears")
        rows = ((c.name, c.kind.value, c.secret or "none", _heard(c)) for c in channels)
        screen.table(heads, rows)
    else:
        screen.line("there is no channel: only e-mail is told")
    return Exit.DONE


def channels_test(name: Name = "", *, yes: Yes = False, json: Json = False) -> int:
    """Send a trial to a channel, show what it answered, and end what the trial opened there."""
    named = [each for each in _channels() if name in ("", each.name)]
    if not named:
        raise CommandError(Exit.USAGE, f"no channel is named {name or 'at all'}", "channels check")
    agreed(f"send a trial to {', '.join(each.name for each in named)}?", yes=yes)
    return show(tried(named, notifier), json=json)


def tried(channels: Iterable[Channel], live: Live) -> list[Trial]:
    """Return how the trial of each channel ended.

    Raises:
        CommandError: AWS cannot be asked who and where this is.
    """
    try:
        to = live()
    except CordonError as error:
        raise CommandError(Exit.FORBIDDEN, str(error), "aws sts get-caller-identity") from error
    return [try_channel(each, to) for each in channels] if to is not None else []


def show(trials: list[Trial], *, json: bool) -> int:
    """Print how trials ended; return the status of the command."""
    if json:
        screen.as_json([asdict(each) for each in trials])
    else:
        heads = ("channel", "kind", "answer", "what to do")
        screen.table(heads, ((t.channel, t.kind, t.said, t.cure) for t in trials))
    return Exit.DONE if all(each.is_taken for each in trials) else Exit.WRONG


def _channels() -> tuple[Channel, ...]:
    try:
        return read_channels(os.environ)
    except SettingsError as error:
        raise CommandError(Exit.WRONG, str(error), "docs/channels.md") from error


def _facts(channel: Channel) -> dict[str, object]:
    return {
        "kind": channel.kind.value,
        "secret": channel.secret,
        "target": channel.target,
        "kinds": sorted(channel.kinds),
        "outcomes": sorted(channel.outcomes),
        "accounts": sorted(channel.accounts),
        "min_severity": channel.min_severity.value,
        "digest": channel.digest,
    }


def _heard(channel: Channel) -> str:
    return "; ".join(_parts(channel)) or "everything"


def _parts(channel: Channel) -> Iterator[str]:
    for what, some in (
        ("kinds", channel.kinds),
        ("outcomes", channel.outcomes),
        ("accounts", channel.accounts),
    ):
        if some:
            yield f"{what} {', '.join(sorted(some))}"
    if channel.min_severity is not Band.LOW:
        yield f"{channel.min_severity} and above"
    if channel.tells_digest:
        yield "low and medium findings with the digest"
    if channel.keeps_alerts:
        yield "and the end of each incident"
