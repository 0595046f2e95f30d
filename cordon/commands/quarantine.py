"""`cordon quarantine` and `cordon approve`: cut an instance off, past every hold but the accounts'.

Asked twice, it acts once: what is in quarantine already is only noted.
"""

from __future__ import annotations

import typer

from cordon import screen
from cordon.client import Answer, path_of
from cordon.commands.preview import warn
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


def quarantine(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Cut an instance off the network by hand."""
    why = told(reason, "a quarantine")
    if not yes:
        warn(client_of(context), instance_id, account, in_region)
    agreed(f"cut {instance_id} off the network?", yes=yes)
    body, query = {"reason": why}, {"account_id": account, "region": in_region}
    answer = client_of(context).ask("POST", path_of(instance_id), body, query)
    _tell(answer, json=json)


def approve(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Let go what was held: the instance is contained as the finding would have it."""
    quarantine(
        context,
        instance_id,
        reason=told(reason, "an approval"),
        account=account,
        in_region=in_region,
        yes=yes,
        json=json,
    )


def _tell(answer: Answer, *, json: bool) -> None:
    said = answer.body
    if json:
        screen.as_json(said)
    else:
        screen.line(said["instance_id"], said["state"], said["reason"])
    if not answer.is_done:
        look = f"cordon show {said['instance_id']}"
        raise CommandError(Exit.UNFINISHED, "begun; the watcher finishes it", look)
    if not json:
        screen.line("next: cordon report", said["instance_id"], "--open")
