"""The time to contain of several quarantines, as the API lists them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from cordon.client import Client
from cordon.exits import CommandError

_AT_ONCE = 8  # requests
_PARTS = "time_to_contain"


def of_the_last(client: Client, count: int) -> list[Mapping[str, float]]:
    """Return the parts of the time to contain of the last `count` quarantines that have any."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        listed = list(islice(client.quarantines(), count))
        found = list(pool.map(lambda each: _parts(client, each), listed))
    return [each for each in found if each]


def _parts(client: Client, listed: Mapping[str, Any]) -> Mapping[str, float]:
    """Return what the list says, or where an older record has it: on its own page."""
    if listed.get(_PARTS) or listed["state"] == "CONTAINING":
        said: Mapping[str, float] = listed.get(_PARTS, {})
        return said
    where = {"account_id": listed["account_id"], "region": listed["region"]}
    try:
        whole = client.get(f"/quarantines/{listed['instance_id']}", **where)
    except CommandError:
        return {}  # one that cannot be read must not hide the others
    if whole["quarantine_id"] != listed["quarantine_id"]:
        return {}  # an earlier quarantine of an instance has no page any more
    parts: Mapping[str, float] = whole.get(_PARTS, {})  # a very old Cordon has none
    return parts
