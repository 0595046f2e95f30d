"""channels.toml, read into channels; every mistake is named, all of them at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import ChannelsError
from chalicelib.core.notices.channels.pagerduty import HOSTS
from chalicelib.core.notices.channels.post import split_url
from chalicelib.core.notices.notice import Kind
from chalicelib.core.policy.nearest import nearest
from chalicelib.core.policy.page import Page

_Complaint = tuple[str, str]  # the key that it is about, empty for all of them, and what is wrong

_VERSION = 1
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
# The names that the notifier's policy lets it read.
_SECRET = re.compile(
    r"secretsmanager:cordon/[\w/+=.@-]{1,200}|ssm:/cordon/[\w/.-]{1,200}", re.ASCII
)
_CONVERSATION = re.compile(r"[CG][A-Z0-9]{8,}")
_TOPIC = re.compile(r"cordon-[a-z0-9-]{1,60}-chat")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_OUTCOME = re.compile(r"[a-z_]{1,40}")

_ROUTING = ("kinds", "outcomes", "accounts", "min_severity", "digest")
# What a channel of each kind needs, and what it may have, besides its name, kind and routing.
_NEEDS: Mapping[ChannelKind, tuple[str, ...]] = {
    ChannelKind.SLACK: ("secret",),
    ChannelKind.TEAMS: ("secret",),
    ChannelKind.PAGERDUTY: ("secret",),
    ChannelKind.WEBHOOK: ("secret", "url"),
    ChannelKind.SECURITY_HUB: (),
    ChannelKind.Q_DEVELOPER: ("topic",),
}
_MAY_HAVE: Mapping[ChannelKind, tuple[str, ...]] = {
    ChannelKind.SLACK: ("conversation",),
    ChannelKind.PAGERDUTY: ("region",),
}


def parse_channels(text: str) -> tuple[Channel, ...]:
    """Return the channels that `text`, a TOML document, describes; there may be none.

    Raises:
        ChannelsError: it is no TOML, or a channel is not one; says all that is wrong, and where.
    """
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise ChannelsError(("nested too deeply",)) from error
    except tomllib.TOMLDecodeError as error:
        raise ChannelsError((str(error),)) from error
    tables = document.get("channels", [])
    is_list = isinstance(tables, list) and all(isinstance(each, dict) for each in tables)
    page = Page(text)
    complaints = [
        f"{said} (line {page.line('', key)})" for key, said in _page(document, is_list=is_list)
    ]
    channels: dict[str, Channel] = {}
    for nth, table in enumerate(tables if is_list else []):
        wrong = tuple(_complaints(table))
        where = table["name"] if _matches(_NAME)(table.get("name")) else f"channel {nth + 1}"
        complaints += [
            f"{where}: {said} (line {page.line('channels', key, nth)})" for key, said in wrong
        ]
        if not wrong and where in channels:
            line = page.line("channels", "name", nth)
            complaints.append(f"two channels are named {where} (line {line})")
        elif not wrong:
            channels[where] = _channel(table)
    if complaints:
        raise ChannelsError(tuple(complaints))
    return tuple(channels.values())


def _page(document: Mapping[str, Any], *, is_list: bool) -> Iterator[_Complaint]:
    version = document.get("version")
    if type(version) is not int or version != _VERSION:
        yield "version", f"version must be {_VERSION}"
    for name in sorted(document.keys() - {"version", "channels"}):
        yield name, f"unknown name {name}"
    if not is_list:
        yield "channels", "channels must be tables: [[channels]]"


def _complaints(table: Mapping[str, Any]) -> Iterator[_Complaint]:
    kinds = tuple(ChannelKind)
    if table.get("kind") not in kinds:
        yield "kind", f"kind must be one of {', '.join(kinds)}{nearest(table.get('kind'), kinds)}"
        return
    kind = ChannelKind(table["kind"])
    needs = ("name", "kind", *_NEEDS[kind])
    known = {*needs, *_MAY_HAVE.get(kind, ()), *_ROUTING}
    for name in needs:
        if name not in table:
            yield "", f"{name} is missing"
    for name, value in table.items():
        if name not in known:
            yield name, f"unknown name {name}{nearest(name, known)}"
        elif not _FIELDS[name][0](value):
            yield name, f"{name} must be {_FIELDS[name][1]}"


def _channel(table: Mapping[str, Any]) -> Channel:
    targets = (table.get(name, "") for name in ("conversation", "url", "region", "topic"))
    return Channel(
        name=table["name"],
        kind=ChannelKind(table["kind"]),
        secret=table.get("secret", ""),
        target=next(filter(None, targets), ""),
        kinds=frozenset(map(Kind, table.get("kinds", ()))),
        outcomes=frozenset(table.get("outcomes", ())),
        accounts=frozenset(table.get("accounts", ())),
        min_severity=Band(table.get("min_severity", Band.LOW)),
        digest=table.get("digest", False),
    )


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _one_of(allowed: Collection[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in allowed


def _each(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(map(fits, value))


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and split_url(value) is not None


# What each name must be: a rule, and the same in words.
_FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_matches(_NAME), "small letters, digits and hyphens, at most 40"),
    "kind": (_one_of(tuple(ChannelKind)), "a kind of channel"),
    "secret": (_matches(_SECRET), "secretsmanager:cordon/... or ssm:/cordon/..."),
    "url": (_is_url, "https://, the name of a host, and a path"),
    "conversation": (_matches(_CONVERSATION), "the id of a channel of Slack, such as C0123456789"),
    "region": (_one_of(tuple(HOSTS)), f"one of {', '.join(HOSTS)}"),
    "topic": (_matches(_TOPIC), "the name of an SNS topic, cordon-...-chat"),
    "kinds": (_each(_one_of(tuple(Kind))), f"a list of {', '.join(Kind)}"),
    "outcomes": (_each(_matches(_OUTCOME)), "a list of outcomes, such as contained"),
    "accounts": (_each(_matches(_ACCOUNT)), "a list of texts of 12 digits"),
    "min_severity": (_one_of(tuple(Band)), f"one of {', '.join(Band)}"),
    "digest": (lambda value: isinstance(value, bool), "true or false"),
}
