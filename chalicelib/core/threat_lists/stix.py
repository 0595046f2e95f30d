"""STIX 2 bundles, as far as GuardDuty could use them: addresses, networks, domains and URLs.

A pattern is of use if it asks for one value, or for one of several. One that asks for more says
something that a list cannot: it is dropped and counted as a line that holds no address.
Source: https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html (4.7 Indicator, 9 Patterning)
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from chalicelib.core.threat_lists.values import BESIDE, BROKEN, OTHER

_TEXT = r"'([^'\\]*(?:\\.[^'\\]*)*)'"
_NETWORK = r"(?:ipv4-addr|ipv6-addr|domain-name|url):value"
_ONE = rf"{_NETWORK}\s*(?:=|ISSUBSET\b)\s*{_TEXT}"
_SOME = rf"{_NETWORK}\s+IN\s*\(\s*{_TEXT}(?:\s*,\s*{_TEXT})*\s*\)"
_EITHER = rf"(?:{_ONE}|{_SOME})"
_BOX = rf"\[\s*{_EITHER}(?:\s+OR\s+{_EITHER})*\s*\]"
_USABLE = re.compile(rf"\s*{_BOX}(?:\s+OR\s+{_BOX})*\s*")
_VALUE = re.compile(_TEXT)
_ESCAPED = re.compile(r"\\(.)")
# A file's hash, a mail's sender: known, and nothing for the list.
_OF_OTHERS = re.compile(
    r"\s*\[\s*(?:file|email-|mutex|process|windows-|x509|user-account|software)"
)


def stix_value(item: Any, now: datetime) -> str:
    """Return what an object of a bundle says for the list; empty: it is no indicator at `now`."""
    if not isinstance(item, dict) or item.get("type") != "indicator" or item.get("revoked") is True:
        return ""
    if _is_over(item.get("valid_until"), now) or "benign" in str(item.get("indicator_types")):
        return ""
    pattern = str(item.get("pattern"))
    if _USABLE.fullmatch(pattern):
        values = BESIDE.join(_VALUE.findall(pattern))
        return _ESCAPED.sub(r"\1", values) if "\\" in values else values
    return (OTHER if _OF_OTHERS.match(pattern) else BROKEN) + pattern


def _is_over(until: Any, now: datetime) -> bool:
    """Whether an indicator says that it ended; what it says must name its time zone."""
    if until is None:
        return False
    try:
        return datetime.fromisoformat(str(until)) <= now
    except (TypeError, ValueError):
        return False
