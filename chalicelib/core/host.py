"""What people know an instance by: its name, addresses and groups, as EC2 said at a moment.

The name is a tag, which whoever owns the instance sets: it is shown, and decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.core.instance import Instance
from chalicelib.core.plain_text import one_line

Host = Mapping[str, str]  # by the names of _SAID; what is not known is left out

NOBODY: Host = {}

_SAID = ("name", "private", "public", "vpc", "account")
_MOST = 256  # characters; as long as a tag may be
_MOST_OF_GROUP = 64  # characters of the name of a group


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


def group_names_of(instance: Instance) -> dict[str, str]:
    """Return what the groups on the interfaces of `instance` are called, by their ids."""
    interfaces = _described(instance.as_described).get("NetworkInterfaces") or ()
    groups = (group for each in interfaces for group in each.get("Groups") or ())
    return group_names_in({each["GroupId"]: each.get("GroupName") for each in groups})


def group_names_in(said: object) -> dict[str, str]:
    """Return what can be read of the names of groups, whichever version of Cordon wrote them."""
    found = said if isinstance(said, Mapping) else {}
    return {
        str(group): text
        for group, name in found.items()
        if isinstance(name, str) and (text := one_line(name, _MOST_OF_GROUP))
    }


def named(group_ids: Iterable[str], names: Mapping[str, str]) -> str:
    """Return groups for people, each with its name where that is known."""
    return ", ".join(f"{each} ({names[each]})" if each in names else each for each in group_ids)


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
