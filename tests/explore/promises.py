"""What must hold in every state, of every call, and at every end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.decision.outcome import Answer, Outcome
from chalicelib.core.errors import ConflictError, RejectedError
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import Original, Quarantine, State, StepName, StepStatus
from tests.builders import WEB
from tests.explore import cases
from tests.explore.parts import EC2, TABLE, Facts
from tests.explore.replay import Asked, Ended, Flow
from tests.explore.search import Edge, Found, Node, Search, Stage, at_first, has_died
from tests.explore.search import State as Reached
from tests.fakes import World
from tests.fakes.ec2 import AS_LAUNCHED

_CHANGES = ("ec2.set_groups", "ec2.alter", "ec2.take")
GONE = "instance_gone"  # what people are told of one that is no more
_ROUNDS = 5  # of the watcher, at most, until all is quiet
_ORIGINAL = (Original("eni-1", "vpc-1", cases.ORIGINALS["eni-1"]),)


@dataclass
class Case:
    """A state of the world, who is let loose on it, and how many of them may die."""

    start: str
    cast: tuple[str, ...]
    deaths: int = 0
    policy: Policy = cases.PLAIN
    mode: Mode = Mode.ENFORCE
    flows: Mapping[str, Flow] | None = None  # in place of the real ones
    edges: set[tuple[str, str]] = field(default_factory=set)  # of states of a record, as seen

    def __str__(self) -> str:
        words = [self.start, "-".join(self.cast), f"{self.deaths} deaths"]
        if self.policy is not cases.PLAIN:
            words.append(next((n for n, p in cases.POLICIES.items() if p is self.policy), "two"))
        return ", ".join(words + ["observing"] * (self.mode is Mode.OBSERVE))

    def run(self, most: int = 10**9) -> Found:
        """Search every state; return what was found."""
        world = World(now=cases.BEGUN, policy=self.policy, mode=self.mode)
        {**cases.STARTS, **cases.IN_A_FLEET}[self.start](world)
        self._stage = Stage(world, self.policy, self.mode)
        self._seen: dict[Any, list[str]] = {}
        self._flows = self.flows or cases.FLOWS
        flows = {name: self._flows.get(name) for name in self.cast}
        search = Search(self._stage, flows, cases.ACTS)
        start = at_first(self._stage.parts.facts(), cases.BEGUN, self.cast, self.deaths)
        return search.run(
            start,
            most,
            on_edge=self._of_edge,
            on_state=self._of_state,
            on_end=self._of_end,
            has_lease=self._has_lease,
        )

    # Each depends on little, and is looked at once for all states that share it.

    def _once(self, key: Any, look: Callable[[], Iterator[str]]) -> Iterator[str]:
        if key not in self._seen:
            self._seen[key] = list(look())
        yield from self._seen[key]

    def _has_lease(self, state: Reached) -> bool:
        quarantine = self._last(state.facts)
        return quarantine is not None and quarantine.at_work(state.now)

    def _last(self, facts: Facts) -> Quarantine | None:
        return self._stage.parts.at(facts).quarantines.last(cases.REF.key)

    # Safety: of every call.

    def _of_edge(self, edge: Edge) -> Iterator[str]:
        asked, key = edge.node.next, tuple[Any, ...]()
        assert isinstance(asked, Asked)
        if edge.before == edge.after:
            return
        if asked.name in _CHANGES:
            key = edge.before[TABLE], edge.before[EC2], edge.now, edge.node.call
            yield from self._once(key, lambda: self._of_change(edge, asked))
        elif asked.name == "quarantines.save":
            key = edge.before[EC2], id(edge.node), edge.now
            yield from self._once(key, lambda: self._of_save(edge, asked.args[0]))
        if edge.before[TABLE] != edge.after[TABLE]:
            key = edge.before[TABLE], edge.after[TABLE]
            yield from self._once(key, lambda: self._of_record(edge))

    def _of_change(self, edge: Edge, asked: Asked) -> Iterator[str]:
        """Yield how a change of the instance was not one that the record foretold."""
        last = self._last(edge.before)
        if last is None or not last.is_open:
            yield f"{asked.name} while no quarantine is open"
            return
        if not last.at_work(edge.now):
            yield f"{asked.name} outside a lease"
        if last.originals != _ORIGINAL:
            yield f"{asked.name} before the originals were remembered"
        if asked.name == "ec2.set_groups":
            opens = asked.args[0].group_ids == cases.ORIGINALS["eni-1"]
            if opens and last.state is not State.RELEASING:
                yield f"opened while {last.state}"
            known = (cases.ORIGINALS["eni-1"], ("sg-deny-vpc-1",), ("sg-drain-vpc-1",))
            if asked.args[0].group_ids not in known:
                yield f"more open than before: {asked.args[0].group_ids}"

    def _of_save(self, edge: Edge, quarantine: Quarantine) -> Iterator[str]:
        """Yield how what is written down of the instance is not so at this moment."""
        world = self._stage.parts.at(edge.before)
        groups, traits = world.ec2.groups_on(WEB), world.ec2.traits_of(WEB)
        is_gone = traits.state == "terminated"
        settled = not quarantine.at_work(edge.now)
        if quarantine.state is State.CONTAINED and settled and not is_gone:
            if groups != cases.CUT and "undo" not in self.cast:
                yield f"CONTAINED was recorded while {groups}"
            if _has_cut(edge.node) and not _was_read_back(edge.node):
                yield "CONTAINED was recorded, and was not read back"
        if quarantine.state is State.RELEASED and not is_gone:
            if groups != cases.ORIGINALS:
                yield f"RELEASED was recorded while {groups}"
            if self.start != "in a fleet" and traits != AS_LAUNCHED:
                yield f"RELEASED was recorded while {traits}"

    def _of_record(self, edge: Edge) -> Iterator[str]:
        """Yield what the table has lost; and remember how the record went on."""
        before = self._last(edge.before)
        after = self._last(edge.after)
        if after is not None and (before is None or before.version != after.version):
            self.edges.add((_name(before), _name(after)))
        world = self._stage.parts.at(edge.after)
        for number in range(1, (after.number if after else 0) + 1):
            kept = world.quarantines.record(cases.REF.key, number).originals
            if kept != _ORIGINAL:
                yield f"quarantine {number} lost its originals: {kept}"

    # Liveness: from every state the watcher alone brings it to rest.

    def _of_state(self, state: Reached) -> Iterator[str]:
        yield from self._once((state.facts, state.now), lambda: self._watched(state))

    def _watched(self, state: Reached) -> Iterator[str]:
        facts, now = state.facts, state.now
        for turn in range(_ROUNDS):
            last = self._last(facts)
            if last is None:
                return
            if self._rests(last, facts) and not last.at_work(now) and turn:
                yield from self._unlike(last, facts, f"{last.state} by the watcher alone")
                return
            now += LEASE
            _, facts = self._stage.alone("the watcher alone", cases.watch, facts, now)
        yield f"the watcher alone never brings it to rest: {self._last(facts)}"

    # At every end: what failed is delivered again, until all is quiet.

    def _of_end(self, state: Reached) -> Iterator[str]:
        ended = {
            name: self._ended(number)
            for name, number in zip(self.cast, state.actors, strict=True)
            if name not in cases.ACTS
        }
        facts, now = state.facts, state.now
        # Who dies between the drain and the deny group leaves it open: a drift like any.
        undisturbed = state.deaths == self.deaths and "undo" not in self.cast
        if undisturbed and "repaired" in self._stage.parts.at(facts).notices.outcomes:
            yield "nobody let it out, and yet people are told so"
        drifts = "undo" in self.cast  # the watcher is to see it
        for turn in range(_ROUNDS):
            again = [name for name, end in ended.items() if _is_unfinished(end)]
            last = self._last(facts)
            is_seen = bool(turn) or not drifts
            if is_seen and not again and (last is None or self._rests(last, facts)):
                yield from self._wrong(ended, facts, now)
                return
            now += LEASE
            _, facts = self._stage.alone("the watcher alone", cases.watch, facts, now)
            for name in again:
                facts = self._stage.act("reappear", cases.reappear, facts)
                ended[name], facts = self._stage.alone(
                    f"{name} again", self._flows[name], facts, now
                )
        yield f"never quiet: {ended}"

    def _rests(self, last: Quarantine, facts: Facts) -> bool:
        """Whether nothing is left to do: released, or contained with all that follows.

        Of an instance that is gone a person is told, who closes its quarantine.
        """
        contained = last.state is State.CONTAINED and not last.is_unfinished
        if contained or last.state is State.RELEASED:
            return True
        world = self._stage.parts.at(facts)
        return world.ec2.state_of(WEB) == "terminated" and GONE in world.notices.outcomes

    def _ended(self, number: int) -> Ended:
        if has_died(number):
            return Ended(error=TimeoutError())
        ended = self._stage.nodes[number].next
        assert isinstance(ended, Ended)
        return ended

    def _wrong(self, ended: Mapping[str, Ended], facts: Facts, now: Any) -> Iterator[str]:
        last, world = self._last(facts), self._stage.parts.at(facts)
        if last is None:
            yield from self._wrong_if_never_opened(world)
            return
        observed = self.mode is Mode.OBSERVE and "by hand" not in self.cast
        if observed and last.number > cases.FIRST_NUMBER[self.start]:
            yield "it was told to observe, and opened another quarantine"
        if last.number > 1 and not {"new", "by hand"} & set(self.cast):
            yield "an old finding contained again after a release"
        if "new" in ended and not self._is_answered(ended["new"], world):
            yield f"the newer finding ended with {ended['new']}"
        yield from self._unlike(last, facts, f"{last.state} at last")
        if last.at_work(now):
            yield f"somebody is still at work: {last.workers}"
        yield from _untold(last, world)

    def _wrong_if_never_opened(self, world: World) -> Iterator[str]:
        cuts = {"old", "repeat", "new", "letters"} & set(self.cast)
        if self.mode is Mode.ENFORCE and cuts:
            yield "no quarantine was ever opened"
        if world.ec2.groups_on(WEB) != cases.ORIGINALS or world.ec2.state_of(WEB) != "running":
            yield "no quarantine was opened, and the instance was changed"
        if cuts and "held" not in world.notices.outcomes:
            yield "held, and nobody was told"

    def _is_answered(self, end: Ended, world: World) -> bool:
        if not isinstance(end.result, Answer):
            return False
        outcome = end.result.outcome
        if outcome in (Outcome.CONTAINED, Outcome.ALREADY_CONTAINED):
            return True
        if world.ec2.state_of(WEB) == "terminated":
            return outcome is Outcome.ALERTED
        return outcome is Outcome.HELD and self.mode is Mode.OBSERVE

    def _unlike(self, last: Quarantine, facts: Facts, when: str) -> Iterator[str]:
        """Yield what of the instance is not as the record says."""
        world = self._stage.parts.at(facts)
        groups, state = world.ec2.groups_on(WEB), world.ec2.state_of(WEB)
        if state == "terminated":
            return
        drifts = "undo" in self.cast and self.mode is Mode.OBSERVE  # told, and left alone
        expected = cases.CUT if last.state is State.CONTAINED else cases.ORIGINALS
        if groups != expected and not drifts:
            yield f"{when}, and {groups}"
        contained = last.state is State.CONTAINED
        stop = last.step(StepName.STOP).status
        if (state == "stopped") is not (contained and stop is StepStatus.DONE):
            yield f"{when}, stop is {stop}, and it is {state}"
        protection = last.step(StepName.PROTECTION)
        kept = contained and protection.status is StepStatus.DONE and bool(protection.before)
        if world.ec2.traits_of(WEB).is_protected is not kept:
            yield f"{when}, and protected is not {kept}"


def _untold(last: Quarantine, world: World) -> Iterator[str]:
    if last.state is State.RELEASED and "released" not in world.notices.outcomes:
        yield "released, and nobody was told"
    if last.state is not State.CONTAINED or GONE in world.notices.outcomes:
        return
    if last.finding_id in ("old", "new") and "contained" not in world.notices.outcomes:
        yield "contained, and nobody was told"
    yield from _lacks_evidence(last, world)


def _lacks_evidence(last: Quarantine, world: World) -> Iterator[str]:
    done = last.step(StepName.EVIDENCE).status is StepStatus.DONE
    kept = f"quarantines/{last.ref.key}/{last.number}/"
    opened_here = last.opened_at >= cases.BEGUN
    if done and opened_here and not any(name.startswith(kept) for name in world.evidence.kept):
        yield "its evidence is not kept"


def _name(quarantine: Quarantine | None) -> str:
    return "NONE" if quarantine is None else quarantine.state.name


def _calls(node: Node) -> Iterator[tuple[Asked, object]]:
    """Yield what an actor asked so far, and what it was answered, the last first."""
    while node.parent is not None and node.answered is not None:
        assert isinstance(node.parent.next, Asked)
        yield node.parent.next, node.answered.value
        node = node.parent


def _has_cut(node: Node) -> bool:
    return any(asked.name == "ec2.set_groups" for asked, _ in _calls(node))


def _was_read_back(node: Node) -> bool:
    """Whether the last that an actor saw, after all that it changed, were the deny groups."""
    for asked, answer in _calls(node):
        if asked.name == "ec2.set_groups":
            return False
        if asked.name == "ec2.interfaces":
            assert isinstance(answer, tuple)
            return {each.id: each.group_ids for each in answer} == cases.CUT
    return False


def _is_unfinished(end: Ended) -> bool:
    """Whether it is to be delivered, or asked for, again."""
    if end.error is not None:
        return not isinstance(end.error, (ConflictError, RejectedError))
    if isinstance(end.result, Answer):
        return False
    state = getattr(getattr(end.result, "quarantine", None), "state", None)
    return state is State.RELEASING
