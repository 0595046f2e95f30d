"""In the hourly sync: lists that others publish are fetched when due, and kept as sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.core.errors import CordonError
from chalicelib.core.notices.about_threat_lists import of_feed
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.feeds import (
    FEEDS,
    Feed,
    FeedError,
    FeedState,
    Fetched,
    after_good,
    is_due,
    is_new,
    parse_states,
    question,
    sidecar_text,
    states_text,
)
from chalicelib.core.threat_lists.reading import read
from chalicelib.core.threat_lists.source import SIDECAR
from chalicelib.flows.ports.curator import Curator

STATES = "published/feeds.json"
_SECONDS = 120  # after which no other feed is begun in a run; the next one goes on


def fetch_feeds(to: Curator) -> None:
    """Fetch every feed that is due; one that fails costs itself only, and is told once.

    What is not a list that can be read never takes the place of the last good one, which stays
    until it expires. A crash fetches again, and loses nothing.
    """
    if not to.policy.feeds:
        return
    kept = {*to.shelf.names(FEEDS), *to.shelf.names(STATES)}
    states = parse_states(to.shelf.read(STATES).decode()) if STATES in kept else {}
    found = {feed.name: states.get(feed.name, FeedState()) for feed in to.policy.feeds}
    for feed in _due(found, to):
        found[feed.name] = _settled(feed, found[feed.name], to, is_kept=feed.object in kept)
    if found != states:
        to.shelf.write(STATES, states_text(found).encode())


def _due(states: dict[str, FeedState], to: Curator) -> Iterator[Feed]:
    """Yield the feeds to ask, those that waited longest first, while there is time."""
    begun = to.now()
    for feed in sorted(to.policy.feeds, key=lambda each: states[each.name].good_at or ""):
        if (to.now() - begun).total_seconds() < _SECONDS and is_due(
            feed, states[feed.name], to.now()
        ):
            yield feed


def _settled(feed: Feed, before: FeedState, to: Curator, *, is_kept: bool) -> FeedState:
    """Fetch a feed and keep what is new; return what is known of it then."""
    is_kept = is_kept and before.url == feed.url  # else it must be sent, changed or not
    asked = before if is_kept else FeedState()
    try:
        fetched = _ask(feed, asked, to)
        has_body = is_new(feed, fetched, is_kept=is_kept)
        if has_body:
            _check(feed, fetched, to)
    except FeedError as error:
        if not before.failing:
            to.notices.publish(of_feed(feed, error.why, before, to.own_account, to.own_region))
        return replace(before, failing=error.why)
    # What is said of a list comes first: alone it says nothing, and a list never lacks it.
    to.shelf.write(feed.object + SIDECAR, sidecar_text(feed, to.now()).encode())
    if has_body:
        to.shelf.write(feed.object, fetched.body)
    return after_good(feed, fetched, asked, to.now())


def _ask(feed: Feed, state: FeedState, to: Curator) -> Fetched:
    try:
        secret = to.secret(feed.secret) if feed.secret else ""
    except CordonError as error:
        raise FeedError(feed.name, str(error)) from error
    headers = question(feed, state, secret)
    try:
        return to.web.get(feed.host, feed.path, headers)
    except CordonError as error:  # no answer, or a forbidden address
        raise FeedError(feed.name, str(error)) from error


def _check(feed: Feed, fetched: Fetched, to: Curator) -> None:
    """Refuse what could not be read as a source, before it takes the place of the last one.

    Raises:
        FeedError: it is none, or nothing of it is of use.
    """
    sidecar = sidecar_text(feed, to.now()).encode()
    bar = Bar(to.policy.min_prefix, min_understood=to.policy.min_understood)
    reading = read(feed.name, fetched.body, sidecar, bar, to.now())
    if reading.note:
        raise FeedError(feed.name, reading.note)
    if not reading.cleaned.taken:
        raise FeedError(feed.name, "nothing in it is of use")
