"""PagerDuty: Events API v2.

Source: https://developer.pagerduty.com/docs/send-alert-event
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.core.notices.channels.channel import alert_of, is_release
from chalicelib.core.notices.channels.lines import (
    fitted,
    instances_of,
    strings,
    subject_of,
    tame,
)
from chalicelib.core.notices.notice import Notice

HOSTS = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}
ENQUEUE = "/v2/enqueue"
ROUTING_KEY = re.compile(r"[0-9A-Za-z]{32}", re.ASCII)

_ALL = 30_000  # characters; an event may have 512 KB
_SUMMARY = 1_024  # characters
_DEDUP_KEY = 255  # characters
_SEVERITIES = {"Critical": "critical", "High": "error", "Medium": "warning", "Low": "info"}


def render(notice: Notice, routing_key: str) -> dict[str, Any]:
    """Return the event: one alert for each incident, which its release resolves.

    A trigger that comes a second time adds to the open alert: the key of the incident is the
    idempotency key.
    """
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "dedup_key": one_key(notice),
        "event_action": "resolve" if is_release(notice) else "trigger",
    }
    if is_release(notice):
        return event
    details = {
        heading or "What happened": "\n".join(lines)
        for heading, lines in fitted(notice.sections, _ALL)
    }
    where = "/".join(strings(notice.account_id, notice.facts.get("region")))
    payload = {
        "summary": subject_of(notice, _SUMMARY),
        "source": tame(_source(notice) or where) or "cordon",
        "severity": _SEVERITIES.get(notice.severity, "critical"),
        "component": "cordon",
        "group": tame(where) or "cordon",
        "class": tame(f"{notice.kind}/{notice.outcome}"),
        "custom_details": details,
    }
    return event | {"client": "Cordon", "payload": payload}


def _source(notice: Notice) -> str:
    first, *others = instances_of(notice) or ("",)
    return f"{first} and {len(others)} more" if others else first


def one_key(notice: Notice) -> str:
    """Return the key by which PagerDuty knows the incident again."""
    return tame(f"cordon/{alert_of(notice)}", _DEDUP_KEY)
