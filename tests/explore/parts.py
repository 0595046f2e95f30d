"""The world of fakes as a few numbers: each part of it, in each condition it was ever in, is one.

A call touches one part, and what it does depends on nothing but that part and what is asked. So
each is made once on the fakes, and known from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from chalicelib.core.errors import CordonError
from chalicelib.core.notices.notice import Notice
from tests.explore.replay import Answered, Asked
from tests.fakes import World
from tests.fakes.calls import Calls
from tests.fakes.stores import FakeNotices

# What is shared is one part: the list of exemptions and the kill switch are shown by a dossier.
PARTS = {
    "table": ("quarantines", "control", "exemptions"),
    "ec2": ("ec2",),
    "held": ("held",),
    "letters": ("dead_letters",),
    "evidence": ("evidence",),
    "notices": ("notices",),
    "scans": ("scans",),
    "rest": ("detector", "threat_index", "audience", "neighbourhood"),
}
_PART_OF = {port: number for number, ports in enumerate(PARTS.values()) for port in ports}
TABLE, EC2 = _PART_OF["quarantines"], _PART_OF["ec2"]
_OURS = ("_calls", "_lock", "_now", "_quarantines", "_listed")  # of a fake: no fact about the world

Facts = tuple[int, ...]  # the condition of each part, by number


class _Unlogged(Calls):
    """The log stays empty: how long it is says by which way the world came to be so."""

    def __init__(self) -> None:
        super().__init__()
        self.made = _Nothing()


class _Nothing(list[Any]):
    def append(self, _: object) -> None:
        """Forget it."""


class _Said(FakeNotices):
    """A topic on which saying a thing twice, or in another order, makes no difference."""

    def publish(self, notice: Notice) -> str:
        if notice not in self.sent:
            self.sent.append(notice)
        return "message"


class Numbers:
    """Gives equal things the same number."""

    def __init__(self) -> None:
        self._of: dict[Any, int] = {}
        self.things: list[Any] = []

    def number(self, thing: Any, known_by: Any = None) -> int:
        """Return the number of `thing`, or of one that is known by the same."""
        key = plain(thing if known_by is None else known_by)
        if key not in self._of:
            self._of[key] = len(self.things)
            self.things.append(thing)
        return self._of[key]


class Parts:
    """A world that can be put into any condition it was in before, and asked there."""

    def __init__(self, world: World) -> None:
        _PLAIN.clear()
        self.world = world
        world.calls.__class__ = _Unlogged
        world.calls.made = _Nothing()
        world.notices.__class__ = _Said
        self._fakes = [[getattr(world, port) for port in ports] for ports in PARTS.values()]
        self._conditions = [Numbers() for _ in PARTS]
        self._there: list[int | None] = [None] * len(PARTS)  # the condition that each part is in
        self._answers = Numbers()
        self._known: dict[tuple[int, int, int], tuple[int, int]] = {}

    def facts(self) -> Facts:
        """Return the condition of the world now."""
        return tuple(self._condition(part) for part in range(len(PARTS)))

    def at(self, facts: Facts) -> World:
        """Return the world in that condition; it stays so until this is asked again."""
        for part, number in enumerate(facts):
            self._put(part, number)
        return self.world

    def after(self, act: Callable[[World], None], facts: Facts) -> Facts:
        """Return the condition after somebody else did something in that one."""
        act(self.at(facts))
        self._there = [None] * len(PARTS)
        return self.facts()

    def call(self, facts: Facts, asked: Asked, call: int) -> tuple[Facts, int]:
        """Return the condition after a call, and the number of its answer.

        Args:
            facts: the condition before it.
            asked: the call.
            call: its number; equal calls have the same.
        """
        part = _PART_OF[asked.port]
        key = part, facts[part], call
        if key not in self._known:
            self._put(part, facts[part])
            self._there[part] = None
            answer = self._answers.number(self._make(asked))
            self._known[key] = self._condition(part), answer
        after, answer = self._known[key]
        if after == facts[part]:
            return facts, answer
        return (*facts[:part], after, *facts[part + 1 :]), answer

    def answer(self, number: int) -> tuple[object, Exception | None]:
        value, error = self._answers.things[number]
        return value, error

    def _make(self, asked: Asked) -> tuple[object, Exception | None]:
        fake = getattr(self.world, asked.port)
        if asked.name == "ec2.set_groups":
            (step,) = asked.args
            applied = fake.apply(((step,),))[0]
            return None, applied.error
        try:
            return getattr(fake, asked.method)(*asked.args, **asked.kwargs), None
        except CordonError as error:
            return None, error

    def _condition(self, part: int) -> int:
        facts = tuple(
            {n: _copied(v) for n, v in vars(fake).items() if n not in _OURS}
            for fake in self._fakes[part]
        )
        number = self._conditions[part].number(facts, tuple(_read(each) for each in facts))
        self._put(part, number)
        return number

    def _put(self, part: int, number: int) -> None:
        if self._there[part] == number:
            return
        self._there[part] = number
        for fake, was in zip(self._fakes[part], self._conditions[part].things[number], strict=True):
            for name, value in was.items():
                there = getattr(fake, name)
                if isinstance(there, dict) and isinstance(value, dict):  # it may be shared
                    there.clear()
                    there.update(_copied(value))
                else:
                    setattr(fake, name, _copied(value))


def _read(facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a flow can tell apart, or a person in the end.

    Of what was said it matters that it was, and of which quarantine.
    """
    if "sent" not in facts:
        return facts
    return {"sent": {(each.outcome, each.facts.get("quarantine_id")) for each in facts["sent"]}}


def _copied(value: Any) -> Any:
    """Return a copy of what a fake keeps; what is inside it is never changed, but replaced."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return value.copy() if isinstance(value, list | set) else value


class _Hashed:
    """What is hashed once, however often it is looked up."""

    __slots__ = ("hash", "said")

    def __init__(self, said: tuple[Any, ...]) -> None:
        self.said, self.hash = said, hash(said)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.said == other.said

    def __repr__(self) -> str:
        return repr(self.said)


_PLAIN: dict[int, tuple[object, _Hashed]] = {}


def plain(thing: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """Return `thing` as something that can be compared and hashed, the same in every run."""
    if isinstance(thing, Enum):
        return thing.name
    if thing is None or isinstance(thing, str | bytes | int | float | date | timedelta):
        return thing
    if isinstance(thing, Mapping):
        return tuple(sorted(((plain(k), plain(v)) for k, v in thing.items()), key=repr))
    if isinstance(thing, AbstractSet):
        return tuple(sorted((plain(each) for each in thing), key=repr))
    if isinstance(thing, tuple | list):
        return tuple(plain(each) for each in thing)
    if is_dataclass(thing):
        if id(thing) not in _PLAIN:  # it is kept, so that no other gets its id
            names = (each.name for each in fields(thing))
            said = type(thing).__name__, *(plain(getattr(thing, name)) for name in names)
            _PLAIN[id(thing)] = thing, _Hashed(said)
        return _PLAIN[id(thing)][1]
    return type(thing).__name__, str(thing)


__all__ = ["EC2", "PARTS", "TABLE", "Answered", "Facts", "Numbers", "Parts", "plain"]
