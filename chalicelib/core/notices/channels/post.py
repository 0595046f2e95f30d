"""What is sent over HTTPS to a channel, ready but for the network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from chalicelib.core.notices.channels import pagerduty, slack, teams, webhook
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    ForbiddenTargetError,
)
from chalicelib.core.notices.channels.incident import INCIDENT, is_change
from chalicelib.core.notices.channels.lines import tame
from chalicelib.core.notices.notice import Notice

# One spelling only: no user, no other port, no number for a name, no character to be decoded.
_LABEL = r"[a-z0-9-]{1,63}"
_URL = re.compile(rf"https://((?:{_LABEL}\.)+(?=[a-z]){_LABEL})(?::443)?(/[!-~]*)?", re.ASCII)
_BOT_TOKEN = re.compile(r"xoxb-[0-9A-Za-z-]+", re.ASCII)
_WORD = re.compile(r"[0-9A-Za-z_+=~-]+", re.ASCII)
_PART = 6  # characters
_LOOKED_AT = 4_000  # bytes of an answer that was a refusal
_SAID = 200  # characters of it that an error, and so the log, repeats
_KEY = 16  # characters that the key of a webhook has at least
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Post:
    """One request; what it says about itself holds nothing secret but `path` and `headers`."""

    host: str
    path: str
    body: bytes  # JSON
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes  # its beginning
    retry_after: str = ""  # the header: seconds, or a date


@dataclass(frozen=True, slots=True)
class Sending:
    """What a try needs to know, besides what to say."""

    secret: str
    key: str  # the same in every try
    at: datetime  # of this try, UTC
    thread: str = ""  # the message that this one answers, where a service needs it
    alert: str = INCIDENT  # which alert of the incident it is about, and whether that is open
    is_open: bool | None = None
    opening: str = ""  # the blocks of the message that is edited, in JSON, where one is


def split_url(url: str) -> tuple[str, str] | None:
    """Return host and path of `url`, if it is one that a notice may be sent to."""
    found = _URL.fullmatch(url)
    return (found[1], found[2] or "/") if found else None


def post_of(channel: Channel, notice: Notice, sending: Sending) -> Post:
    """Return the request that brings `notice` to `channel`, which is reached over HTTPS.

    Raises:
        ForbiddenTargetError: the secret is not what the channel needs, or leads elsewhere.
    """
    return _POSTS[channel.kind](channel, notice, sending)


def check_answer(post: Post, answer: Answer, secret: str = "") -> None:
    """Return if the notice was taken.

    Raises:
        ChannelBusyError: the same may work later.
        ChannelRefusedError: it will not; a redirect is refused as well, wherever it leads. Both
            say what the receiver says, without any piece of `secret` that it repeats.
    """
    hidden = teams.hidden_status(answer.body) if post.host.endswith(teams.CONNECTORS) else None
    status = hidden or answer.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    is_busy = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER
    said = _without(secret, answer.body)
    why = f"answered {status}: {said}" if said else f"answered {status}"
    raise (ChannelBusyError if is_busy else ChannelRefusedError)(post.host, why)


def _without(secret: str, body: bytes) -> str:
    """Return what `body` says, shortly, with no piece of `secret`, be it a URL or a key."""
    said = body[:_LOOKED_AT].decode(errors="replace")
    return tame(_WORD.sub(lambda word: _masked(word[0], secret), said), _SAID)


def _masked(word: str, secret: str) -> str:
    """Return `word`, or a mask if it has a part of `secret` in it, be it only its end."""
    parts = (word[n : n + _PART] for n in range(len(word) - _PART + 1))
    return "***" if any(part in secret for part in parts) else word


def _to_slack(channel: Channel, notice: Notice, sending: Sending) -> Post:
    if not channel.target:
        target = _target(channel, sending.secret, slack.HOSTS)
        return Post(*target, _json(slack.render(notice)), _headers())
    if not _BOT_TOKEN.fullmatch(sending.secret):
        raise _forbidden(channel, "is no token of a bot")
    headers = _headers(Authorization=f"Bearer {sending.secret}")
    if sending.opening:
        edit = slack.render_edit(notice, channel.target, sending.thread, sending.opening)
        return Post("slack.com", slack.EDITING, _json(edit), headers)
    body = _json(slack.render(notice, channel.target, sending.thread))
    return Post("slack.com", slack.POSTING, body, headers)


def _to_teams(channel: Channel, notice: Notice, sending: Sending) -> Post:
    target = _target(channel, sending.secret, teams.HOSTS)
    return Post(*target, _json(teams.render(notice)), _headers())


def _to_pagerduty(channel: Channel, notice: Notice, sending: Sending) -> Post:
    key = sending.secret
    if not pagerduty.ROUTING_KEY.fullmatch(key):
        raise _forbidden(channel, "is no routing key")
    host = pagerduty.HOSTS[channel.target or "us"]
    if is_change(notice):
        return Post(host, pagerduty.CHANGES, _json(pagerduty.change(notice, key)), _headers())
    event = pagerduty.render(notice, key, sending.alert, is_open=sending.is_open)
    return Post(host, pagerduty.ENQUEUE, _json(event), _headers())


def _to_webhook(channel: Channel, notice: Notice, sending: Sending) -> Post:
    if len(sending.secret) < _KEY:
        raise _forbidden(channel, f"is shorter than {_KEY} characters")
    body = webhook.render(notice, sending.key)
    signed = webhook.signed(body, sending.secret, sending.key, int(sending.at.timestamp()))
    return Post(*_target(channel, channel.target, ("*",)), body, {**_headers(), **signed})


_POSTS: Mapping[ChannelKind, Callable[[Channel, Notice, Sending], Post]] = {
    ChannelKind.SLACK: _to_slack,
    ChannelKind.TEAMS: _to_teams,
    ChannelKind.PAGERDUTY: _to_pagerduty,
    ChannelKind.WEBHOOK: _to_webhook,
}


def _target(channel: Channel, url: str, hosts: tuple[str, ...]) -> tuple[str, str]:
    parts = split_url(url)
    if parts is None or not any(_fits(parts[0], host) for host in hosts):
        raise _forbidden(channel, f"is no https URL of {', '.join(hosts)}")
    return parts


def _fits(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*") else host == pattern


def _forbidden(channel: Channel, why: str) -> ForbiddenTargetError:
    return ForbiddenTargetError(f"what {channel.secret} holds", why)


def _json(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode()


def _headers(**more: str) -> Mapping[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", **more}
