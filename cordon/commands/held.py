"""`cordon held`, what waits for a person; `cordon dismiss`, it need not be contained."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cordon import screen
from cordon.choice import Choice
from cordon.client import Client, path_of
from cordon.commands.release_many import propose
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

Meant = Annotated[str, typer.Argument(help="An instance; or say below which are meant.")]
OfType = Annotated[str, typer.Option(help="All that is held for findings of this type.")]
OfRule = Annotated[str, typer.Option(help="All with a finding type that this rule names.")]
Since = Annotated[str, typer.Option(help="All that is held since, such as 2027-01-31T09:00.")]


def held(context: typer.Context, *, json: Json = False) -> None:
    """List what was held, the strongest first, and what would let each go."""
    found = client_of(context).get("/held")["held"]
    if json:
        screen.as_json(found)
        return
    if not found:
        screen.line("nothing is held")
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
    screen.line("next: cordon approve", found[0]["instance_id"])


def dismiss(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: Meant = "",
    *,
    finding_type: OfType = "",
    rule: OfRule = "",
    since: Since = "",
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Decide not to contain what was held, of one instance or of all that a bad rule had held."""
    choice = Choice(finding_type, rule, since)
    if bool(instance_id) is choice.is_any:
        said = "name one instance, or say which are meant: --finding-type, --rule or --since"
        raise CommandError(Exit.USAGE, said, "cordon held")
    client = client_of(context)
    if choice.is_any:
        return _dismiss_many(client, choice, reason, yes=yes, as_json=json)
    path_of(instance_id)
    why = told(reason, "a dismissal")
    agreed(f"forget that {instance_id} was held?", yes=yes)
    meant = {"instance_id": instance_id, "account_id": account, "region": in_region}
    said = _dismiss(client, meant, why)
    if json:
        screen.as_json(said)
    else:
        screen.line(said["instance_id"], "is no longer held:", said["finding_type"])
    return Exit.DONE


def _dismiss_many(client: Client, choice: Choice, reason: str, *, yes: bool, as_json: bool) -> int:
    """Show what is meant, ask once, and dismiss each; one that fails keeps no other waiting.

    Returns the exit status: that of the first that is still held.
    """
    takes = choice.takes("held_at")
    found = [each for each in client.get("/held")["held"] if takes(each)]
    if not found and not as_json:
        screen.line("nothing that is held is meant")
        return Exit.DONE
    if not as_json:
        heads = ("instance", "account", "region", "finding", "since")
        names = ("instance_id", "account_id", "region", "finding_type", "held_at")
        screen.table(heads, (tuple(each[name] for name in names) for each in found))
    why = told(reason, "a dismissal")
    agreed(f"forget that {len(found)} instance(s) were held?", yes=yes)
    gone, failed = [], []
    for each in found:
        try:
            gone.append(_dismiss(client, each, why))
        except CommandError as error:
            failed.append(error.status)
            if not as_json:
                screen.line(f"{each['instance_id']}:", error.why)
    if as_json:
        screen.as_json(gone)
    else:
        screen.line(f"{len(gone)} of {len(found)} dismissed")
        propose((each["finding_type"] for each in found), "record")
    return failed[0] if failed else Exit.DONE


def _dismiss(client: Client, held: dict[str, Any], why: str) -> Any:
    path = path_of(held["instance_id"]).replace("/quarantines/", "/held/")
    where = {"account_id": held["account_id"], "region": held["region"]}
    return client.ask("POST", f"{path}/dismiss", {"reason": why}, where).body
