"""`cordon preview`: what a containment would do now, and whom it would hurt; nothing is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from cordon import screen
from cordon.client import Client, path_of
from cordon.exits import CommandError
from cordon.options import Account, InstanceId, Json, RegionOf, client_of


def preview(
    context: typer.Context,
    instance_id: InstanceId,
    *,
    account: Account = None,
    in_region: RegionOf = None,
    json: Json = False,
) -> None:
    """Show what a containment would do to an instance now, and whom it would hurt."""
    said = read(client_of(context), instance_id, account, in_region)
    if json:
        screen.as_json(said)
        return
    screen.line(said["instance_id"], said["instance_state"], *_quarantine(said))
    tell(said)
    screen.line("next: cordon quarantine", said["instance_id"], "--reason '...'")


def read(client: Client, instance_id: str, account: str | None, region: str | None) -> Any:
    """Return the preview of an instance, as data."""
    return client.get(f"{path_of(instance_id)}/preview", account_id=account, region=region)


def warn(client: Client, instance_id: str, account: str | None, region: str | None) -> None:
    """Say whom a containment would hurt, before it is agreed to; where nobody knows, nothing."""
    try:
        said = read(client, instance_id, account, region)
    except CommandError:
        return  # an older Cordon has no preview; and what is wrong the act itself says
    for each in _harm(said):
        screen.line(each)


def tell(said: Mapping[str, Any]) -> None:
    """Print a preview as a person reads it."""
    screen.facts(("hurts", each) for each in said["hurts"] or ("nobody that is known of",))
    screen.facts(("in danger too", each) for each in said["shares"])
    screen.facts(("not known", each) for each in said["blast_radius"]["unknown"])
    screen.facts(("holds a finding", each) for each in said["holds_in_words"])
    screen.facts(("no release undoes", each) for each in said.get("cannot_be_undone", ()))
    screen.heading("what would be done")
    screen.table(
        ("step", "would run", "in detail"),
        (
            (each["step"], "yes" if each["would_run"] else "no", each["detail"])
            for each in said["steps"]
        ),
    )
    screen.heading("interfaces")
    screen.table(
        ("interface", "groups now", "groups then"),
        (
            (each["interface_id"], ", ".join(each["groups_now"]), ", ".join(each["groups_then"]))
            for each in said["interfaces"]
        ),
    )


def _harm(said: Mapping[str, Any]) -> Iterator[str]:
    yield from said["hurts"]
    yield from (f"Not known: {each}." for each in said["blast_radius"]["unknown"])


def _quarantine(said: Mapping[str, Any]) -> tuple[str, ...]:
    begun = said["quarantine"]
    return (f"quarantine {begun['quarantine_id']}, {begun['state']}",) if begun else ()
