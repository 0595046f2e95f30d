from __future__ import annotations

from datetime import timedelta

from chalicelib import VERSION
from chalicelib.core.deployed import Deployed
from chalicelib.flows.deployed import present_version
from chalicelib.flows.watch import watch
from tests.builders import NOON
from tests.fakes.world import World


def test_the_watcher_is_the_first_to_see_a_new_version_at_work() -> None:
    world = World(now=NOON - timedelta(hours=6))

    watch(world.responder)

    assert world.control.at_work == Deployed(VERSION, world.now)


def test_whoever_looks_later_hears_since_when() -> None:
    world = World()
    first = present_version(world.responder)
    world.now += timedelta(days=3)

    assert present_version(world.responder) == first


def test_the_address_at_which_it_is_asked_is_remembered_over_upgrades() -> None:
    world = World()
    present_version(world.responder, "https://cordon.example.com")
    world.now += timedelta(days=3)

    assert present_version(world.responder).address == "https://cordon.example.com"
    moved = present_version(world.responder, "https://new.example.com")
    assert moved == Deployed(VERSION, NOON, address="https://new.example.com")

    world.control.at_work = Deployed("9.9.9", NOON, address=moved.address)
    assert present_version(world.responder).address == moved.address


def test_an_upgrade_is_told_with_the_version_before_it_and_so_is_the_way_back() -> None:
    world = World()
    world.control.at_work = Deployed("9.9.9", NOON - timedelta(days=7))

    assert present_version(world.responder) == Deployed(VERSION, NOON, before="9.9.9")
    assert str(world.control.at_work) == f"{VERSION}, since 2026-03-01 12:00 UTC; 9.9.9 before it"
    assert str(Deployed("1.0", NOON)) == "1.0, since 2026-03-01 12:00 UTC"
