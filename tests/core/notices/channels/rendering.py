"""Every renderer, under the name of its channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.core.notices.channels import (
    pagerduty,
    q_developer,
    security_hub,
    slack,
    teams,
    webhook,
)
from chalicelib.core.notices.channels.incident import (
    INCIDENT,
    is_change,
    is_end,
    part_of,
    worries_of,
)
from chalicelib.core.notices.channels.security_hub import Place, Shown
from chalicelib.core.notices.notice import Notice
from tests.builders import NOON

KEY = "0123abcd-1772366400"
ROUTING_KEY = "0123456789abcdef0123456789ABCDEF"
HERE = Place("aws", "eu-west-1", "999988887777")


def _event(notice: Notice) -> dict[str, Any]:
    if is_change(notice):
        return pagerduty.change(notice, ROUTING_KEY)
    alert = next(iter(worries_of(notice)), INCIDENT)
    return pagerduty.render(part_of(notice, alert), ROUTING_KEY, alert)


def _finding(notice: Notice) -> dict[str, Any]:
    alert = next(iter(worries_of(notice)), INCIDENT)
    shown = Shown(alert, is_open=not is_end(notice))
    return security_hub.render(part_of(notice, alert), HERE, NOON, shown)


RENDERERS: Mapping[str, Callable[[Notice], dict[str, Any]]] = {
    "slack": slack.render,
    "slack_bot": lambda notice: slack.render(notice, "C0123456789", "1700000000.000100"),
    "teams": teams.render,
    "pagerduty": _event,
    "webhook": lambda notice: dict(json.loads(webhook.render(notice, KEY))),
    "security_hub": _finding,
    "q_developer": lambda notice: q_developer.render(notice, KEY),
}


def texts(rendered: Any) -> Iterator[str]:
    """Yield every text of a rendering, keys and values."""
    if isinstance(rendered, str):
        yield rendered
    elif isinstance(rendered, dict):
        for key, value in rendered.items():
            yield key
            yield from texts(value)
    elif isinstance(rendered, list | tuple):
        for value in rendered:
            yield from texts(value)
