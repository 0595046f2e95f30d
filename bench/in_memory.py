"""Figures by numbers of deliveries: on the in-memory world, which has one lock, as DynamoDB has."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from bench.mutated import mutated
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import BusyError, CordonError, RejectedError
from tests.builders import PACKAGED, a_ref, a_sequence, an_ec2, an_event, an_instance, an_interface
from tests.fakes import World

_WRITES = ("open", "save", "append", "remember", "keep", "publish", "prepare", "apply", "stop")


def burst(deliveries: int = 10_000, instances: int = 500, workers: int = 32) -> str:
    """Deliver each instance's finding many times at once; count the quarantines."""
    world = World(policy=replace(PACKAGED, max_containments=deliveries))
    names = [f"i-{n:017x}" for n in range(instances)]
    for n, name in enumerate(names):
        nic = an_interface(f"eni-{n}", groups=(f"sg-{n}",))
        world.launch(an_instance(nic, ref=a_ref(name)))
    events = [
        an_event(instance_id=name, finding_id=f"f{n}")
        for n, name in enumerate(names)
        for _ in range(deliveries // instances)
    ]
    random.Random(1).shuffle(events)  # noqa: S311 - an order, not a secret
    with ThreadPoolExecutor(max_workers=workers) as pool:
        outcomes = Counter(pool.map(lambda event: _deliver(world, event), events))
    for n, name in enumerate(names):
        quarantine = world.quarantine(name)
        assert quarantine.number == 1, f"{name} was quarantined twice"
        assert quarantine.originals[0].group_ids == (f"sg-{n}",), f"{name} lost its groups"
        assert world.is_cut(name), f"{name} is not cut"
    told = Counter(
        each.facts["instance_id"] for each in world.notices.sent if each.outcome == "contained"
    )
    assert set(told) == set(names), "an instance was contained and nobody told"
    return (
        f"{deliveries:,} deliveries over {instances} instances on {workers} workers: "
        f"{instances} quarantines, 0 lost; most notices about one: {max(told.values())}; "
        f"{counted(outcomes)}"
    )


def counted(answers: Counter[str]) -> str:
    """Return how often each answer was given, the commonest first."""
    return ", ".join(f"{answer} {count:,}" for answer, count in answers.most_common())


def _deliver(world: World, event: dict[str, Any]) -> str:
    """Deliver as Lambda does: again, if it was busy."""
    for _ in range(5):
        try:
            return world.deliver(event).outcome.value
        except BusyError:
            continue
    return "dead letter"


def mutations(count: int = 20_000) -> str:
    """Deliver findings with one or two places changed; none may fail unsorted, or write unread."""
    chance = random.Random(2)  # noqa: S311 - the same examples every time
    answers: Counter[str] = Counter()
    originals = [
        an_event(),
        an_event(type_="Backdoor:EC2/Spambot"),
        a_sequence(an_ec2("i-0a1b2c3d4e5f60718"), signals=[{"resourceUids": ["x"]}]),
    ]
    for n in range(count):
        event = mutated(originals[n % len(originals)], chance)
        world = World()
        world.launch(an_instance())
        try:
            answers[world.deliver(event).outcome.value] += 1
        except RejectedError:
            answers["rejected"] += 1
            written = [name for name in world.calls.names if name.endswith(_WRITES)]
            assert not written, f"rejected, and yet {written}: {event!r:.300}"
        except CordonError:
            answers["raised"] += 1
    assert Outcome.CONTAINED.value in answers, "no mutant was contained: the control fails"
    return (
        f"{count:,} mutated findings: 0 unhandled, 0 writes on rejected input; {counted(answers)}"
    )
