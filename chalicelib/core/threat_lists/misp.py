"""MISP events: the attributes that their author marked for detection, `to_ids`, and no others.

Source: https://www.misp-project.org/datamodels/ (MISP core format)
"""

from __future__ import annotations

from typing import Any

from chalicelib.core.threat_lists.values import BESIDE, OTHER

_ALONE = frozenset({"ip-src", "ip-dst", "domain", "hostname", "url", "uri"})
# Two values in one: of `domain|ip` the domain, for others may live at its address.
_FIRST = frozenset({"ip-src|port", "ip-dst|port", "hostname|port", "domain|ip"})
_MARKED = (True, 1, "1", "true")
_HOLDING = frozenset({"Event", "Attribute", "Object", "response"})


def is_of_misp(name: str, item: Any) -> bool:
    """Whether an item of a JSON document is one that MISP wrote."""
    if not isinstance(item, dict):
        return False
    return "to_ids" in item or "Event" in item or (name == "Object" and "Attribute" in item)


def misp_value(item: Any) -> str:
    """Return what an item says for the list; nothing, if nothing in it is marked."""
    if isinstance(item, dict) and _HOLDING.isdisjoint(item):  # as nearly all are
        return "" if _is_deleted(item) else _own(item)
    return BESIDE.join(filter(None, _values(item)))


def _values(item: Any) -> list[str]:
    if isinstance(item, list):
        return [value for each in item for value in _values(each)]
    if not isinstance(item, dict) or _is_deleted(item):
        return []
    if _HOLDING.isdisjoint(item):
        return [_own(item)]
    held = sorted(_HOLDING.intersection(item))
    return [_own(item), *(value for key in held for value in _values(item[key]))]


def _is_deleted(item: dict[str, Any]) -> bool:
    return "deleted" in item and item["deleted"] in _MARKED


def _own(item: dict[str, Any]) -> str:
    """Return the value of an attribute itself; nothing, if it is not marked."""
    value, kind = item.get("value"), str(item.get("type"))
    if item.get("to_ids") not in _MARKED or not isinstance(value, str):
        return ""
    if kind in _ALONE:
        return value
    return value.partition("|")[0] if kind in _FIRST else OTHER + value
