"""`cordon exemptions`, the central list; `cordon exempt` and `cordon unexempt` change it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cordon import screen
from cordon.client import path_of
from cordon.exits import CommandError, Exit
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

Until = Annotated[str, typer.Option(help="A day, or a time such as 2027-01-31T18:00:00+00:00.")]


def exemptions(context: typer.Context, *, json: Json = False) -> None:
    """List who is exempt, until when, and why."""
    found = client_of(context).get("/exemptions")
    if json:
        screen.as_json(found)
        return
    rows = [*found["exemptions"], *found["asked"]]
    if rows:
        heads = ("instance", "account", "region", "", "until", "days left", "by", "reason")
        screen.table(heads, map(_row, rows))
    for each in found["by_policy"]:
        screen.line(each["instance_id"], each["reason"])
    if not rows and not found["by_policy"]:
        screen.line("nobody is exempt")


def exempt(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    until: Until = "",
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Let Cordon not contain an instance by itself, until an end; a second time changes the end."""
    if not until:
        raise CommandError(Exit.USAGE, "an exemption needs an end", "--until 2027-01-31")
    body = {"reason": told(reason, "an exemption"), "until": until}
    agreed(f"let Cordon not contain {instance_id} by itself until {until}?", yes=yes)
    where = {"account_id": account, "region": in_region}
    return _change(context, "PUT", instance_id, body, where, as_json=json)


def unexempt(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """End an exemption before its time."""
    body = {"reason": told(reason, "the end of an exemption")}
    agreed(f"let Cordon contain {instance_id} again?", yes=yes)
    where = {"account_id": account, "region": in_region}
    return _change(context, "DELETE", instance_id, body, where, as_json=json)


def _change(  # noqa: PLR0913 - what, to whom, and where
    context: typer.Context,
    method: str,
    instance_id: str,
    body: dict[str, str],
    where: dict[str, str | None],
    *,
    as_json: bool,
) -> int:
    path = path_of(instance_id).replace("/quarantines/", "/exemptions/")
    answer = client_of(context).ask(method, path, body, where)
    if as_json:
        screen.as_json(answer.body)
    elif answer.is_done:
        is_over = answer.body["state"] == "ended"
        stands = "is exempt no more" if is_over else f"is exempt until {answer.body['until']}"
        screen.line(instance_id, stands)
    else:
        screen.line(instance_id, "waits for another person to run the same command")
    return Exit.DONE if answer.is_done else Exit.UNFINISHED


def _row(each: dict[str, Any]) -> tuple[object, ...]:
    left = "" if each.get("days_left") is None else f"{each['days_left']:g}"
    until = each["until"] or "no readable end: holds"
    if each["state"] == "asked":
        until = f"asked: {each['until'] or 'to end it'}"
    who, where = each["by"] or "by hand", (each["account_id"], each["region"])
    return (each["instance_id"], *where, each["state"], until, left, who, each["reason"])
