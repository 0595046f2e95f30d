"""`cordon drill`: contain an instance that is there for exercises, measure it, and give it back.

A finding that is labelled as an exercise goes the way of GuardDuty's, and cuts off nothing that has
no tag `cordon:exercise`. What GuardDuty itself takes before that is in `cordon times`, of real
findings. By hand it goes by the API, and measures from the request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import typer

from chalicelib.core.instance import EXERCISE_TAG
from cordon import screen
from cordon.client import Client, path_of
from cordon.exercise import send_exercise
from cordon.exits import CommandError, Exit
from cordon.options import Account, InstanceId, Json, RegionOf, Yes, agreed, client_of

_PATIENCE = 330.0  # seconds; the watcher comes every 300
_LONGEST = 2.0  # seconds between two looks
_AT_WORK = ("pending", "started")
_OPEN = ("CONTAINING", "CONTAINED", "RELEASING")

ByHand = Annotated[
    bool, typer.Option("--by-hand", help="By the API, not by a finding: any instance, less road.")
]


def drill(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    instance_id: InstanceId,
    *,
    by_hand: ByHand = False,
    account: Account = None,
    in_region: RegionOf = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send a finding labelled as an exercise, measure each part, and give the instance back."""
    client, path = client_of(context), path_of(instance_id)
    where = {"account_id": account, "region": in_region}
    seen = client.get(f"{path}/preview", **where)
    _refuse(seen, by_hand=by_hand)
    agreed(f"cut {instance_id} off for an exercise? nobody reaches it until it is back", yes=yes)
    contained = _timed(lambda: _contain(client, path, where, None if by_hand else seen))
    parts = _rest(client, path, where).get("time_to_contain", {})
    back = _timed(lambda: _release(client, path, where))
    said = {**parts, "request_to_answer": contained, "release": back}
    if json:
        screen.as_json(said)
        return
    screen.facts((name.replace("_", " "), f"{each:.1f} s") for name, each in said.items())
    screen.line(instance_id, "is back")


def _refuse(seen: Mapping[str, Any], *, by_hand: bool) -> None:
    """Keep an exercise away from a real case, whose release would end that, and from the rest.

    Raises:
        CommandError: it would end a case, or come to nothing.
    """
    instance_id, begun = seen["instance_id"], seen["quarantine"]
    if begun and begun["state"] in _OPEN:
        why = f"{instance_id} is in quarantine, and that is no exercise"
        raise CommandError(Exit.CONFLICT, why, f"cordon show {instance_id}")
    if by_hand:
        return
    if not seen.get("for_exercises"):
        why = f"{instance_id} has no tag {EXERCISE_TAG}: it is not there for exercises"
        tag = f"aws ec2 create-tags --resources {instance_id} --tags Key={EXERCISE_TAG},Value=yes"
        raise CommandError(Exit.CONFLICT, why, tag)
    if seen["holds"]:
        why = f"a finding about it would be held: {'; '.join(seen['holds_in_words'])}"
        raise CommandError(Exit.CONFLICT, why, f"cordon drill {instance_id} --by-hand")


def _contain(
    client: Client,
    path: str,
    where: Mapping[str, str | None],
    about: Mapping[str, Any] | None,
) -> None:
    """Have the instance contained: by a finding about it, or by hand if `about` is None."""
    if about is None:
        client.ask("POST", path, {"reason": "exercise: time to contain"}, where)
        _wait_for("CONTAINED", client, path, where)
        return
    finding = send_exercise(client, about)
    _wait_for("CONTAINED", client, path, where, finding)


def _rest(client: Client, path: str, where: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the quarantine once nobody is at work on it: till then a release is refused."""
    said: dict[str, Any] = {}
    for _ in _looks():
        said = client.get(path, **where)
        if not any(step["status"] in _AT_WORK for step in said["steps"].values()):
            break
    return said


def _release(client: Client, path: str, where: Mapping[str, str | None]) -> None:
    body = {"reason": "exercise: over", "verdict": "remediated"}
    client.ask("POST", f"{path}/release", body, where)
    _wait_for("RELEASED", client, path, where)


def _wait_for(
    state: str,
    client: Client,
    path: str,
    where: Mapping[str, str | None],
    finding: str | None = None,
) -> None:
    """Wait until the quarantine, that of `finding` if one is named, is in `state`.

    Raises:
        CommandError: it is held, or does not get there in time.
    """
    instance_id = path.rpartition("/")[2]
    for _ in _looks():
        said = _look(client, path, where)
        is_it = said is not None and finding in (None, said["finding_id"])
        if said is not None and is_it and said["state"] == state:
            return
        if not is_it:
            _refuse_held(client, finding, instance_id)
    stands = (
        f"{instance_id} is {said['state']}" if said and is_it else "nothing came of the finding"
    )
    raise CommandError(
        Exit.UNFINISHED, f"the exercise is not over: {stands}", f"cordon show {instance_id}"
    )


def _refuse_held(client: Client, finding: str | None, instance_id: str) -> None:
    for each in client.get("/held")["held"]:
        if each["finding_id"] == finding:
            why = f"the exercise was held: {'; '.join(map(str, each['in_words']))}"
            raise CommandError(Exit.CONFLICT, why, f"cordon dismiss {instance_id} --reason '...'")


def _looks() -> Iterator[None]:
    """Yield whenever it is time to look again, until patience ends; quickly at first."""
    until, between = time.monotonic() + _PATIENCE, 0.1
    while time.monotonic() < until:
        yield
        time.sleep(between)
        between = min(2 * between, _LONGEST)


def _look(client: Client, path: str, where: Mapping[str, str | None]) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = client.get(path, **where)
    except CommandError as error:
        if error.status is Exit.GONE:  # there is no record of it yet
            return None
        raise
    return said


def _timed(act: Callable[[], None]) -> float:
    started = time.monotonic()
    act()
    return round(time.monotonic() - started, 3)
