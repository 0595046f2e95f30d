"""`cordon release`: shows what stands in the way, asks, gives the instance back, and follows it."""

from __future__ import annotations

import enum
import time
from typing import Annotated, Any

import typer

from cordon import screen
from cordon.client import Client, path_of
from cordon.exits import CommandError, Exit
from cordon.offline import Offline
from cordon.options import (
    Account,
    InstanceId,
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
    instance_id: InstanceId,
    *,
    verdict: VerdictOption,
    reason: Reason = "",
    accept_drift: AcceptDrift = False,
    account: Account = None,
    in_region: RegionOf = None,
    wait: Wait = 330.0,
    offline: Evidence = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Give an instance back, exactly as it was."""
    if offline:
        path_of(instance_id)
        _release_offline(instance_id, offline, context, yes=yes)
        return
    client, path = client_of(context), path_of(instance_id)
    where = {"account_id": account, "region": in_region}
    seen = client.get(path, **where)
    if not json:
        _show_drift(seen)
    why = told(reason, "a release")
    agreed(f"give {instance_id} back to the network?", yes=yes)
    body = {"reason": why, "verdict": verdict.value, "version": seen["version"]}
    if accept_drift:
        body["accept_drift"] = True
    answer = client.ask("POST", f"{path}/release", body, where)
    said = answer.body
    if not answer.is_done and said["state"] == "RELEASING":
        said = _follow(client, path, where, said, wait)
    if json:
        screen.as_json(said)
    _end(said)
    if not json:
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
