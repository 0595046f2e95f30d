"""The list as the sources would have it now, before anybody asked whether it may go live."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.core.policy.policy import ListKind, Policy
from chalicelib.core.threat_lists.change import SourceChange
from chalicelib.core.threat_lists.cleaning import Bar, together
from chalicelib.core.threat_lists.fitting import fitting
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
from chalicelib.core.threat_lists.reading import Reading


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole list, in the objects that GuardDuty would read and the one that explains them."""

    publication: Publication
    objects: tuple[tuple[str, str], ...]  # name, text
    changes: tuple[tuple[SourceChange, Listed], ...]  # one for each source of threats
    trusted: tuple[SourceChange, ...]  # one for each object under `trusted/`
    unreadable: tuple[str, ...]  # why, for each object that could not be read
    fingerprint: str  # of all that was read: other content has another one


def draft(
    readings: Iterable[Reading],
    trusted: Iterable[Reading],
    policy: Policy,
    lists: int = 0,
    changed: Callable[[], Mapping[str, datetime]] = dict,
) -> Draft:
    """Return the list that `readings` make together, held to a bar that `trusted` is part of.

    Args:
        readings: what came of each source.
        trusted: what came of each object under `trusted/`.
        policy: how long a list may be.
        lists: how many there is room for; where there is none, all entries stay, to be refused.
        changed: when each source was last written; asked only if they do not fit.
    """
    beside, most = tuple(trusted), lists * policy.max_entries
    each = tuple(readings)
    listed, entries = _listed(each)
    if 0 < most < len(entries):
        each = fitting(each, most, changed())
        listed, entries = _listed(each)
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


def _listed(readings: tuple[Reading, ...]) -> tuple[tuple[Listed, ...], tuple[str, ...]]:
    """Return what each source lists, and what they list together."""
    listed = tuple(
        Listed(reading.name, reading.confidence, tuple(reading.cleaned.entries()))
        for reading in readings
    )
    if len(listed) == 1:
        return listed, listed[0].entries
    return listed, tuple(together(reading.cleaned for reading in readings).entries())


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
