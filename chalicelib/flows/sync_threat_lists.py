"""Hourly: what operators put into the bucket becomes GuardDuty's active list, or is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.core.notices.about_threat_lists import OVERRIDES, of_change
from chalicelib.core.threat_lists.change import (
    Change,
    Happened,
    SourceChange,
    compared,
    lasting,
    parse_change,
)
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.draft import Draft, bar_of, draft, trusted_bar
from chalicelib.core.threat_lists.guards import Guard, Whole, stopping
from chalicelib.core.threat_lists.publication import Listed, Memory, Publication, parse_index
from chalicelib.core.threat_lists.reading import Reading, read
from chalicelib.core.threat_lists.sets import ListSet, failed, is_ours, plan, room
from chalicelib.core.threat_lists.source import SIDECAR
from chalicelib.flows.fetch_feeds import fetch_feeds
from chalicelib.flows.ports.curator import Curator

PUBLISHED = "published/"
SOURCES = "sources/"
TRUSTED = "trusted/"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A list that is to go live, and what speaks against it."""

    draft: Draft
    guards: Mapping[Guard, str]  # why, in words
    sources: tuple[SourceChange, ...]

    def change(
        self, happened: Happened, memory: Memory, live: Publication | None, to: Curator
    ) -> Change:
        """Return what `happened` to the list, `live` being the one that is live after it."""
        return Change(
            number=memory.changes + 1,
            happened=happened,
            at=to.now(),
            digest=self.draft.publication.digest,
            entries=self.draft.publication.entries,
            guards=self.guards,
            sources=self.sources,
            live=live.entries if live else None,
        )


def sync(to: Curator) -> dict[str, object]:
    """Bring GuardDuty's list in step with the sources, unless a guard stops it.

    What is to be live is remembered before GuardDuty is told, by a conditional write: of two syncs
    at once one goes on, and after a crash the next run does what is left. A run that finds all as
    it should be changes nothing.

    Returns `outcome`: published, unchanged, repaired (sets were not as they were left), refused
    (the last good list stays, people are told), rolled_back (GuardDuty could not activate the
    list: the one before is back), waiting (GuardDuty is at work), paused (somebody said so) or
    no_sources; and `entries`, how many are live.

    Raises:
        ListMovedError: another sync came first.
        CordonError: something could not be carried out; the next run tries again.
    """
    return _answer("paused", to.shelf.memory()) if to.is_paused() else _sync(to)


def _sync(to: Curator) -> dict[str, object]:
    fetch_feeds(to)
    memory, everyones = to.shelf.memory(), to.sets.everyones()
    ours = tuple(each for each in everyones if is_ours(each.name, to.stage))
    if any(each.is_moving for each in ours):
        return _answer("waiting", _told(memory, to))
    if memory.live and (broken := failed(memory.live, ours, _place(to))):
        return _step_back(memory, memory.live, broken, ours, to)
    wanted = _draft(everyones, to)
    if not wanted.changes and memory.live is None:
        return _answer("no_sources", _told(memory, to))
    _remove_used_override(memory, to)
    if memory.live == wanted.publication:
        return _keep_up(memory, ours, to)
    proposal = _propose(wanted, memory, everyones, to)
    if proposal.guards and not _is_waved_through(proposal, to):
        return _refuse(memory, proposal, ours, to)
    return _publish(memory, proposal, ours, to)


def _draft(everyones: Iterable[ListSet], to: Curator) -> Draft:
    trusted = tuple(_read_all(TRUSTED, trusted_bar(to.policy), to))
    bar = bar_of(to.policy, to.own_addresses(), trusted)
    lists = room(everyones, to.policy.list_kind, to.stage, to.policy.max_lists)
    readings = _read_all(SOURCES, bar, to)
    return draft(readings, trusted, to.policy, lists, lambda: to.shelf.changed(SOURCES))


def _read_all(prefix: str, bar: Bar, to: Curator) -> Iterable[Reading]:
    """Yield what comes of each object under `prefix`; one after the other, for they are large."""
    names = to.shelf.names(prefix)
    for name in names:
        if name.endswith(SIDECAR):
            continue
        beside = f"{name}{SIDECAR}"
        sidecar = to.shelf.read(beside) if beside in names else None
        yield read(name, to.shelf.read(name), sidecar, bar, to.now())


def _listed_before(memory: Memory, to: Curator) -> tuple[Listed, ...]:
    if memory.live is None:
        return ()
    return parse_index(to.shelf.read(PUBLISHED + memory.live.index).decode())


def _propose(
    wanted: Draft,
    memory: Memory,
    everyones: Iterable[ListSet],
    to: Curator,
) -> Proposal:
    new = wanted.publication
    listed = _listed_before(memory, to)
    changes = tuple(compared(wanted.changes, listed))
    before = memory.live.entries if memory.live else None
    whole = Whole(
        entries=new.entries,
        lists=len(new.parts),
        before=before,
        lasting=lasting(before or 0, listed, changes),
        room=room(everyones, new.kind, to.stage, to.policy.max_lists),
        unreadable=wanted.unreadable,
        emptied=tuple(c.name for c in changes if c.removed and not c.entries and not c.note),
        was_not_activated=new.digest in memory.failed,
    )
    return Proposal(wanted, dict(stopping(whole, to.policy)), (*changes, *wanted.trusted))


