"""Who put the other end of a finding on our list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable

from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.threat_lists.cleaning import wildcards
from chalicelib.core.threat_lists.ipv4 import parse_address, parse_span
from chalicelib.core.threat_lists.publication import Listed, parse_index, parse_memory
from chalicelib.core.threat_lists.sets import is_ours


def look_up(
    remote: str, lists: Iterable[str], stage: str, read: Callable[[str], str]
) -> Origin | None:
    """Return who put `remote` on the list that is live; None: nobody, or it is on others' lists.

    `read` returns what an object under `published/` holds.
    """
    names = tuple(lists)
    if names and not any(is_ours(name, stage) for name in names):
        return None
    live = parse_memory(read("memory.json"), "").live
    return None if live is None else origin_of(remote, parse_index(read(live.index)))


def origin_of(remote: str, sources: Iterable[Listed]) -> Origin | None:
    """Return who listed `remote`, an address or a domain; None: nobody of `sources`."""
    order = list(Confidence)
    naming = [each for each in sources if _names(each.entries, remote)]
    naming.sort(key=lambda each: order.index(each.confidence), reverse=True)
    if not naming:
        return None
    return Origin(tuple(each.name for each in naming), naming[0].confidence)


def _names(entries: tuple[str, ...], remote: str) -> bool:
    """Whether `remote` is among entries as `Cleaned.entries` sorts them: networks go first."""
    try:
        address = parse_address(remote)
    except ValueError:
        domain = remote.lower().removesuffix(".")
        return not frozenset((domain, *wildcards(domain))).isdisjoint(entries)
    at = bisect_right(entries, address, key=_first)
    return at > 0 and address <= _span(entries[at - 1]) & 0xFFFFFFFF


def _first(entry: str) -> int:
    return _span(entry) >> 32


def _span(entry: str) -> int:
    """Return the span of an entry; a domain lies behind the last address."""
    try:
        return parse_span(entry)
    except ValueError:
        return 1 << 64
