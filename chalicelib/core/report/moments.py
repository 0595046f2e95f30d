"""The moments of an incident, and the time between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.quarantine.record import Line, Quarantine
from chalicelib.core.quarantine.times import WHOLE, Times

# What a line of the timeline stands for; of each only the first counts.
_TOLD = {
    "opened": "Original groups recorded",
    "contained": "Cut off, read back",
    "steps_settled": "Kept from being lost",
    "announce": "People told",
    "snapshots": "Snapshot of its volumes",
    "evidence": "Evidence kept",
    "stop": "Instance stopped",
    "cut_again": "Let out, cut off again",
    "release_asked": "Release asked for",
    "releasing": "Release began",
    "released": "Given back, read back",
}


def moments(quarantine: Quarantine, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return the moments, oldest first, each with the seconds since the one before."""
    found = sorted(_moments(quarantine, tuple(lines)), key=lambda each: each[0])
    told: list[dict[str, Any]] = []
    before: datetime | None = None
    for at, what in found:
        after = (at - before).total_seconds() if before else None
        told.append({"at": at.isoformat(), "what": what, "seconds_after": after})
        before = at
    return told


def time_to_contain(lines: Sequence[Line]) -> dict[str, float]:
    """Return the seconds of each part of the way to the read-back.

    What is not on record is missing: an old record, or a quarantine by hand.
    """
    at = {line.what: line.at for line in reversed(lines)}
    about = next((line.detail.get("about") for line in lines if line.what == "opened"), None)
    said: Mapping[str, Any] = about if isinstance(about, Mapping) else {}
    activity, sent = _moment(said.get("last_seen")), _moment(said.get("sent_at"))
    times = Times(activity, sent, _cut_at(lines), at.get("contained"))
    return times.parts(at.get("opened"))


def since(seconds: float) -> str:
    """Return a time between two moments as a person reads it."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s"


def time_in_words(parts: Mapping[str, float]) -> str:
    """Return how long it took to contain, for people; empty: nobody knows, or not yet."""
    words = zip(WHOLE, ("from the finding", "from the record"), strict=True)
    return ", ".join(f"{since(parts[name])} {start}" for name, start in words if name in parts)


def _moments(quarantine: Quarantine, lines: tuple[Line, ...]) -> Iterator[tuple[datetime, str]]:
    seen: set[str] = set()
    for line in lines:
        if line.what == "opened":
            yield from _of_finding(line)
        if line.what == "contained" and (cut := _cut_at((line,))) is not None:
            yield cut, "First change made"
        for what in _done_of(line):
            if what in _TOLD and what not in seen:
                seen.add(what)
                yield line.at, _TOLD[what]
    if "opened" not in seen:
        yield quarantine.opened_at, _TOLD["opened"]


def _done_of(line: Line) -> tuple[str, ...]:
    """Return what a line says was done; of steps that were settled, those that failed were not."""
    if line.what != "steps_settled":
        return (line.what,)
    done = {
        name
        for name, each in line.detail.items()
        if isinstance(each, Mapping) and each.get("status") == "done"
    }
    kept = ("steps_settled",) if done - {"stop"} else ()
    return (*kept, "stop") if "stop" in done else kept


def _of_finding(line: Line) -> Iterator[tuple[datetime, str]]:
    about = line.detail.get("about")
    if not isinstance(about, Mapping):
        return
    seen, sent = (_moment(about.get(name)) for name in ("last_seen", "sent_at"))
    if seen is not None:
        yield seen, "Activity last seen by GuardDuty"
    if sent is not None:  # EventBridge gives it in whole seconds
        yield max(sent, seen or sent), "Finding sent by GuardDuty"


def _cut_at(lines: Iterable[Line]) -> datetime | None:
    """Return when EC2 had answered to the first change; None: the record does not say."""
    said = next((line.detail.get("cut_at") for line in lines if line.what == "contained"), None)
    return _moment(said)


def _moment(said: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