def _is_waved_through(proposal: Proposal, to: Curator) -> bool:
    """Whether a person let just this list through; a guard that does not yield stays."""
    override = OVERRIDES + proposal.draft.publication.digest
    yields = all(guard.yields for guard in proposal.guards)
    return yields and override in to.shelf.names(OVERRIDES)


def _remove_used_override(memory: Memory, to: Curator) -> None:
    """Remove the override that let the live list through, if a crash has left it."""
    if memory.live and OVERRIDES + memory.live.digest in to.shelf.names(OVERRIDES):
        to.shelf.remove(OVERRIDES + memory.live.digest)


def _publish(
    memory: Memory, proposal: Proposal, ours: tuple[ListSet, ...], to: Curator
) -> dict[str, object]:
    new = proposal.draft.publication
    for name, text in proposal.draft.objects:
        to.shelf.keep(PUBLISHED + name, text)
    works = memory.live is not None and all(each.status == "ACTIVE" for each in ours)
    good = memory.live if works else memory.good
    change = proposal.change(Happened.PUBLISHED, memory, new, to)
    memory = _remember(replace(memory, live=new, good=good, refused=""), change, to)
    _remove_used_override(memory, to)
    _arrange(memory, ours, to)
    return _answer("published", _told(memory, to))


def _refuse(
    memory: Memory, proposal: Proposal, ours: tuple[ListSet, ...], to: Curator
) -> dict[str, object]:
    """Leave the last good list as it is, and tell once why the new one is refused.

    Other content is told again, also when the same guards refuse it and nothing is left of it.
    """
    same = _refusal(proposal.draft.publication.digest, proposal.guards)
    refusal = f"{same} {proposal.draft.fingerprint}"
    if memory.refused == same:  # people know of it from when GuardDuty could not activate it
        memory = to.shelf.save(replace(memory, refused=refusal))
    elif memory.refused != refusal:
        change = proposal.change(Happened.REFUSED, memory, memory.live, to)
        memory = _remember(replace(memory, refused=refusal), change, to)
    if memory.live:
        _arrange(memory, ours, to)
    return _answer("refused", _told(memory, to)) | {"guards": sorted(proposal.guards)}


def _step_back(
    memory: Memory,
    bad: Publication,
    broken: tuple[ListSet, ...],
    ours: tuple[ListSet, ...],
    to: Curator,
) -> dict[str, object]:
    """Go back to the list before, for GuardDuty could not activate `bad`, which is live."""
    back = memory.good
    why = {Guard.NOT_ACTIVATED: "; ".join(each.trouble or each.name for each in broken)}
    change = Change(
        number=memory.changes + 1,
        happened=Happened.ROLLED_BACK,
        at=to.now(),
        digest=bad.digest,
        entries=bad.entries,
        guards=why,
        live=back.entries if back else None,
    )
    memory = replace(memory, live=back, good=None, failed=memory.with_failed(bad.digest))
    memory = _remember(replace(memory, refused=_refusal(bad.digest, why)), change, to)
    _arrange(memory, ours, to)
    return _answer("rolled_back", _told(memory, to))


def _keep_up(memory: Memory, ours: tuple[ListSet, ...], to: Curator) -> dict[str, object]:
    """See that the sets are as they were left; forget a refusal that is over."""
    if memory.refused:
        memory = to.shelf.save(replace(memory, refused=""))
    repaired = _arrange(memory, ours, to)
    return _answer("repaired" if repaired else "unchanged", _told(memory, to))


def _remember(memory: Memory, change: Change, to: Curator) -> Memory:
    """Keep `change`, and remember it as one that people are still to be told of."""
    to.shelf.keep(PUBLISHED + change.name, change.as_text())
    untold = (*memory.untold, change.name)
    return to.shelf.save(replace(memory, untold=untold, changes=change.number))


def _arrange(memory: Memory, ours: Iterable[ListSet], to: Curator) -> int:
    """Let GuardDuty's sets be as `memory` says; return how many steps that took."""
    steps = tuple(plan(memory.live, ours, to.stage, _place(to)))
    for step in steps:
        to.sets.apply(step)
    return len(steps)


def _told(memory: Memory, to: Curator) -> Memory:
    """Tell people of the changes that they do not know of yet; a crash repeats, and loses none."""
    for name in memory.untold:
        change = parse_change(to.shelf.read(PUBLISHED + name).decode())
        to.notices.publish(of_change(change, to.bucket, to.own_account, to.own_region))
    return to.shelf.save(replace(memory, untold=())) if memory.untold else memory


def _refusal(digest: str, guards: Iterable[Guard]) -> str:
    return f"{digest}: {', '.join(guards)}"


def _place(to: Curator) -> str:
    return f"s3://{to.bucket}/{PUBLISHED}"


def _answer(outcome: str, memory: Memory) -> dict[str, object]:
    return {"outcome": outcome, "entries": memory.live.entries if memory.live else 0}
