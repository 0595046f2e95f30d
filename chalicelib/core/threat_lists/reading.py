"""What comes of one object under `sources/` or `trusted/`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.change import EXPIRED, SourceChange
from chalicelib.core.threat_lists.cleaning import Bar, Cleaned, clean
from chalicelib.core.threat_lists.source import Source, read_source

_MOST = 1_500_000  # entries: so many do all sets of GuardDuty's hold together
_SHOWN = 48  # characters of an example
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
    left_out: int = 0  # entries that there is no room for

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
            left_out=self.left_out,
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
            return replace(reading, note=EXPIRED)
        return replace(reading, cleaned=_cleaned(name, source, bar))
    except UnreadableSourceError as error:
        return replace(reading, note=str(error), is_unreadable=True)


def _cleaned(name: str, source: Source, bar: Bar) -> Cleaned:
    cleaned = clean(source.values, bar)
    if cleaned.taken > _MOST:
        raise UnreadableSourceError(name, f"it has more than {_MOST:,} entries")
    if cleaned.understood < bar.min_understood:
        raise UnreadableSourceError(name, _not_understood(cleaned))
    return cleaned


def _not_understood(cleaned: Cleaned) -> str:
    """Return, in words, how little is understood, and an example for what is in the way."""
    commonest = sorted(cleaned.refused.items(), key=lambda each: -each[1].count)[:_EXAMPLES]
    examples = "; ".join(
        f"{each.count} {reason.replace('_', ' ')}, "
        f"e.g. line {each.lines[0]}: {each.example[:_SHOWN]!a}"
        for reason, each in commonest
    )
    return f"only {cleaned.understood:.0%} of it is understood: {examples}"
