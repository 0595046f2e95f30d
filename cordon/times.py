"""The time to contain of several quarantines: the half, and all but one in twenty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import ceil
from typing import Any

from cordon.client import Client
from cordon.exits import CommandError

PART = "record_to_read_back"  # the part that every record has, by hand or not
_AT_ONCE = 8  # requests


def of_the_last(client: Client, count: int) -> list[Mapping[str, float]]:
    """Return the parts of the time to contain of the last `count` quarantines that have any."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        listed = list(islice(client.quarantines(), count))
        found = list(pool.map(lambda each: _parts(client, each), listed))
    return [each for each in found if each]


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the least value that `share` of the values do not exceed; None: there is no value."""
    ordered: Sequence[float] = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def summed(parts: Iterable[Mapping[str, float]]) -> dict[str, dict[str, float | int | None]]:
    """Return count, p50 and p95 of each part."""
    found = list(parts)
    names = dict.fromkeys(name for each in found for name in each)
    values = {name: [each[name] for each in found if name in each] for name in names}
    return {
        name: {"count": len(some), "p50": percentile(some, 0.5), "p95": percentile(some, 0.95)}
        for name, some in values.items()
    }


def _parts(client: Client, listed: Mapping[str, Any]) -> Mapping[str, float]:
    where = {"account_id": listed["account_id"], "region": listed["region"]}
    try:
        said = client.get(f"/quarantines/{listed['instance_id']}", **where)
    except CommandError:
        return {}  # one that cannot be read must not hide the others
    parts: Mapping[str, float] = said.get("time_to_contain", {})  # an older Cordon has none
    return parts
