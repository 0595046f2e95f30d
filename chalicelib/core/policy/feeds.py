"""`[[threat_lists.feeds]]` of a policy file, read into Feeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.feeds import Feed

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}", re.ASCII)
# One spelling only: no user, no other port, no number for a name.
_URL = re.compile(r"https://((?:[a-z0-9-]{1,63}\.)+(?=[a-z])[a-z0-9-]{1,63})(/[!-~]*)?", re.ASCII)
_SECRET = re.compile(
    r"secretsmanager:cordon/feeds/[\w/+=.@-]{1,200}|ssm:/cordon/feeds/[\w/.-]{1,200}", re.ASCII
)
_HEADER = re.compile(r"(?!host$|connection$|content-|transfer-)[a-z][a-z0-9-]{0,50}", re.IGNORECASE)
_MOST_FEEDS = 50
_MOST_HOURS = 8_760  # a year


def read_feeds(value: Any) -> tuple[Feed, ...]:
    """Return the feeds that a list of tables describes.

    Raises:
        ValueError: it is none; names the feed and the setting.
    """
    if not isinstance(value, list) or len(value) > _MOST_FEEDS:
        raise ValueError(f"must be tables, at most {_MOST_FEEDS}: [[threat_lists.feeds]]")
    feeds = tuple(_feed(table) for table in value)
    names = [feed.name for feed in feeds]
    if len(set(names)) < len(names):
        raise ValueError(f"has two feeds named {max(names, key=names.count)}")
    return feeds


def _feed(table: Any) -> Feed:
    if not isinstance(table, dict) or not _matches(_NAME, table.get("name")):
        raise ValueError("has a feed without a name of a-z, 0-9, dots and hyphens")
    name = table["name"]
    read: dict[str, Any] = {}
    for key, said in table.items():
        if key not in _KEYS:
            raise ValueError(
                f"has the unknown name {key!a} in {name}; known are {', '.join(_KEYS)}"
            )
        try:
            read |= _KEYS[key](said)
        except ValueError as error:
            raise ValueError(f"has a {key} in {name} that {error}") from error
    if "host" not in read:
        raise ValueError(f"has no url in {name}")
    feed = Feed(**read)
    if feed.expires_after <= feed.every:
        raise ValueError(f"lets {name} expire before it is fetched again")
    return feed


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _as(key: str, pattern: re.Pattern[str], what: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if not _matches(pattern, value):
            raise ValueError(f"is not {what}")
        return {key: value}

    return read


def _url(value: Any) -> dict[str, Any]:
    found = _URL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is not an https URL of a public name, without a port")
    return {"host": found[1], "path": found[2] or "/"}


def _hours(key: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not int or not 1 <= value <= _MOST_HOURS:
            raise ValueError(f"is not a whole number of hours, 1 to {_MOST_HOURS}")
        return {key: timedelta(hours=value)}

    return read


def _confidence(value: Any) -> dict[str, Any]:
    if value not in tuple(Confidence):
        raise ValueError(f"is not one of {', '.join(Confidence)}")
    return {"confidence": Confidence(value)}


def _where(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(
        isinstance(each, list) and all(isinstance(one, str) for one in each)
        for each in value.values()
    ):
        raise ValueError("is not a table of lists of texts")
    return {"where": {name: tuple(each) for name, each in value.items()}}


_ANY = re.compile(r"[^\x00-\x1f]{1,200}")
_KEYS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "name": _as("name", _NAME, "a name"),
    "url": _url,
    "confidence": _confidence,
    "every_hours": _hours("every"),
    "expires_after_hours": _hours("expires_after"),
    "column": _as("column", _ANY, "the name of a column"),
    "where": _where,
    "secret": _as("secret", _SECRET, "secretsmanager:cordon/feeds/... or ssm:/cordon/feeds/..."),
    "header": _as("header", _HEADER, "the name of a header"),
    "licence": _as("licence", _ANY, "a text"),
}
