"""The list as the sources would have it now, before anybody asked whether it may go live."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.policy.policy import ListKind, Policy
from chalicelib.core.threat_lists.change import SourceChange
from chalicelib.core.threat_lists.cleaning import Bar, Cleaned, clean, together
from chalicelib.core.threat_lists.ipv4 import merged, parse_span
from chalicelib.core.threat_lists.publication import (
    Listed,
    Publication,
    digest_of,
    index_name,
    index_text,
    list_name,
    parts_of,
)
from chalicelib.core.threat_lists.source import Source, read_source

_EXAMPLES = 3  # reasons that are told of a source that is hardly understood


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one object under `sources/` or `trusted/`."""

    name: str
    confidence: Confidence = Confidence.MEDIUM
    expires: datetime | None = None
    cleaned: Cleaned = field(default_factory=Cleaned)
    note: str = ""  # why nothing came of it
    is_unreadable: bool = False
    sha256: str = ""  # of the object as it lies there
    read_as: str = ""  # the shape that it was taken for

    def change(self, entries: int) -> SourceChange:
        expires = self.expires.isoformat() if self.expires else None
        refused = self.cleaned.refused
        return SourceChange(
            self.name,
            self.confidence,
            expires,
            entries,
            refused=refused,
            note=self.note,
            read_as=self.read_as,
        )


def read(name: str, body: bytes, sidecar: bytes | None, bar: Bar, now: datetime) -> Reading:
    """Return what comes of an object; nothing, if it has expired or cannot be read."""
    sha256 = hashlib.sha256(body).hexdigest()
    reading = Reading(name, sha256=sha256)
    try:
        source = read_source(name, body, sidecar, now)
        reading = replace(
            reading,
            confidence=source.confidence,
            expires=source.expires,
            read_as=source.read_as,
        )
        if not source.holds_at(now):
            return replace(reading, note="it has expired")
        return replace(reading, cleaned=_cleaned(name, source, bar))
    except UnreadableSourceError as error:
        return replace(reading, note=str(error), is_unreadable=True)


def _cleaned(name: str, source: Source, bar: Bar) -> Cleaned:
    cleaned = clean(source.values, bar)
    if cleaned.understood < bar.min_understood:
        raise UnreadableSourceError(name, _not_understood(cleaned))
    return cleaned


def _not_understood(cleaned: Cleaned) -> str:
    """Return, in words, how little is understood, and an example for what is in the way."""
    commonest = sorted(cleaned.refused.items(), key=lambda each: -each[1].count)[:_EXAMPLES]
    examples = "; ".join(
        f"{each.count} {reason.replace('_', ' ')}, e.g. line {each.lines[0]}: {each.example!a}"
        for reason, each in commonest
    )
    return f"only {cleaned.understood:.0%} of it is understood: {examples}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole list, in the objects that GuardDuty would read and the one that explains them."""

    publication: Publication
    objects: tuple[tuple[str, str], ...]  # name, text
    changes: tuple[tuple[SourceChange, Listed], ...]  # one for each source of threats
    trusted: tuple[SourceChange, ...]  # one for each object under `trusted/`
    unreadable: tuple[str, ...]  # why, for each object that could not be read
    fingerprint: str  # of all that was read: other content has another one


def draft(readings: Iterable[Reading], trusted: Iterable[Reading], policy: Policy) -> Draft:
    """Return the list that `readings` make together, held to a bar that `trusted` is part of."""
    beside = tuple(trusted)
    each = tuple(readings)
    listed = tuple(
        Listed(reading.name, reading.confidence, tuple(reading.cleaned.entries()))
        for reading in each
    )
    if len(listed) == 1:
        entries = listed[0].entries
    else:
        entries = tuple(together(reading.cleaned for reading in each).entries())
    index = index_text(listed)
    unreadable = tuple(reading.note for reading in (*each, *beside) if reading.is_unreadable)
    parts = tuple((list_name(text), text) for text in parts_of(entries, policy.max_entries))
    return Draft(
        Publication(
            digest_of(policy.list_kind, index_name(index), entries, unreadable),
            policy.list_kind,
            tuple(name for name, _ in parts),
            len(entries),
            index_name(index),
        ),
        (*parts, (index_name(index), index)),
        tuple((r.change(len(x.entries)), x) for r, x in zip(each, listed, strict=True)),
        tuple(reading.change(0) for reading in beside),
        unreadable,
        _fingerprint((*each, *beside)),
    )


def _fingerprint(readings: Iterable[Reading]) -> str:
    said = "\n".join(f"{reading.name} {reading.sha256}" for reading in readings)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def bar_of(policy: Policy, own: Iterable[str], trusted: Iterable[Reading]) -> Bar:
    """Return what a line must pass, `own` being public addresses of ours.

    Raises:
        ValueError: an address of ours is none.
    """
    return Bar(
        min_prefix=policy.min_prefix,
        takes_domains=policy.list_kind is ListKind.ENTITY,
        own=merged(map(parse_span, own)),
        trusted=together(reading.cleaned for reading in trusted),
        min_understood=policy.min_understood,
    )


def trusted_bar(policy: Policy) -> Bar:
    """Return what a line under `trusted/` must pass: who serves everybody may be trusted."""
    return Bar(policy.min_prefix, shared=frozenset(), min_understood=policy.min_understood)
