"""`cordon verify`: is all as Cordon left it, the open quarantines or a copy of the evidence?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cordon import custody, screen
from cordon.client import Client, path_of
from cordon.commands.status import OPEN
from cordon.exits import CommandError, Exit
from cordon.options import Json, client_of, connection_of

Evidence = Annotated[
    str | None,
    typer.Argument(metavar="[FOLDER|s3://BUCKET]", help="Evidence, instead of the quarantines."),
]


def verify(context: typer.Context, evidence: Evidence = None, *, json: Json = False) -> int:
    """Ask whether every open quarantine, or the evidence in FOLDER, is as Cordon left it.

    Status 1 if something is not. Of evidence each piece is compared with its name, with the chain
    of manifests, and with what the reports name; of a folder that needs nobody's answer.
    """
    if evidence is not None:
        return _verify_evidence(evidence, context, json=json)
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


def _verify_evidence(where: str, context: typer.Context, *, json: bool) -> int:
    if where.startswith("s3://"):
        said = connection_of(context)
        pieces = custody.in_bucket(where, said.profile, said.region)
    else:
        pieces = custody.in_folder(Path(where))
    count, wrong = custody.problems(pieces)
    if not count:
        raise CommandError(Exit.GONE, f"{where} holds no evidence", "name the copy of the bucket")
    if json:
        screen.as_json({"pieces": count, "problems": wrong})
    else:
        for name, why in wrong.items():
            screen.line(f"{name}: {why}")
        screen.line(f"{count} pieces of evidence, {len(wrong) or 'nothing'} wrong")
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
