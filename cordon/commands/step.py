"""`cordon step`: carry out a step that the policy left off, or that failed.

Asked twice, it acts once: a step that is done is not done again.
"""

from __future__ import annotations

from typing import Annotated

import typer

from chalicelib.core.steps.order import ORDERABLE
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

Name = Annotated[
    str,
    typer.Argument(metavar="STEP", help=f"one of {', '.join(ORDERABLE)}", show_default=False),
]


def step(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    name: Name,
    *,
    reason: Reason = "",
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Order a step on a contained instance."""
    why = told(reason, "a step")
    agreed(f"carry out the step {name} on {instance_id}?", yes=yes)
    body, query = {"reason": why}, {"account_id": account, "region": in_region}
    answer = client_of(context).ask("POST", f"{path_of(instance_id)}/steps/{name}", body, query)
    if json:
        screen.as_json(answer.body)
    else:
        done = answer.body["steps"][name]
        screen.line(answer.body["instance_id"], name, done["status"], done["detail"])
    if not answer.is_done:
        look = f"cordon show {instance_id}"
        raise CommandError(Exit.UNFINISHED, "not done yet; the watcher goes on with it", look)
