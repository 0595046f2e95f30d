"""What the items of a JSON document say: strings, objects with a key, or the keys themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from chalicelib.core.threat_lists.columns import GOOD_WORDS, Said, chosen, kinds, shown
from chalicelib.core.threat_lists.items import Item
from chalicelib.core.threat_lists.misp import is_of_misp, misp_value
from chalicelib.core.threat_lists.stix import stix_value
from chalicelib.core.threat_lists.values import BESIDE, BROKEN, good

_MOST = 0.5  # of the items
_LONGEST_WORD = max(map(len, GOOD_WORDS))
Where: TypeAlias = tuple[tuple[str, frozenset[str]], ...]
# Of lower case: a pattern that minds no case looks at each character for each of its words.
_GOOD = re.compile(r"allow|white|benign|trusted|except|exclu|false.?pos|known.?good")


@dataclass(frozen=True, slots=True)
class Records:
    """How the items of a document are read."""

    read_as: str
    values: Callable[[list[Item]], list[str]]  # one for each


def records(some: Sequence[Item], said: Said, now: datetime) -> Records:
    """Return how the items are read that `some` are the first of.

    Raises:
        ValueError: they have no key of the name that somebody said, or nothing that is known.
    """
    values = [value for _, value in some]
    if any(isinstance(each, dict) and each.get("type") == "indicator" for each in values):
        return Records("STIX 2 bundle", lambda found: [stix_value(each, now) for _, each in found])
    if any(is_of_misp(name, value) for name, value in some):
        return Records("MISP event", lambda found: [misp_value(each) for _, each in found])
    objects = [each for each in values if isinstance(each, dict)]
    texts = [each for each in values if isinstance(each, str) and not each.startswith(BROKEN)]
    if not said.column and len(objects) <= len(texts):
        return Records("JSON list", _texts)
    if not said.column and _are_keys(some):
        return Records("JSON object, by its keys", lambda found: [name for name, _ in found])
    key, where = _key(objects, said), tuple(said.where.items())
    return Records(f"JSON objects, {shown(key)}", lambda found: _of_key(found, key, where))


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


def _texts(found: list[Item]) -> list[str]:
    passed = _good_names(found)
    return ["" if name in passed else _text(value) for name, value in found]


def _good_names(found: list[Item]) -> frozenset[str]:
    """Return the names that say that what stands there is good."""
    names = [name for name, _ in found]
    if not _GOOD.search("\n".join(names).lower()):  # one look at all: it is nearly always so
        return frozenset()
    return frozenset(name for name in names if _GOOD.search(name.lower()))


def _of_key(found: list[Item], key: str, where: Where) -> list[str]:
    passed = _good_names(found)
    return [
        ""
        if name in passed
        else _of_record(value, key, where)
        if type(value) is dict
        else _text(value) and BROKEN + _text(value)
        for name, value in found
    ]


def _of_record(record: dict[str, Any], key: str, where: Where) -> str:
    if record.get("type") == "metadata":
        return ""
    for other, allowed in where:
        if str(record.get(other)).lower() not in allowed:
            return ""
    text = _text(record[key]) if key in record else BROKEN + json.dumps(record)[:80]
    return good(text) if _is_good(record, key) else text


def _is_good(record: dict[str, Any], besides: str) -> bool:
    """Whether a record says, in what is not the entry, that it is about nothing bad."""
    for key, value in record.items():
        if type(value) is str:
            if len(value) <= _LONGEST_WORD and key != besides and value.lower() in GOOD_WORDS:
                return True
        elif value is True and _GOOD.search(key.lower()):
            return True
    return False


def _text(value: Any) -> str:
    """Return a text, or texts of a list, as values; what is neither is none."""
    if isinstance(value, str):
        return value.replace(BESIDE, " ")
    if isinstance(value, list):
        return BESIDE.join(map(_text, value)) if all(isinstance(e, str) for e in value) else BROKEN
    return "" if value is None else BROKEN + str(value)[:80]
