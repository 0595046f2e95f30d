"""PagerDuty: Events API v2.

Source: https://developer.pagerduty.com/docs/send-alert-event
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.core.notices.channels.incident import (
    INCIDENT,
    is_cut_off,
    is_end,
    is_out,
    is_well,
    named,
)
from chalicelib.core.notices.channels.limits import PAGERDUTY_ALL, PAGERDUTY_KEY, PAGERDUTY_SUMMARY
from chalicelib.core.notices.channels.lines import (
    fitted,
    place_of,
    strings,
    subject_of,
    tame,
)
from chalicelib.core.notices.channels.links import console_of
from chalicelib.core.notices.notice import Notice

HOSTS = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}
ENQUEUE = "/v2/enqueue"
CHANGES = "/v2/change/enqueue"
ROUTING_KEY = re.compile(r"[0-9A-Za-z]{32}", re.ASCII)

_SEVERITIES = {"Critical": "critical", "High": "error", "Medium": "warning", "Low": "info"}


def render(
    notice: Notice, routing_key: str, alert: str = INCIDENT, *, is_open: bool | None = None
) -> dict[str, Any]:
    """Return the event: one alert for each incident, which its end resolves.

    A trigger that comes a second time adds to the open alert: its name is the idempotency key.

    Args:
        notice: what to say.
        routing_key: of the service.
        alert: which alert of the incident it is about.
        is_open: whether that one is open with the notice; None: unless the notice ends it.
    """
    is_open = not (is_end(notice) or is_well(notice)) if is_open is None else is_open
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "dedup_key": key_of(notice, alert),
        "event_action": "trigger" if is_open else "resolve",
    }
    if not is_open:
        return event
    where = "/".join(strings(notice.account_id, notice.facts.get("region")))
    payload = {
        "summary": subject_of(notice, PAGERDUTY_SUMMARY.ours),
        "source": tame(place_of(notice) or where) or "cordon",
        "severity": _severity(notice),
        "component": "cordon",
        "group": tame(where) or "cordon",
        "class": tame(f"{notice.kind}/{notice.outcome}"),
        "custom_details": _details(notice),
    }
    event |= {"client": "Cordon", "payload": payload}
    if url := console_of(notice):
        event |= {"client_url": url, "links": [{"href": url, "text": "The instance in EC2"}]}
    return event


def _severity(notice: Notice) -> str:
    """Return how severe the alert is now: what is out is critical, what is cut off no longer is."""
    if is_out(notice):
        return "critical"
    said = _SEVERITIES.get(notice.severity, "critical")
    return "error" if said == "critical" and is_cut_off(notice) else said


def change(notice: Notice, routing_key: str) -> dict[str, Any]:
    """Return the change event: what somebody did to Cordon, where an incident's causes are sought.

    Source: https://developer.pagerduty.com/docs/send-change-event
    """
    where = "/".join(strings(notice.account_id, notice.facts.get("region")))
    payload = {
        "summary": subject_of(notice, PAGERDUTY_SUMMARY.ours),
        "source": tame(where) or "cordon",
        "custom_details": _details(notice),
    }
    return {"routing_key": routing_key, "payload": payload}


def _details(notice: Notice) -> dict[str, str]:
    return {
        heading or "What happened": "\n".join(lines)
        for heading, lines in fitted(notice.sections, PAGERDUTY_ALL.ours)
    }


def key_of(notice: Notice, alert: str) -> str:
    """Return the key by which PagerDuty knows the alert again."""
    return named(notice, alert, PAGERDUTY_KEY.ours)
