"""The words of the notices about the threat list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.threat_lists.change import Change, Happened, SourceChange
from chalicelib.core.threat_lists.feeds import Feed, FeedState

# SNS takes 256 KB, and a message holds its text eight times: once for each protocol.
_LINE = 300  # characters
_LONG_LINE = 900  # of what stopped a list, or a feed
_MOST = 12  # sources, or entries, that a message names; the stored change has all

_ASKED_AGAIN = "Every run asks again. You are told again if it recovers and then fails."

OVERRIDES = "overrides/"  # an object of this name and a list's digest lets that list through once


def of_change(change: Change, bucket: str, account_id: str, region: str) -> Notice:
    """Tell what happened to the threat list, why, and what to do about it."""
    return Notice(
        kind=Kind.THREAT_LIST,
        outcome=change.happened.value,
        severity=(Band.LOW if _is_at_work(change) else Band.HIGH).value,
        account_id=account_id,
        subject=subject_line(_subject(change)),
        sections=tuple(_sections(change, bucket)),
        facts={
            "region": region,
            "digest": change.digest,
            "entries": change.entries,
            "live_entries": change.live,
            "guards": {guard: one_line(why, _LONG_LINE) for guard, why in change.guards.items()},
            "sources": [_source_facts(each) for each in change.sources[:_MOST]],
            "stored": f"s3://{bucket}/published/{change.name}",
        },
    )


def of_feed(feed: Feed, why: str, state: FeedState, account_id: str, region: str) -> Notice:
    """Tell, once, that a feed gives no list any more, and for how long the last one stays."""
    good = state.good_at and datetime.fromisoformat(state.good_at)
    stays = (
        f"until {good + feed.expires_after:%Y-%m-%d %H:%M} UTC" if good else "nothing: none came"
    )
    return Notice(
        kind=Kind.THREAT_LIST,
        outcome="feed_failed",
        severity=Band.MEDIUM.value,
        account_id=account_id,
        subject=subject_line(f"Threat feed {feed.name} FAILED"),
        sections=(
            ("Why", (one_line(why, _LONG_LINE),)),
            ("What stays", (f"its last good list, {stays}" if good else stays,)),
            (
                "What happens",
                ("Every run asks again. You are told again if it recovers, and then fails.",),
            ),
        ),
        facts={
            "region": region,
            "feed": feed.name,
            "host": feed.host,
            "why": one_line(why, _LONG_LINE),
            "good_at": state.good_at,
        },
    )


def _is_at_work(change: Change) -> bool:
    return change.happened is Happened.PUBLISHED and bool(change.live)


def _subject(change: Change) -> str:
    if change.happened is Happened.PUBLISHED and not change.live:
        return "Threat list EMPTY: nothing is looked for"
    if change.happened is Happened.PUBLISHED:
        left_out = sum(source.left_out for source in change.sources)
        left = f", {left_out} LEFT OUT: no room" if left_out else ""
        return f"Threat list published: {change.entries} entries{left}"
    if change.happened is Happened.REFUSED:
        return f"Threat list REFUSED: {', '.join(change.guards)}"
    return "Threat list ROLLED BACK: GuardDuty could not activate it"


def _sections(change: Change, bucket: str) -> Iterator[Section]:
    guards = tuple(f"{guard}: {one_line(why, _LONG_LINE)}" for guard, why in change.guards.items())
    waved = change.happened is Happened.PUBLISHED
    yield ("Waved through by a person" if waved else "What stopped it", guards)
    yield ("What is live", (_live(change),))
    yield ("Sources", tuple(_limited([_source_line(each) for each in change.sources])))
    yield ("Added", tuple(_limited(_sorted(change, "added"))))
    yield ("Removed", tuple(_limited(_sorted(change, "removed"))))
    if change.happened is not Happened.PUBLISHED:
        yield ("To let just this list through, once", tuple(_override(change, bucket)))
    yield ("All of it", (f"s3://{bucket}/published/{change.name}",))


def _live(change: Change) -> str:
    if not change.live:
        return "Nothing: no list of Cordon's is active."
    if change.happened is Happened.PUBLISHED:
        return f"This list, {change.live} entries, once GuardDuty has activated it."
    return f"The last good list, {change.live} entries."


def _override(change: Change, bucket: str) -> Iterator[str]:
    if all(guard.yields for guard in change.guards):
        yield f"aws s3api put-object --bucket {bucket} --key {OVERRIDES}{change.digest}"
        yield "The next run uses it up. Another list is guarded again."
    else:
        yield "Nothing does: see [threat_lists] max_entries, max_lists and kind in policy.toml."


def _source_line(source: SourceChange) -> str:
    refused = ", ".join(
        f"{each.count} {reason.replace('_', ' ')} (line {', '.join(map(str, each.lines))}"
        f"{', ...' if each.count > len(each.lines) else ''})"
        for reason, each in source.refused.items()
    )
    parts = (
        f"{source.name} ({source.confidence}): {source.entries} entries",
        f"+{len(source.added)} -{len(source.removed)}",
        f"read as: {source.read_as}" if source.read_as else "",
        source.note,
        f"dropped {refused}" if refused else "",
    )
    return one_line("; ".join(part for part in parts if part), _LINE)


def _source_facts(source: SourceChange) -> dict[str, Any]:
    return {
        "name": one_line(source.name, _LINE),
        "confidence": source.confidence,
        "expires": source.expires,
        "read_as": one_line(source.read_as, _LINE),
        "entries": source.entries,
        "added": len(source.added),
        "removed": len(source.removed),
        "left_out": source.left_out,
        "refused": {reason: each.count for reason, each in source.refused.items()},
    }


def _sorted(change: Change, what: str) -> list[str]:
    return sorted({entry for source in change.sources for entry in getattr(source, what)})


def _limited(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"and {len(lines) - _MOST} more"
