"""`cordon status`: how things stand, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import typer

from chalicelib.core.quarantine.times import WHOLE, summed
from cordon import screen
from cordon.client import Client
from cordon.exits import CommandError, Exit
from cordon.options import Json, client_of
from cordon.times import of_the_last

_LAST = 20  # quarantines, for the time to contain
OPEN = ("CONTAINING", "RELEASING", "CONTAINED")


def status(context: typer.Context, *, json: Json = False) -> None:
    """Show the mode, open quarantines, what is held, and whether Cordon itself is well."""
    said = read(client_of(context))
    if json:
        screen.as_json(said)
        return
    screen.line("mode", said["mode"]["mode"], *_since(said["mode"]["set"]))
    if said["mode"].get("lists") == "paused":
        screen.line("threat lists paused", *_since(said["mode"]["lists_set"]))
    count = len(said["open"])
    screen.line(count, "open quarantine" if count == 1 else "open quarantines")
    rows(said["open"])
    held = said["held"]
    screen.line("held:", "this server does not list them" if held is None else len(held))
    for each in held or ():
        screen.line(" ", each["instance_id"], ", ".join(each.get("reasons", ())))
    for each in of_times(said["time_to_contain"]):
        screen.line(each)
    for each in of_standing(said["standing"]):
        screen.line(each)
    if said["open"]:
        screen.line("next: cordon show", said["open"][0]["instance_id"])


def read(client: Client) -> dict[str, Any]:
    """Return the mode, every open quarantine, and what is held; None: the server is too old."""
    listed = [each for state in OPEN for each in client.quarantines(state=state)]
    return {
        "mode": client.get("/mode"),
        "open": listed,
        "held": _or_none(client, "/held", "held"),
        "standing": _or_none(client, "/version", "standing"),
        "time_to_contain": {
            name: asdict(each) for name, each in summed(of_the_last(client, _LAST)).items()
        },
    }


def rows(quarantines: list[dict[str, Any]]) -> None:
    """Print quarantines, one a line."""
    if not quarantines:
        return
    screen.table(
        ("instance", "state", "age", "severity", "finding", "account", "region"),
        (
            (
                each["instance_id"],
                each["state"],
                screen.age(each["opened_at"]),
                each["severity"],
                each["finding_type"] or "by hand",
                each["account_id"],
                each["region"],
            )
            for each in quarantines
        ),
    )


def _or_none(client: Client, path: str, name: str) -> Any:
    """Return what an answer calls `name`; None: the server is older, or shows it to others."""
    try:
        return client.get(path).get(name)
    except CommandError as error:
        if error.status in (Exit.FORBIDDEN, Exit.GONE):
            return None
        raise


def of_standing(said: dict[str, Any] | None) -> Iterator[str]:
    """Yield, for people, how Cordon itself stands."""
    if not said:
        yield "breaker, dead letters, lists: not known; they are in the digest"
        return
    breaker, lists = said["breaker"], said["threat_lists"]
    full = ", OPEN: findings are held" if breaker["is_open"] else ""
    window = f"in {breaker['window_minutes']} minutes"
    yield f"breaker: {breaker['opened']} of {breaker['limit']} {window}{full}"
    if said["dead_letters"] is not None:
        yield f"dead letters: {said['dead_letters']}"
    if said["guardduty_enabled"] is False:
        yield "GuardDuty: NOT enabled, so no finding can arrive"
    if lists is not None:
        named = ", ".join(f"{each['name']} {each['status']}" for each in lists)
        yield f"threat lists: {named or 'none'}"
    last, watched = said["last_exercise"], said["watched_at"]
    yield f"last exercise: {f'{screen.age(last)} ago' if last else 'never'}"
    if watched:
        yield f"the watcher looked {screen.age(watched)} ago"
    yield from (f"not known: {each}" for each in said["unknown"])


def of_times(said: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield, for people, how long it took to contain, from each of its beginnings."""
    for part, times in said.items():
        if part in WHOLE:
            known = f"p50 {times['p50']:.1f} s, p95 {times['p95']:.1f} s"
            of = f"of the last {times['count']}"
            yield f"time to contain, {part.replace('_', ' ')}: {known} {of}"


def _since(setting: dict[str, Any] | None) -> tuple[str, ...]:
    if not setting:
        return ()
    return (f"since {setting.get('at', '?')}, by {setting.get('by', '?')}: {setting['reason']}",)
