"""Items of the partition `control`: what is set, and remembered, for the whole of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.dynamodb import items
from chalicelib.core.deployed import Deployed
from chalicelib.core.policy.mode import ListsSetting, ModeSetting
from chalicelib.core.policy.policy import Lists
from chalicelib.core.quarantine.rounds import Rounds


def from_mode_setting(setting: ModeSetting) -> tuple[items.Item, items.Item]:
    """Return the items of the kill switch as it is now, and of what stays on record of it."""
    said = {"pk": items.CONTROL, **setting.as_json()}
    return {**said, "sk": items.MODE}, {**said, "sk": f"{items.MODE}#{setting.at.isoformat()}"}


def to_mode_setting(item: Mapping[str, Any]) -> ModeSetting:
    """Return the setting of `item`, which a person may have written by hand."""
    try:
        at = items.moment_of(str(item["at"]))
    except (KeyError, ValueError):
        at = datetime.min.replace(tzinfo=UTC)
    return ModeSetting(
        items.to_mode(item), str(item.get("by", "?")), str(item.get("reason", "")), at
    )


def to_lists_setting(item: Mapping[str, Any]) -> ListsSetting:
    """Return the setting of the lists' `item`; whatever is not `on` lets them stay as they are."""
    lists = Lists.ON if item.get("lists") == Lists.ON else Lists.PAUSED
    at = items.moment_if_any(item.get("at")) or datetime.min.replace(tzinfo=UTC)
    return ListsSetting(lists, str(item.get("by", "?")), str(item.get("reason", "")), at)


def from_deployed(deployed: Deployed) -> items.Item:
    """Return which version is at work, as the rest of an item."""
    return {
        "version": deployed.version,
        "since": deployed.since.isoformat(),
        "before": deployed.before,
        "address": deployed.address,
    }


def to_deployed(item: Mapping[str, Any]) -> Deployed | None:
    """Return the version of `item`; one that cannot be read is not known."""
    try:
        since, address = items.moment_of(item["since"]), str(item.get("address", ""))
        return Deployed(str(item["version"]), since, str(item["before"]), address)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def from_rounds(rounds: Rounds) -> items.Item:
    """Return what the watcher remembers, as the rest of an item."""
    return {
        "last": rounds.last,
        "failing": [[key, since.isoformat()] for key, since in rounds.failing],
        "account": rounds.account,
        "told": dict(rounds.told),
        "filed": dict(rounds.filed),
    }


def to_rounds(item: Mapping[str, Any]) -> Rounds:
    """Return what the watcher remembers; what cannot be read is forgotten, and told again."""
    try:
        failing = tuple(
            (str(key), items.moment_of(since)) for key, since in item.get("failing", [])
        )
        told = {str(group): str(why) for group, why in item.get("told", {}).items()}
        filed = {str(name): str(state) for name, state in item.get("filed", {}).items()}
        return Rounds(str(item.get("last", "")), failing, str(item.get("account", "")), told, filed)
    except (AttributeError, TypeError, ValueError):
        return Rounds()
