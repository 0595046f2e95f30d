"""`cordon drill`: contain an instance that is there for exercises, measure it, and give it back.

It goes by hand, so it measures from the request to the read-back. What GuardDuty and EventBridge
take before that is in `cordon times`, of real findings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import typer

from cordon import screen
from cordon.client import Client, path_of
from cordon.exits import CommandError, Exit
from cordon.options import Account, InstanceId, Json, RegionOf, Yes, agreed, client_of

_PATIENCE = 330.0  # seconds; the watcher comes every 300
_BETWEEN = 2.0


def drill(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Contain an instance for an exercise, measure each part, and give it back."""
    client, path = client_of(context), path_of(instance_id)
    where = {"account_id": account, "region": in_region}
    _refuse_if_open(client, path, where)
    agreed(f"cut {instance_id} off for an exercise? nobody reaches it until it is back", yes=yes)
    contained = _timed(lambda: _contain(client, path, where))
    parts = client.get(path, **where).get("time_to_contain", {})
    back = _timed(lambda: _release(client, path, where))
    said = {**parts, "request_to_answer": contained, "release": back}
    if json:
        screen.as_json(said)
        return
    screen.facts((name.replace("_", " "), f"{each:.1f} s") for name, each in said.items())
    screen.line(instance_id, "is back")


def _refuse_if_open(client: Client, path: str, where: Mapping[str, str | None]) -> None:
    """Keep an exercise away from a real case: its release would end that."""
    try:
        said = client.get(path, **where)
    except CommandError as error:
        if error.status is Exit.GONE:
            return
        raise
    if said["state"] != "RELEASED":
        why = f"{said['instance_id']} is in quarantine, and that is no exercise"
        raise CommandError(Exit.CONFLICT, why, f"cordon show {said['instance_id']}")


def _contain(client: Client, path: str, where: Mapping[str, str | None]) -> None:
    client.ask("POST", path, {"reason": "exercise: time to contain"}, where)
    _wait_for("CONTAINED", client, path, where)


def _release(client: Client, path: str, where: Mapping[str, str | None]) -> None:
    body = {"reason": "exercise: over", "verdict": "remediated"}
    client.ask("POST", f"{path}/release", body, where)
    _wait_for("RELEASED", client, path, where)


def _wait_for(state: str, client: Client, path: str, where: Mapping[str, str | None]) -> None:
    until = time.monotonic() + _PATIENCE
    while (said := _look(client, path, where))["state"] != state:
        if time.monotonic() > until:
            why = f"the exercise is not over: {said['instance_id']} is {said['state']}"
            raise CommandError(Exit.UNFINISHED, why, f"cordon show {said['instance_id']}")
        time.sleep(_BETWEEN)


def _look(client: Client, path: str, where: Mapping[str, str | None]) -> dict[str, Any]:
    said: dict[str, Any] = client.get(path, **where)
    return said


def _timed(act: Callable[[], None]) -> float:
    started = time.monotonic()
    act()
    return round(time.monotonic() - started, 3)
