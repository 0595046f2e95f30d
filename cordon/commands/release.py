"""`cordon release`: shows what stands in the way, asks, gives the instance back, and follows it."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from cordon import screen
from cordon.choice import Choice
from cordon.client import Client, path_of
from cordon.commands.release_many import release_many
from cordon.exits import CommandError, Exit
from cordon.offline import Offline
from cordon.options import (
    Account,
    Json,
    Reason,
    RegionOf,
    Yes,
    agreed,
    client_of,
    connection_of,
    told,
)

_BETWEEN = 2.0  # seconds


class Verdict(enum.StrEnum):
    """What the incident turned out to be."""

    REMEDIATED = "remediated"
    FALSE_POSITIVE = "false_positive"
    ACCEPTED_RISK = "accepted_risk"


Meant = Annotated[str, typer.Argument(help="An instance; or say below which are meant.")]
OfType = Annotated[str, typer.Option(help="All that findings of this type cut off.")]
OfRule = Annotated[str, typer.Option(help="All with a finding type that this rule names.")]
Since = Annotated[str, typer.Option(help="All that were cut off since, such as 2027-01-31T09:00.")]
VerdictOption = Annotated[Verdict, typer.Option(help="What it turned out to be.")]
AcceptDrift = Annotated[
    bool, typer.Option("--accept-drift", help="Release as far as it goes; the rest stays.")
]
Evidence = Annotated[
    str | None,
    typer.Option("--offline", metavar="BUCKET", help="Cordon is down: by this evidence bucket."),
]
Wait = Annotated[float, typer.Option(min=0, help="Follow it for so many seconds.")]


def release(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: Meant = "",
    *,
    verdict: VerdictOption,
    finding_type: OfType = "",
    rule: OfRule = "",
    since: Since = "",
    reason: Reason = "",
    accept_drift: AcceptDrift = False,
    account: Account = None,
    in_region: RegionOf = None,
    wait: Wait = 330.0,
    offline: Evidence = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Give an instance back, exactly as it was; or all that a bad rule or hour cut off."""
    choice = Choice(finding_type, rule, since)
    if bool(instance_id) is choice.is_any:
        said = "name one instance, or say which are meant"
        raise CommandError(Exit.USAGE, said, "--finding-type, --rule or --since")
    if offline:
        path_of(instance_id)
        _release_offline(instance_id, offline, context, yes=yes)
        return Exit.DONE
    client = client_of(context)
    order = _Order(verdict.value, reason, accept_drift, wait, yes, json)
    if not choice.is_any:
        _release_one(client, instance_id, {"account_id": account, "region": in_region}, order)
        return Exit.DONE

    def one(each: dict[str, Any], why: str) -> None:
        where = {"account_id": each["account_id"], "region": each["region"]}
        _release_one(client, each["instance_id"], where, replace(order, reason=why, yes=True))

    return release_many(client, choice, verdict.value, reason, release=one, yes=yes)


@dataclass(frozen=True, slots=True)
class _Order:
    """How an instance is given back."""

    verdict: str
    reason: str
    accept_drift: bool
    wait: float
    yes: bool
    json: bool


def _release_one(
    client: Client, instance_id: str, where: dict[str, str | None], order: _Order
) -> None:
    path = path_of(instance_id)
    seen = client.get(path, **where)
    if not order.json:
        _show_drift(seen)
    why = told(order.reason, "a release")
    agreed(f"give {instance_id} back to the network?", yes=order.yes)
    body = {"reason": why, "verdict": order.verdict, "version": seen["version"]}
    if order.accept_drift:
        body["accept_drift"] = True
    answer = client.ask("POST", f"{path}/release", body, where)
    said = answer.body
    if not answer.is_done and said["state"] == "RELEASING":
        said = _follow(client, path, where, said, order.wait)
    if order.json:
        screen.as_json(said)
    _end(said)
    if not order.json:
        _tell(said)


def _release_offline(instance_id: str, bucket: str, context: typer.Context, *, yes: bool) -> None:
    """Put the groups back by the evidence; Cordon itself is not asked, and hears nothing."""
    connection = connection_of(context)
    aws = Offline(bucket, connection.profile, connection.region)
    cut = [each for each in aws.look(instance_id) if each.can_go_back]
    for each in cut:
        screen.line("  would put", ", ".join(each.before), "on", each.id)
    if cut:
        agreed(f"give {instance_id} back without Cordon?", yes=yes)
    for each in cut:
        aws.give_back(each)
    left = [each for each in aws.look(instance_id) if set(each.now) != set(each.before)]
    for each in left:
        screen.line("  left as it is:", each.id, "on", ", ".join(each.now))
    screen.line(instance_id, "has the groups that it had" if not left else "is back in part")
    screen.line("next: once Cordon is up, release it there at once: it would cut it off again")
    if left:
        raise CommandError(Exit.CONFLICT, "not all interfaces are as they were", "see them above")


def _show_drift(seen: dict[str, Any]) -> None:
    screen.line(seen["instance_id"], seen["state"], seen["reason"])
    for each in seen["drift"]:
        screen.line("  drift:", each["subject"], each["kind"], each["detail"])
    for name, step in seen["steps"].items():
        if step["status"] == "failed":
            screen.line("  step", name, "failed:", step["detail"])


def _follow(
    client: Client, path: str, where: dict[str, str | None], said: dict[str, Any], wait: float
) -> dict[str, Any]:
    """Look until the release is over, or `wait` seconds are."""
    until = time.monotonic() + wait
    with screen.console().status("the watcher finishes the release"):
        while said["state"] == "RELEASING" and time.monotonic() < until:
            time.sleep(min(_BETWEEN, wait))
            said = client.get(path, **where)
    return said


def _end(said: dict[str, Any]) -> None:
    """Raise unless the instance is back."""
    look = f"cordon show {said['instance_id']}"
    if said["state"] == "RELEASING":
        raise CommandError(Exit.UNFINISHED, "begun; the watcher finishes it", look)
    if said["state"] != "RELEASED":
        why = "asked for; another person must send the same release"
        raise CommandError(Exit.UNFINISHED, why, "let that person run this command")


def _tell(said: dict[str, Any]) -> None:
    screen.line(said["instance_id"], said["state"])
    for each in said.get("drift", ()):
        screen.line("  left as it is:", each["subject"], each["kind"], each["detail"])
    if said.get("proposed_suppression"):
        screen.line("  a suppression rule is proposed: cordon release --json shows it")
    screen.line("next: cordon report", said["instance_id"], "--format md   # for the ticket")
