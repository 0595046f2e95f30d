"""Slack: Block Kit.

Sources: https://docs.slack.dev/reference/block-kit/blocks/
https://docs.slack.dev/messaging/formatting-message-text (escaping)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.core.notices.channels.errors import ChannelBusyError, ChannelRefusedError
from chalicelib.core.notices.channels.incident import loud
from chalicelib.core.notices.channels.limits import SLACK_ALL, SLACK_HEADER, SLACK_SECTION
from chalicelib.core.notices.channels.lines import fitted, subject_of, summary, tame
from chalicelib.core.notices.notice import Notice

HOSTS = ("hooks.slack.com", "slack.com")
POSTING = "/api/chat.postMessage"
EDITING = "/api/chat.update"

_TS = re.compile(r"\d{1,12}\.\d{1,9}", re.ASCII)
_LATER = frozenset({"ratelimited", "rate_limited", "service_unavailable", "internal_error"})


def render(notice: Notice, conversation: str = "", thread: str = "") -> dict[str, Any]:
    """Return the message for an incoming webhook, or for chat.postMessage.

    Lines stand in code blocks, where Slack looks for no markup; what could end one, or begin a
    mention, is escaped.

    Args:
        notice: what to say.
        conversation: the id of a channel, where a bot posts.
        thread: the `ts` of the message that this one answers.
    """
    subject = subject_of(notice, SLACK_HEADER.ours)
    message: dict[str, Any] = {
        "text": _silent(subject) or "Cordon",
        "blocks": [
            {"type": "header", "text": _plain(subject)},
            *_blocks(notice),
            {"type": "context", "elements": [_plain(summary(notice))]},
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if conversation:
        message |= {"channel": conversation, "parse": "none", "link_names": False}
    if thread:
        message["thread_ts"] = thread
    if thread and loud(notice):  # it does not stay where only those look who know of the incident
        message["reply_broadcast"] = True
    return message


def render_edit(notice: Notice, conversation: str, thread: str, opening: str) -> dict[str, Any]:
    """Return the first message of a thread as it is now, for chat.update: the state, then the rest.

    Args:
        notice: the newest.
        conversation: the id of the channel.
        thread: the `ts` of that message.
        opening: its blocks as they were posted, in JSON.
    """
    subject = subject_of(notice, SLACK_HEADER.ours)
    first, *others = json.loads(opening)
    began = {"type": "context", "elements": [_plain(f"It began with: {first['text']['text']}")]}
    blocks = [{"type": "header", "text": _plain(subject)}, began, *others]
    return {
        "channel": conversation,
        "ts": thread,
        "text": _silent(subject) or "Cordon",
        "blocks": blocks,
        "parse": "none",
        "link_names": False,
    }


def read_thread(answer: bytes) -> str:
    """Return the `ts` of the message that chat.postMessage made; empty if Slack does not say.

    Slack answers 200 to what it refuses, too.

    Raises:
        ChannelRefusedError, ChannelBusyError: it was not posted; the message says Slack's reason.
    """
    try:
        said = json.loads(answer)
    except (RecursionError, ValueError) as error:
        raise ChannelBusyError("slack.com", "the answer is no JSON") from error
    match said:
        case {"ok": True}:
            thread = str(said.get("ts"))
            return thread if _TS.fullmatch(thread) else ""
        case {"ok": False, "error": str(reason)}:
            problem = ChannelBusyError if reason in _LATER else ChannelRefusedError
            raise problem("slack.com", tame(reason, 80))
        case _:
            raise ChannelBusyError("slack.com", "the answer says neither yes nor no")


def _blocks(notice: Notice) -> Iterator[dict[str, Any]]:
    for heading, lines in fitted(
        notice.sections, SLACK_ALL.ours, lambda line: len(_escaped(line)) + 1
    ):
        title = f"*{_silent(heading)}*\n" if _silent(heading) else ""
        for chunk in _chunks([_escaped(line) for line in lines]):
            yield {
                "type": "section",
                "text": {"type": "mrkdwn", "text": f"{title}```{chunk}```", "verbatim": True},
            }
            title = ""


def _chunks(lines: list[str]) -> Iterator[str]:
    chunk = ""
    for line in lines:
        if chunk and len(chunk) + len(line) >= SLACK_SECTION.ours:
            yield chunk
            chunk = ""
        chunk = f"{chunk}\n{line}" if chunk else line
    yield chunk


def _escaped(text: str) -> str:
    quoted = text.replace("`", "'").replace("&", "&amp;")
    return quoted.replace("<", "&lt;").replace(">", "&gt;")


def _silent(text: str) -> str:
    """Return `text` for where Slack looks for markup: it finds none, and nobody to mention."""
    bare = "".join(" " if character in "*_~" else character for character in text)
    return _escaped(bare.replace("@", "(at)")).strip()


def _plain(text: str) -> dict[str, Any]:
    """Return a text in which Slack looks for no markup; angle brackets are no ASCII ones."""
    literal = text.replace("<", "\u2039").replace(">", "\u203a")
    return {"type": "plain_text", "text": literal, "emoji": False}
