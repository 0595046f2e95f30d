"""`cordon held`, what waits for a person; `cordon dismiss`, it need not be contained."""

from __future__ import annotations

import typer

from cordon import screen
from cordon.client import path_of
from cordon.options import (
    Account,
    InstanceId,
    Json,
    Reason,
    RegionOf,
    Yes,
    agreed,
    client_of,
    told,
)


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
    instance_id: InstanceId,
    *,
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Decide not to contain what was held; the next finding is decided anew."""
    path = path_of(instance_id).replace("/quarantines/", "/held/")
    why = told(reason, "a dismissal")
    agreed(f"forget that {instance_id} was held?", yes=yes)
    where = {"account_id": account, "region": in_region}
    said = client_of(context).ask("POST", f"{path}/dismiss", {"reason": why}, where).body
    if json:
        screen.as_json(said)
    else:
        screen.line(instance_id, "is no longer held:", said["finding_type"])


def _first(found: list[dict[str, str]]) -> list[str]:
    return [each["instance_id"] for each in found[:1]]
