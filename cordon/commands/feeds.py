"""`cordon feeds check`: what Cordon would read of a list, before it is put into the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.adapters.https import HttpsWeb
from chalicelib.core.errors import CordonError
from chalicelib.core.policy.feeds import read_feeds
from chalicelib.core.policy.policy import Policy
from chalicelib.core.threat_lists.draft import bar_of
from chalicelib.core.threat_lists.feeds import FeedState, is_new, question
from chalicelib.core.threat_lists.reading import Reading, read
from chalicelib.core.threat_lists.source import SIDECAR
from chalicelib.settings.deployment import Settings, SettingsError
from cordon import screen
from cordon.exits import CommandError, Exit
from cordon.options import Json

Source = Annotated[
    str, typer.Argument(help="A file, with its .meta.json beside it, or the https URL of a feed.")
]
Column = Annotated[str, typer.Option(help="The column, or key, to take; no sidecar counts then.")]
PolicyFile = Annotated[
    str,
    typer.Option("--policy", envvar="CORDON_POLICY", help="In place of policy.owner.toml."),
]
_FIRST = 10  # entries that are shown
_WHOLE = 30.0  # seconds for the answer of a server


def feeds_check(
    source: Source, *, column: Column = "", policy: PolicyFile = "", json: Json = False
) -> int:
    """Say what Cordon would read of a threat list, and what it would drop; it needs no AWS."""
    body, sidecar = _fetched(source) if source.startswith("https://") else _file(source)
    if column:
        sidecar = dumps({"column": column}).encode()
    reading = read(source, body, sidecar, bar_of(_policy(policy), (), ()), datetime.now(UTC))
    if json:
        screen.as_json(_facts(reading))
    else:
        _show(reading)
    return Exit.WRONG if reading.note else Exit.DONE


def _fetched(url: str) -> tuple[bytes, None]:
    """Return what the server answers, asked as the sync asks it."""
    try:
        (feed,) = read_feeds([{"name": "checked", "url": url}])
        fetched = HttpsWeb(patience=_WHOLE).get(
            feed.host, feed.path, question(feed, FeedState(), "")
        )
        is_new(feed, fetched, is_kept=False)
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"{url}: {error}") from error
    except CordonError as error:
        raise CommandError(Exit.UNREACHABLE, f"{url}: {error}") from error
    return fetched.body, None


def _policy(named: str) -> Policy:
    try:
        return Settings.read({"AWS_REGION": "none-0", "CORDON_POLICY": named}).policy
    except SettingsError as error:
        raise CommandError(Exit.USAGE, str(error), "cordon check") from error


def _file(name: str) -> tuple[bytes, bytes | None]:
    beside = Path(f"{name}{SIDECAR}")
    try:
        return Path(name).read_bytes(), beside.read_bytes() if beside.exists() else None
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{name} cannot be read: {error.strerror}", "") from error


def _show(reading: Reading) -> None:
    if reading.note:
        screen.line(f"NOT READ: {reading.note}")
    if reading.read_as:
        screen.line(f"read as: {reading.read_as}; confidence {reading.confidence}")
    entries = tuple(reading.cleaned.entries())
    if reading.note:
        return
    screen.line(f"{len(entries)} entries, {reading.cleaned.understood:.0%} of it understood")
    for entry in islice(entries, _FIRST):
        screen.line(f"- {entry}")
    if len(entries) > _FIRST:
        screen.line(f"- and {len(entries) - _FIRST} more")
    if reading.cleaned.refused:
        screen.heading("Dropped")
        screen.table(("reason", "lines", "the first", "what stands there"), _dropped(reading))


def _dropped(reading: Reading) -> Iterator[tuple[str, ...]]:
    for reason, each in reading.cleaned.refused.items():
        yield reason.value, str(each.count), str(each.lines[0]), ascii(each.example)[1:-1]


def _facts(reading: Reading) -> dict[str, object]:
    return {
        "source": reading.name,
        "read_as": reading.read_as,
        "note": reading.note,
        "confidence": reading.confidence.value,
        "expires": reading.expires.isoformat() if reading.expires else None,
        "understood": reading.cleaned.understood,
        "entries": list(reading.cleaned.entries()),
        "dropped": {
            reason.value: {"count": each.count, "lines": each.lines, "example": each.example}
            for reason, each in reading.cleaned.refused.items()
        },
    }
