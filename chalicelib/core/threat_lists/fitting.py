"""What is kept when GuardDuty has no room for all: the surest sources first, then the newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.cleaning import Cleaned, together
from chalicelib.core.threat_lists.ipv4 import merged, parse_span
from chalicelib.core.threat_lists.reading import Reading

_NEVER = datetime.min.replace(tzinfo=UTC)


def fitting(
    readings: Sequence[Reading], most: int, changed: Mapping[str, datetime]
) -> tuple[Reading, ...]:
    """Return `readings`, in their order, with no more entries together than `most`.

    The first source that does not fit as a whole gives the first of its entries, addresses before
    domains; what ranks below it gives none. Each says how many of its entries are left out.

    Args:
        readings: what came of each source.
        most: how many entries there is room for.
        changed: when each source was last written, by its name.
    """
    order = list(Confidence)

    def rank(reading: Reading) -> tuple[int, datetime]:
        return order.index(reading.confidence), changed.get(reading.name, _NEVER)

    kept: dict[str, Reading] = {}
    whole = Cleaned()
    for reading in sorted(readings, key=rank, reverse=True):
        room = most - sum(1 for _ in whole.entries())
        kept[reading.name] = _cut(reading, room)
        whole = together((whole, kept[reading.name].cleaned))
    return tuple(kept[reading.name] for reading in readings)


def _cut(reading: Reading, room: int) -> Reading:
    entries = tuple(reading.cleaned.entries())
    if len(entries) <= room:
        return reading
    left = entries[:room]
    spans = merged(parse_span(each) for each in left if each[-1].isdigit())
    domains = frozenset(each for each in left if not each[-1].isdigit())
    said = f"{len(entries) - room} of its {len(entries)} entries are left out: the list is full"
    return replace(
        reading,
        cleaned=replace(reading.cleaned, spans=spans, domains=domains),
        note=said,
        left_out=len(entries) - room,
    )
