"""What the items of a JSON document say: strings, objects with a key, or the keys themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.threat_lists.columns import GOOD_WORDS, Said, chosen, kinds, shown
from chalicelib.core.threat_lists.items import Item
from chalicelib.core.threat_lists.misp import is_of_misp, misp_value
from chalicelib.core.threat_lists.stix import stix_value
from chalicelib.core.threat_lists.values import BESIDE, BROKEN, GOOD

_MOST = 0.5  # of the items
_LONGEST_WORD = max(map(len, GOOD_WORDS))
_GOOD = re.compile(r"allow|white|benign|trusted|except|exclu|false.?pos|known.?good", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Records:
    """How an item of a document is read."""

    read_as: str
    value: Callable[[str, Any], str]


def records(some: Sequence[Item], said: Said, now: datetime) -> Records:
    """Return how the items are read that `some` are the first of.

    Raises:
        ValueError: they have no key of the name that somebody said, or nothing that is known.
    """
    values = [value for _, value in some]
    if any(isinstance(each, dict) and each.get("type") == "indicator" for each in values):
        return Records("STIX 2 bundle", lambda _, value: stix_value(value, now))
    if any(is_of_misp(name, value) for name, value in some):
        return Records("MISP event", lambda _, value: misp_value(value))
    objects = [each for each in values if isinstance(each, dict)]
    texts = [each for each in values if isinstance(each, str) and not each.startswith(BROKEN)]
    if not said.column and len(objects) <= len(texts):
        return Records("JSON list", _string)
    if not said.column and _are_keys(some):
        return Records("JSON object, by its keys", lambda name, _: name)
    key = _key(objects, said)
    where = tuple(said.where.items())
    return Records(f"JSON objects, {shown(key)}", lambda n, value: _of_key(n, value, key, where))


def _are_keys(some: Sequence[Item]) -> bool:
    names = [name for name, _ in some]
    return len(set(names)) > 1 and kinds(names).count("") < len(names) * _MOST


def _key(objects: Sequence[dict[str, Any]], said: Said) -> str:
    names = list(dict.fromkeys(key for each in objects for key in each))
    if said.column:
        return names[said.index(said.column, names, 0)]
    cells = [[_text(each.get(name)) for each in objects] for name in names]
    at = chosen(cells, names)
    if at is None:
        raise ValueError("none of its keys holds addresses or domains")
    return names[at]


def _string(name: str, value: Any) -> str:
    return "" if name and _GOOD.search(name) else _text(value)


def _of_key(name: str, value: Any, key: str, where: tuple[tuple[str, frozenset[str]], ...]) -> str:
    if not isinstance(value, dict):
        return _text(value) and BROKEN + _text(value)
    if value.get("type") == "metadata" or (name and _GOOD.search(name)):
        return ""
    for other, allowed in where:
        if str(value.get(other)).lower() not in allowed:
            return ""
    if _is_good(value):
        return GOOD + _text(value.get(key))
    return _text(value[key]) if key in value else BROKEN + json.dumps(value)[:80]


def _is_good(record: dict[str, Any]) -> bool:
    """Whether a record says of itself that it is about nothing bad."""
    for key, value in record.items():
        if value is True:
            if _GOOD.search(key):
                return True
        elif type(value) is str and len(value) <= _LONGEST_WORD and value.lower() in GOOD_WORDS:
            return True
    return False


def _text(value: Any) -> str:
    """Return a text, or texts of a list, as values; what is neither is none."""
    if isinstance(value, str):
        return value.replace(BESIDE, " ")
    if isinstance(value, list):
        return BESIDE.join(map(_text, value)) if all(isinstance(e, str) for e in value) else BROKEN
    return "" if value is None else BROKEN + str(value)[:80]
