"""Lists that others publish: when one is fetched, what its answer means, and for how long it holds.

What was fetched is an object under `sources/feeds/` like any other, and guarded like any other.
Its sidecar says how sure it is and when it expires: an outage keeps the last good one until then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from chalicelib.core.errors import BusyError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.versions import known

FEEDS = "sources/feeds/"
LARGEST = 64 * 1024 * 1024  # bytes of an answer

_VALIDATORS = ("etag", "last-modified")
_LONGEST = 500  # characters of what a server wants to hear again
_SOON = timedelta(minutes=5)  # a run that comes a little early is not an hour late


class FeedError(BusyError):
    """The feed `name` gave no list now, and the last good one stays: `why`."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why


@dataclass(frozen=True, slots=True)
class Feed:
    """A list that somebody publishes under a URL."""

    name: str
    host: str
    path: str
    confidence: Confidence = Confidence.MEDIUM
    every: timedelta = timedelta(hours=6)
    expires_after: timedelta = timedelta(days=3)  # without a good answer
    column: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secret: str = ""  # its name, such as secretsmanager:cordon/feeds/ours; never what it holds
    header: str = "Authorization"  # that the secret is sent in
    licence: str = ""  # what its publisher allows, for people

    @property
    def object(self) -> str:
        return FEEDS + self.name

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # by name in lower case
    body: bytes = b""  # no more than one byte over `LARGEST`


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed from one run to the next."""

    good_at: str | None = None  # when a good answer last came, ISO 8601
    etag: str = ""
    modified: str = ""
    failing: str = ""  # why there is none since then, as people know it
    url: str = ""  # that it came from


States = dict[str, FeedState]


def parse_states(text: str) -> States:
    """Return what `states_text` said."""
    return {name: FeedState(**known(FeedState, said)) for name, said in json.loads(text).items()}


def states_text(states: Mapping[str, FeedState]) -> str:
    """Return what is known of each feed as text, for `parse_states`."""
    return json.dumps({name: asdict(state) for name, state in states.items()}, indent=1)


def is_due(feed: Feed, state: FeedState, now: datetime) -> bool:
    """Whether it is time to ask; a feed that failed, or has moved, is asked in every run."""
    if state.failing or state.good_at is None or state.url != feed.url:
        return True
    return now - datetime.fromisoformat(state.good_at) >= feed.every - _SOON


def question(feed: Feed, state: FeedState, secret: str) -> dict[str, str]:
    """Return the headers to ask with: nothing is sent again that has not changed.

    Raises:
        FeedError: the secret is none that fits into a header.
    """
    if not (secret.isascii() and secret.isprintable()):
        raise FeedError(feed.name, "what its secret holds cannot be sent")
    asked = {"User-Agent": "cordon", "Accept-Encoding": "identity"}
    if state.etag:
        asked["If-None-Match"] = state.etag
    if state.modified:
        asked["If-Modified-Since"] = state.modified
    return asked | ({feed.header: secret} if secret else {})


def is_new(feed: Feed, fetched: Fetched, *, is_kept: bool) -> bool:
    """Whether an answer brings a body; else what is kept is good still.

    Raises:
        FeedError: it is neither.
    """
    if fetched.status == HTTPStatus.NOT_MODIFIED and is_kept:
        return False
    if 300 <= fetched.status < 400:  # noqa: PLR2004 - redirects
        raise FeedError(feed.name, f"answered {fetched.status}: it has moved, and is not followed")
    if fetched.status != HTTPStatus.OK:
        raise FeedError(feed.name, f"answered {fetched.status}")
    if len(fetched.body) > LARGEST:
        raise FeedError(feed.name, "its answer is too large")
    return True


def after_good(feed: Feed, fetched: Fetched, before: FeedState, now: datetime) -> FeedState:
    """Return what is known after a good answer."""
    if fetched.status == HTTPStatus.NOT_MODIFIED:
        return replace(before, good_at=now.isoformat(), failing="")
    etag, modified = (_sendable(fetched.headers.get(each, "")) for each in _VALIDATORS)
    return FeedState(now.isoformat(), etag, modified, url=feed.url)


def _sendable(value: str) -> str:
    """Return what a server said, if it may stand in a request; else nothing."""
    return value if value.isascii() and value.isprintable() and len(value) <= _LONGEST else ""


def sidecar_text(feed: Feed, now: datetime) -> str:
    """Return what the object beside a feed says of it, as of a good answer at `now`."""
    said: dict[str, object] = {
        "confidence": feed.confidence.value,
        "expires": (now + feed.expires_after).isoformat(),
    }
    if feed.column:
        said["column"] = feed.column
    if feed.where:
        said["where"] = {name: list(values) for name, values in feed.where.items()}
    return json.dumps(said)
