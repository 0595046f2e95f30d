"""Microsoft Teams: an Adaptive Card.

Sources: https://adaptivecards.io/explorer/RichTextBlock.html (a TextRun knows no Markdown)
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
(28 KB a message)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.core.notices.channels.limits import TEAMS_CARD
from chalicelib.core.notices.channels.lines import fitted, subject_of, summary
from chalicelib.core.notices.channels.links import console_of
from chalicelib.core.notices.notice import Notice

CONNECTORS = ".webhook.office.com"
# Workflows took the place of connectors, and moved to the last of these hosts in 2025.
HOSTS = (f"*{CONNECTORS}", "*.logic.azure.com", "*.api.powerplatform.com")

_HIDDEN = re.compile(rb"returned HTTP error (\d{3})")
_SUBJECT = 150  # characters
_COLOURS = {"Critical": "Attention", "High": "Attention", "Medium": "Warning", "Low": "Default"}


def render(notice: Notice) -> dict[str, Any]:
    """Return the message for an incoming webhook or a workflow: one card, of text runs only."""
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_body(notice)),
    }
    if url := console_of(notice):
        card["actions"] = [{"type": "Action.OpenUrl", "title": "The instance in EC2", "url": url}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def hidden_status(answer: bytes) -> int | None:
    """Return the status with which Teams refused a message that its connector answered 200 to."""
    found = _HIDDEN.search(answer)
    return int(found[1]) if found else None


def _body(notice: Notice) -> Iterator[dict[str, Any]]:
    colour = _COLOURS.get(notice.severity, "Attention")
    yield _block(subject_of(notice, _SUBJECT), weight="Bolder", size="Large", color=colour)
    for heading, lines in fitted(notice.sections, TEAMS_CARD.ours, _size):
        if heading:
            yield _block(heading, weight="Bolder")
        for line in lines:
            yield _block(line, fontType="Monospace", size="Small")
    yield _block(summary(notice), isSubtle=True, size="Small")


def _block(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _size(line: str) -> int:
    return len(json.dumps(_block(line, fontType="Monospace", size="Small")))
