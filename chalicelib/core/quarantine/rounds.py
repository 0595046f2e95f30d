"""Whose turn it is when the watcher looks, with more quarantines than one run has time for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.core.quarantine.record import Quarantine, State

_MOST = 1_000  # failing ones that are remembered; beyond that they take their turn with the others


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the watcher remembers from one run to the next."""

    last: str = ""  # the contained one whose turn came last
    failing: tuple[tuple[str, datetime], ...] = ()  # who, since when; longest untried ones first
    account: str = ""  # whose groups were made ready last
    told: Mapping[str, str] = field(default_factory=dict)  # what is wrong with which group
    filed: Mapping[str, str] = field(default_factory=dict)  # which reports are in the evidence

    def fails_since(self, key: str) -> datetime | None:
        return dict(self.failing).get(key)


def turn_of(quarantine: Quarantine) -> str:
    """Return the place of a quarantine in the round; it never changes."""
    return f"{quarantine.opened_at.isoformat()} {quarantine.ref.key}"


def in_turn(
    quarantines: Iterable[Quarantine], rounds: Rounds
) -> tuple[tuple[Quarantine, ...], tuple[Quarantine, ...]]:
    """Return who is next, and apart from them who could not be seen to lately.

    Unfinished ones come first, then the contained ones from where the last run ended: so each is
    seen to within as many runs as all of them take, whatever comes and goes meanwhile. Those that
    fail must not take the time of all others.
    """
    known = {quarantine.ref.key: quarantine for quarantine in quarantines}
    stuck = tuple(known[key] for key, _ in rounds.failing if key in known)
    well = [q for q in known.values() if rounds.fails_since(q.ref.key) is None]
    unfinished = [q for q in well if q.state is not State.CONTAINED]
    contained = sorted((q for q in well if q.state is State.CONTAINED), key=turn_of)
    later = [q for q in contained if turn_of(q) > rounds.last]
    earlier = contained[: len(contained) - len(later)]
    return (*unfinished, *later, *earlier), stuck


def after_run(
    rounds: Rounds,
    still: Iterable[Quarantine],
    seen: Iterable[Quarantine],
    failed: Iterable[str],
    now: datetime,
) -> Rounds:
    """Return what to remember after a run.

    Args:
        rounds: what was remembered before it.
        still: every quarantine that is open.
        seen: those that had their turn, in that order.
        failed: the keys of those that could not be seen to.
        now: UTC.
    """
    open_keys = {quarantine.ref.key for quarantine in still}
    had_turn = list(seen)
    tried, failures = {quarantine.ref.key for quarantine in had_turn}, list(failed)
    untried = [each for each in rounds.failing if each[0] in open_keys - tried]
    again = [(key, rounds.fails_since(key) or now) for key in failures]
    well = [q for q in had_turn if rounds.fails_since(q.ref.key) is None]
    contained = [q for q in well if q.state is State.CONTAINED]
    return replace(
        rounds,
        last=turn_of(contained[-1]) if contained else rounds.last,
        failing=tuple([*untried, *again][:_MOST]),
    )
