"""`cordon held`, what waits for a person; `cordon dismiss`, it need not be contained."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cordon import screen
from cordon.client import Client, path_of
from cordon.exits import CommandError, Exit
from cordon.options import (
    Account,
    Json,
    Reason,
    RegionOf,
    Yes,
    agreed,
    client_of,
    told,
)

Meant = Annotated[str, typer.Argument(help="An instance; or name a finding type.")]
OfType = Annotated[str, typer.Option(help="Everything held for findings of this type.")]


def held(context: typer.Context, *, json: Json = False) -> None:
    """List what was held, the strongest first, and what would let each go."""
    found = client_of(context).get("/held")["held"]
    if json:
        screen.as_json(found)
        return
    screen.table(
        ("instance", "severity", "finding", "held for", "what would let it go"),
        (
            (
                each["instance_id"],
                f"{each['severity']:g}",
                each["finding_type"],
                ", ".join(each["reasons"]),
                "; ".join(each["lets_go"]),
            )
            for each in found
        ),
    )
    for account, breaker in {each["account_id"]: each["breaker"] for each in found}.items():
        if breaker:
            full = (
                f"{breaker['opened']} of {breaker['limit']} in {breaker['window_minutes']} minutes"
            )
            screen.line(f"breaker of {account}: {full}; room at {breaker['room_at'] or 'once'}")
    screen.line("next: cordon approve" if found else "nothing is held", *_first(found))


def dismiss(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: Meant = "",
    *,
    finding_type: OfType = "",
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Decide not to contain what was held, of one instance or of one finding type."""
    if bool(instance_id) is bool(finding_type):
        said = "name one instance, or the finding type that is meant"
        raise CommandError(Exit.USAGE, said, "cordon held")
    client = client_of(context)
    meant = [{"instance_id": instance_id, "account_id": account, "region": in_region}]
    if finding_type:
        held_now = client.get("/held")["held"]
        meant = [each for each in held_now if each["finding_type"] == finding_type]
    else:
        path_of(instance_id)
    why = told(reason, "a dismissal")
    names = ", ".join(str(each["instance_id"]) for each in meant) or "nothing"
    agreed(f"forget that {names} was held?", yes=yes)
    said_of = [_dismiss(client, each, why) for each in meant]
    if json:
        screen.as_json(said_of if finding_type else said_of[0])
        return
    for said in said_of:
        screen.line(said["instance_id"], "is no longer held:", said["finding_type"])


def _dismiss(client: Client, held: dict[str, Any], why: str) -> Any:
    path = path_of(held["instance_id"]).replace("/quarantines/", "/held/")
    where = {"account_id": held["account_id"], "region": held["region"]}
    return client.ask("POST", f"{path}/dismiss", {"reason": why}, where).body


def _first(found: list[dict[str, str]]) -> list[str]:
    return [each["instance_id"] for each in found[:1]]
