"""What people know an instance by: its name and its addresses, as EC2 said at a moment.

The name is a tag, which whoever owns the instance sets: it is shown, and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.core.instance import Instance
from chalicelib.core.plain_text import one_line

Host = Mapping[str, str]  # by the names of _SAID; what is not known is left out

NOBODY: Host = {}

_SAID = ("name", "private", "public", "vpc", "account")
_MOST = 256  # characters; as long as a tag may be


def host_of(instance: Instance | None, accounts: Mapping[str, str] = NOBODY) -> dict[str, str]:
    """Return what is known of `instance`; nothing of one that was not looked at.

    Args:
        instance: as EC2 describes it.
        accounts: what the owner calls accounts, by their ids.
    """
    if instance is None:
        return {}
    described = _described(instance.as_described)
    said = {
        "name": instance.tags.get("Name"),
        "private": described.get("PrivateIpAddress"),
        "public": described.get("PublicIpAddress"),
        "vpc": instance.place.get("vpcs") or described.get("VpcId"),
        "account": accounts.get(instance.ref.account_id),
    }
    return known(said)


def known(said: object) -> dict[str, str]:
    """Return what can be read of a host, whichever version of Cordon wrote it."""
    found = said if isinstance(said, Mapping) else {}
    return {
        name: text
        for name in _SAID
        if isinstance(found.get(name), str) and (text := one_line(found[name], _MOST))
    }


def in_words(host: Host) -> str:
    """Return one line of it, for people; empty: nothing is known."""
    words = {"name": "{}", "private": "private {}", "public": "public {}", "vpc": "in {}"}
    words["account"] = "of the account {}"
    return ", ".join(words[name].format(host[name]) for name in _SAID if name in host)


def _described(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
