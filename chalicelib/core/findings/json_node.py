"""Reading JSON of which nothing is certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def dig(node: Any, *keys: str) -> Any:
    """Return what lies below `keys`; None where the way there ends."""
    for key in keys:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def items(node: Any, key: str) -> Sequence[Any]:
    """Return the list at `key`; an empty one where there is none."""
    value = dig(node, key)
    return value if isinstance(value, list | tuple) else ()
