"""JSON as somebody who means harm would change it, one or two places at a time."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

_HOSTILE: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    10**400,
    True,
    3.7,
    float("nan"),
    [],
    {},
    [[]],
    {"a": {}},
    "x" * 5_000,
    "\u202e\x00<script>",
    "i-0123456789abcdef0",
    "8.7",
)


def mutated(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return `event` with one or two places changed or gone, whatever stands there."""
    mutant = copy.deepcopy(event)
    for _ in range(chance.choice((1, 1, 2))):
        if not mutant:
            break
        parent, key = chance.choice(list(_places(mutant)))
        if chance.random() < 0.2 and isinstance(parent, dict):  # noqa: PLR2004 - one in five
            parent.pop(key, None)
        else:
            parent[key] = copy.deepcopy(chance.choice(_HOSTILE))
    return mutant


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])
