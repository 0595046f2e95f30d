"""How a channel stands to an incident, as an item of the table and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.dynamodb.items import Item
from chalicelib.core.notices.channels.standing import Alert, Standing


def standing_item(standing: Standing) -> Item:
    """Return what the table keeps of `standing`, besides its key."""
    moments = {
        "busy_until": standing.busy_until,
        "began_at": standing.began_at,
        "newest_at": standing.newest_at,
        "over_at": standing.over_at,
    }
    return {
        **{name: at.isoformat() for name, at in moments.items() if at is not None},
        "version": standing.version,
        "severity": standing.severity,
        "is_final": standing.is_final,
        "thread": standing.thread,
        "opening": standing.opening,
        "alerts": {
            name: {
                "at": alert.at.isoformat(),
                "by": alert.by,
                "is_open": alert.is_open,
                "is_told": alert.is_told,
            }
            for name, alert in standing.alerts.items()
        },
    }


def read_standing(incident: str, channel: str, item: Mapping[str, Any]) -> Standing:
    """Return what `item` holds; one of an earlier version knows the conversation only."""
    return Standing(
        incident,
        channel,
        version=int(item.get("version", 0)),
        busy_until=_moment(item, "busy_until"),
        began_at=_moment(item, "began_at"),
        newest_at=_moment(item, "newest_at"),
        severity=item.get("severity", ""),
        over_at=_moment(item, "over_at"),
        is_final=item.get("is_final", False),
        alerts={
            name: Alert(
                datetime.fromisoformat(said["at"]), said["by"], said["is_open"], said["is_told"]
            )
            for name, said in item.get("alerts", {}).items()
        },
        thread=item.get("thread", ""),
        opening=item.get("opening", ""),
    )


def _moment(item: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]) if name in item else None
