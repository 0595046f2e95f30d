"""What a person reads of a message, without what only the service needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message, as a channel got it."""

    at: datetime
    channel: str
    message: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def view(channel: str, message: Message) -> list[str]:
    """Return the lines that a person reads in `channel`."""
    lines = _VIEWS.get(channel, _whole)(message)
    return [line for text in lines for line in str(text).splitlines() if line]


def _slack(message: Message) -> Iterator[str]:
    for block in message["blocks"]:
        each = block["text"] if "text" in block else block["elements"][0]
        text = each["text"].replace("```", "")
        yield text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    if "thread_ts" in message:
        yield f"(in the thread of {message['thread_ts']})"


def _teams(message: Message) -> Iterator[str]:
    for block in message["attachments"][0]["content"]["body"]:
        yield "".join(run["text"] for run in block["inlines"])


def _pagerduty(message: Message) -> Iterator[str]:
    is_change = "event_action" not in message
    yield "change" if is_change else f"{message['event_action']} {message['dedup_key']}"
    payload = message.get("payload")
    if payload:
        yield f"{payload.get('severity', 'change')}: {payload['summary']}"
        for heading, text in payload["custom_details"].items():
            yield f"{heading}\n{text}"


def _webhook(message: Message) -> Iterator[str]:
    yield f"id {message['id']}"
    yield message["subject"]
    for section in message["sections"]:
        yield section["heading"]
        yield from section["lines"]


def _security_hub(message: Message) -> Iterator[str]:
    yield f"{message['RecordState']} {message['FindingProviderFields']['Severity']['Label']}"
    yield message["Title"]
    yield message["Resources"][0]["Id"]
    yield message["Description"]
    if note := message.get("Note"):
        yield f"Note of {note['UpdatedBy']}: {note['Text']}"


def _q_developer(message: Message) -> Iterator[str]:
    yield message["content"]["title"]
    yield message["content"]["description"].replace("```", "")
    yield f"(in the thread of {message['metadata']['threadId']})"


def _whole(message: Message) -> Iterator[str]:
    for name, value in message.items():
        yield f"{name}: {value}"


_VIEWS: Mapping[str, Callable[[Message], Iterator[str]]] = {
    "slack": _slack,
    "teams": _teams,
    "pagerduty": _pagerduty,
    "webhook": _webhook,
    "security-hub": _security_hub,
    "q-developer": _q_developer,
}
