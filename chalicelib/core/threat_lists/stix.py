"""STIX 2 bundles, as far as GuardDuty could use them: one address, network or domain at a time.

A pattern that asks for more than one value says something that a list cannot: it is left as it
stands, so that it is refused and counted as a line that holds no address.
Source: https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html (4.7 Indicator, 9 Patterning)
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from chalicelib.core.errors import UnreadableSourceError

_ONE_VALUE = re.compile(
    r"\[\s*(?:ipv4-addr:value\s*(?:=|ISSUBSET)|domain-name:value\s*=)\s*'([^']*)'\s*\]"
)


def stix_lines(name: str, text: str, now: datetime) -> list[str]:
    """Return what each object of a bundle holds for the list; empty: it is no indicator at `now`.

    Raises:
        UnreadableSourceError: it is no bundle.
    """
    try:
        bundle = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise UnreadableSourceError(name, "it begins as JSON and is none") from error
    objects = bundle.get("objects")
    if bundle.get("type") != "bundle" or not isinstance(objects, list):
        raise UnreadableSourceError(name, "it is JSON, and no STIX bundle")
    return [_line(each, now) for each in objects]


def _line(item: Any, now: datetime) -> str:
    if not isinstance(item, dict) or item.get("type") != "indicator" or item.get("revoked") is True:
        return ""
    if _is_over(item.get("valid_until"), now):
        return ""
    pattern = str(item.get("pattern"))
    match = _ONE_VALUE.fullmatch(pattern.strip())
    return match[1] if match else pattern


def _is_over(until: Any, now: datetime) -> bool:
    """Whether an indicator says that it ended; what it says must name its time zone."""
    try:
        return datetime.fromisoformat(str(until)) <= now
    except (TypeError, ValueError):
        return False
