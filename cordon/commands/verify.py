"""`cordon verify`: is every open quarantine as Cordon left it, by what EC2 says now?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from cordon import screen
from cordon.client import Client, path_of
from cordon.commands.status import OPEN
from cordon.exits import CommandError, Exit
from cordon.options import Json, client_of


def verify(context: typer.Context, *, json: Json = False) -> int:
    """Ask EC2 whether every open quarantine is as Cordon left it; status 1 if one is not."""
    client = client_of(context)
    listed = [each for state in OPEN for each in client.quarantines(state=state)]
    found = {each["instance_id"]: _problems(client, each) for each in listed}
    wrong = {instance_id: problems for instance_id, problems in found.items() if problems}
    if json:
        screen.as_json(found)
    else:
        for instance_id, problems in wrong.items():
            screen.line(instance_id, "; ".join(problems))
        screen.line(f"{len(found) - len(wrong)} of {len(found)} are as Cordon left them")
        if wrong:
            screen.line("next: cordon show", next(iter(wrong)))
    return Exit.WRONG if wrong else Exit.DONE


def _problems(client: Client, listed: Mapping[str, Any]) -> list[str]:
    where = {"account_id": listed["account_id"], "region": listed["region"]}
    try:
        said = client.get(path_of(listed["instance_id"]), **where)
    except CommandError as error:
        return [error.why]  # one that cannot be looked at must not hide the others
    drift = [f"{each['subject']}: {each['detail']}" for each in said["drift"]]
    under_way = [] if said["state"] == "CONTAINED" else [f"is {said['state']}"]
    return under_way + drift
