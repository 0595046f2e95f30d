"""What its group cannot spare is held, where the owner says so, until it can."""

from __future__ import annotations

import pytest

from chalicelib.core.surroundings import Balancer, ScalingGroup, Surroundings
from chalicelib.flows.preview import preview
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.watch import watch
from tests.builders import WEB, a_policy, a_ref, an_event, an_instance
from tests.fakes import World
from tests.flows.test_quarantine_by_hand import ASKS

HELD = ("cannot_be_spared",)


def of_group(serve: int, state: str = "InService") -> Surroundings:
    return Surroundings(scaling_group=ScalingGroup("web", serve, serve, state))


def behind(*others: int) -> Surroundings:
    return Surroundings(balancers=tuple(Balancer(f"tg-{n}", n) for n in others))


def a_world(around: Surroundings, most: int = 50) -> World:
    world = World(policy=a_policy(most_of_group=most))
    world.launch(an_instance())
    world.neighbourhood.present = around
    return world


def holds(world: World, severity: float = 8) -> tuple[str, ...]:
    (instance,) = world.deliver(an_event(severity=severity)).instances
    return instance.reasons if instance.outcome == "held" else ()


@pytest.mark.parametrize(
    ("around", "most", "held"),
    [
        (of_group(1), 50, HELD),
        (of_group(2), 50, ()),  # no more than half
        (of_group(2), 49, HELD),
        (of_group(100), 1, ()),
        (of_group(1, state="Standby"), 50, ()),  # it serves nobody
        (behind(0), 99, HELD),
        (behind(2, 0), 99, HELD),
        (behind(1), 50, ()),
        (Surroundings(), 1, ()),
        # What AWS does not tell keeps no intruder connected.
        (Surroundings(scaling_group="AccessDenied", balancers="AccessDenied"), 1, ()),
    ],
)
def test_one_is_held_if_too_few_others_serve(
    around: Surroundings, most: int, held: tuple[str, ...]
) -> None:
    world = a_world(around, most)

    assert holds(world) == held
    assert world.is_cut() is not bool(held)


def test_a_critical_finding_does_not_wait() -> None:
    world = a_world(of_group(1))

    assert holds(world, severity=9) == ()
    assert world.is_cut()


def test_unless_the_owner_says_so_nobody_looks_around_before_the_cut() -> None:
    world = a_world(of_group(1), most=100)

    assert holds(world) == ()
    assert "neighbourhood.around" not in world.calls.names


def test_it_is_contained_once_others_serve() -> None:
    world = a_world(of_group(1))
    holds(world)
    watch(world.responder)
    assert not world.is_cut()

    world.neighbourhood.present = of_group(3)
    watch(world.responder)

    assert world.is_cut()
    assert world.held.all() == ()


def test_what_is_contained_stays_so_however_few_are_left() -> None:
    world = a_world(of_group(3))
    holds(world)
    world.neighbourhood.present = of_group(1)

    answer = world.deliver(an_event(finding_id="another"))

    assert answer.outcome == "already_contained"


def test_a_person_is_told_beforehand_and_not_held() -> None:
    world = a_world(of_group(1))

    assert preview(a_ref(WEB), world.responder).as_json()["holds"] == [*HELD]
    quarantine_by_hand(a_ref(WEB), ASKS, world.responder)

    assert world.is_cut()
