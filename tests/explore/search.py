"""Every state that a few actors can reach, by any scheduling, with deaths and lapses of time.

A state is the world, the clock, and of each actor what it has seen. From each the search makes
every move once: the next call of an actor, its death, and, where nobody is at work, the time in
which every lease lapses. What is reached a second time is not followed again, so that the number
of switches has no bound.

A call that no other actor could notice, nor be noticed by, is made at once: its order is no matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.lease import LEASE
from tests.explore.parts import Answered, Facts, Numbers, Parts
from tests.explore.replay import Asked, Ended, Flow, replay
from tests.fakes import World

_WAITS, _DEAD = -1, -2  # an actor that has not begun; one that died. Else the number of its node
_UNNOTICED = ("notices.", "audience.", "threat_index.", "neighbourhood.", "detector.")
# Reading what none of the actors ever changes.
_UNNOTICED_READS = frozenset(
    f"ec2.{name}"
    for name in (
        "groups",
        "existing",
        "rivals",
        "impostors",
        "console",
        "user_data",
        "screenshot",
        "surroundings",
    )
) | {"quarantines.as_described", "control.mode"}

Act = Callable[[World], None]  # of somebody else: at once


@dataclass(slots=True)
class Node:
    """What an actor has seen so far, and what it does next."""

    root: str  # who it is
    next: Asked | Ended
    call: int = -1  # its number, if it makes one
    parent: Node | None = None
    answered: Answered | None = None  # the call of its parent
    begun: datetime | None = None
    after: dict[tuple[int, datetime], int] = field(default_factory=dict)

    @property
    def is_unnoticed(self) -> bool:
        return isinstance(self.next, Asked) and (
            self.next.name.startswith(_UNNOTICED) or self.next.name in _UNNOTICED_READS
        )

    def answers(self) -> list[Answered]:
        found: list[Answered] = []
        node: Node | None = self
        while node is not None and node.answered is not None:
            found.append(node.answered)
            node = node.parent
        return found[::-1]


@dataclass(frozen=True, slots=True)
class State:
    """One state of the search."""

    facts: Facts
    now: datetime
    actors: tuple[int, ...]
    deaths: int  # that may still happen


@dataclass(frozen=True, slots=True)
class Edge:
    """A call that an actor makes in a state."""

    node: Node
    before: Facts
    after: Facts
    now: datetime


class Stage:
    """The world, and all that anybody on it ever saw."""

    def __init__(self, world: World, policy: Policy, mode: Mode) -> None:
        self.parts = Parts(world)
        self.nodes: list[Node] = []
        self._policy, self._mode = policy, mode
        self._roots: dict[tuple[str, datetime], int] = {}
        self._calls = Numbers()
        self._flows: dict[str, Flow] = {}
        self._acts: dict[tuple[Facts, str], Facts] = {}

    def begin(self, name: str, flow: Flow, now: datetime) -> int:
        """Return what the actor `name` does first."""
        if (name, now) not in self._roots:
            self._flows[name] = flow
            self._roots[name, now] = self._add(Node(name, Ended(), begun=now))
        return self._roots[name, now]

    def call(self, number: int, facts: Facts, now: datetime) -> tuple[int, Facts]:
        """Make the next call of an actor; return what it has seen then, and the facts."""
        node = self.nodes[number]
        assert isinstance(node.next, Asked)
        facts, answer = self.parts.call(facts, node.next, node.call)
        key = answer, now
        if key not in node.after:
            answered = Answered(*self.parts.answer(answer), now)
            child = Node(node.root, Ended(), parent=node, answered=answered, begun=node.begun)
            node.after[key] = self._add(child)
        return node.after[key], facts

    def act(self, name: str, act: Act, facts: Facts) -> Facts:
        """Let somebody who is no flow act at once."""
        if (facts, name) not in self._acts:
            self._acts[facts, name] = self.parts.after(act, facts)
        return self._acts[facts, name]

    def alone(self, name: str, flow: Flow, facts: Facts, now: datetime) -> tuple[Ended, Facts]:
        """Let an actor come to its end while nobody else does anything."""
        number = self.begin(name, flow, now)
        while isinstance(self.nodes[number].next, Asked):
            number, facts = self.call(number, facts, now)
        ended = self.nodes[number].next
        assert isinstance(ended, Ended)
        return ended, facts

    def _add(self, node: Node) -> int:
        assert node.begun is not None
        flow = self._flows[node.root]
        node.next = replay(flow, node.root, node.begun, node.answers(), self._policy, self._mode)
        if isinstance(node.next, Asked):
            node.call = self._calls.number(node.next)
        self.nodes.append(node)
        return len(self.nodes) - 1


@dataclass(slots=True)
class Found:
    """What a search has come upon."""

    states: int = 0
    edges: int = 0
    ends: int = 0  # states in which every actor has ended or died
    left: int = 0  # states that were not followed: then the search is not complete
    violations: dict[str, State] = field(default_factory=dict)  # the first state of each

    @property
    def is_complete(self) -> bool:
        return not self.left


class Search:
    """A search over the states of one cast."""

    def __init__(
        self, stage: Stage, flows: Mapping[str, Flow | None], acts: Mapping[str, Act]
    ) -> None:
        self.stage, self.cast, self.acts = stage, tuple(flows), acts
        self.flows = flows
        self.found = Found()

    def run(  # noqa: PLR0913 - each is another promise
        self,
        start: State,
        most: int,
        *,
        on_edge: Callable[[Edge], Iterator[str]],
        on_state: Callable[[State], Iterator[str]],
        on_end: Callable[[State], Iterator[str]],
        has_lease: Callable[[State], bool],
    ) -> Found:
        """Go through every state from `start`, up to `most` of them."""
        self._on_edge, self._has_lease = on_edge, has_lease
        known, stack = {start}, [start]
        while stack:
            state = stack.pop()
            self._note(on_state(state), state)
            is_end = True
            for after in self._moves(state):
                is_end = False
                self.found.edges += 1
                if after not in known:
                    if len(known) >= most:
                        self.found.left += 1
                        continue
                    known.add(after)
                    stack.append(after)
            if is_end:
                self.found.ends += 1
                self._note(on_end(state), state)
        self.found.states = len(known)
        return self.found

    def _note(self, violations: Iterator[str], state: State) -> None:
        for each in violations:
            self.found.violations.setdefault(each, state)

    def _moves(self, state: State) -> Iterator[State]:
        alive = [n for n, number in enumerate(state.actors) if self._lives(number)]
        nodes = self.stage.nodes
        for actor in alive:
            if nodes[state.actors[actor]].is_unnoticed:
                yield from self._moves_of(actor, state)
                return
        for actor in alive:
            yield from self._moves_of(actor, state)
        waiting = [n for n, number in enumerate(state.actors) if number == _WAITS]
        for actor in waiting:
            name = self.cast[actor]
            if name in self.acts:
                facts = self.stage.act(name, self.acts[name], state.facts)
                yield State(facts, state.now, _with(state.actors, actor, _DEAD), state.deaths)
                continue
            flow = self.flows[name]
            assert flow is not None
            number = self.stage.begin(name, flow, state.now)
            yield from self._call(actor, number, state)
        if waiting and not alive and self._has_lease(state):
            yield State(state.facts, state.now + LEASE, state.actors, state.deaths)

    def _moves_of(self, actor: int, state: State) -> Iterator[State]:
        yield from self._call(actor, state.actors[actor], state)
        if state.deaths:
            dead = _with(state.actors, actor, _DEAD)
            yield State(state.facts, state.now, dead, state.deaths - 1)

    def _call(self, actor: int, number: int, state: State) -> Iterator[State]:
        node = self.stage.nodes[number]
        after, facts = self.stage.call(number, state.facts, state.now)
        self._note(self._on_edge(Edge(node, state.facts, facts, state.now)), state)
        yield State(facts, state.now, _with(state.actors, actor, after), state.deaths)

    def _lives(self, number: int) -> bool:
        return number >= 0 and isinstance(self.stage.nodes[number].next, Asked)


def _with(actors: tuple[int, ...], actor: int, number: int) -> tuple[int, ...]:
    return (*actors[:actor], number, *actors[actor + 1 :])


def has_died(number: int) -> bool:
    """Whether an actor died, or was somebody who acts at once and is done."""
    return number == _DEAD


def at_first(facts: Facts, now: datetime, cast: tuple[Any, ...], deaths: int) -> State:
    """Return the state before anybody begins."""
    return State(facts, now, (_WAITS,) * len(cast), deaths)
