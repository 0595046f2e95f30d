"""The process dies before or after any call of a release; it is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.errors import AlreadyReleasedError, FourEyesError
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows.release import release
from chalicelib.flows.watch import watch
from tests.builders import MINUTE, WEB, a_policy, a_ref, an_event, an_instance, an_interface
from tests.explore.cases import FOUR_EYES, POLICIES
from tests.fakes import Crash, World
from tests.fakes.traits import TIED

ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "cleaned", Verdict.FALSE_POSITIVE)
BEFORE = {"eni-1": ("sg-web", "sg-ssh"), "eni-2": ("sg-other",)}


STOP = a_policy(stop_after_cut=True, credentials=True, address=True)
BOB = replace(ASKS, by="arn:aws:iam::111122223333:user/bob")


def a_world(policy: Policy = STOP, mode: Mode = Mode.ENFORCE) -> World:
    """Return a world in which an instance was contained, and stopped where the policy says so."""
    world = World(policy=policy)
    world.launch(
        an_instance(
            an_interface(groups=("sg-web", "sg-ssh")), an_interface("eni-2", "vpc-2", ("sg-other",))
        )
    )
    world.ec2.has_been(WEB, TIED)
    world.deliver(an_event())
    world.now += MINUTE
    world.mode = mode
    world.calls.made.clear()
    return world


def ask(world: World) -> None:
    """Ask for the release, and once more while EC2 is starting the instance."""
    for _ in range(2):
        if release(a_ref(), ASKS, world.responder).quarantine.state is State.RELEASED:
            return


def ask_both(world: World) -> None:
    """Let one person ask, and another confirm it, as four eyes want it."""
    with suppress(FourEyesError):  # that one person has asked was written down before the crash
        release(a_ref(), ASKS, world.responder)
    if world.quarantine().state is not State.RELEASED:
        release(a_ref(), BOB, world.responder)


def crashes() -> Iterator[tuple[int, bool]]:
    world = a_world()
    ask(world)
    for number in range(1, len(world.calls.made) + 1):
        yield number, False
        yield number, True


def die(world: World, number: int, *, after: bool) -> None:
    world.calls.crash(number, after=after)
    with pytest.raises(Crash):
        ask(world)


def assert_released(world: World) -> None:
    assert world.ec2.state_of(WEB) == "running"
    assert world.ec2.groups_on(WEB) == BEFORE
    assert world.ec2.traits_of(WEB) == TIED
    assert world.quarantine().state is State.RELEASED
    assert not world.quarantine().workers
    assert "released" in world.notices.outcomes
    assert world.detector.called_false


@pytest.mark.parametrize(("number", "after"), list(crashes()))
def test_a_crash_anywhere_and_the_same_request_end_released(number: int, *, after: bool) -> None:
    world = a_world()
    die(world, number, after=after)
    world.now += LEASE

    try:
        ask(world)
    except AlreadyReleasedError:
        assert (number, after) == list(crashes())[-1], "only the last call closes the record"

    assert_released(world)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_crash_anywhere_ends_released_whatever_was_done_after_the_cut(
    policy: Policy, mode: Mode
) -> None:
    whole = a_world(policy, mode)
    ask(whole)
    for number in range(1, len(whole.calls.made) + 1):
        for after in (False, True):
            world = a_world(policy, mode)
            die(world, number, after=after)
            world.now += LEASE

            with suppress(AlreadyReleasedError):
                ask(world)

            assert_released(world)


def test_a_crash_anywhere_of_a_release_by_two_persons_ends_released_by_two() -> None:
    whole = a_world(FOUR_EYES)
    ask_both(whole)
    for number in range(1, len(whole.calls.made) + 1):
        for after in (False, True):
            world = a_world(FOUR_EYES)
            world.calls.crash(number, after=after)
            with pytest.raises(Crash):
                ask_both(world)
            assert world.is_cut() or world.quarantine().state is not State.CONTAINED
            world.now += LEASE

            with suppress(AlreadyReleasedError):
                ask_both(world)

            assert_released(world)
            order = world.quarantine().release
            assert order is not None
            assert {order.by, order.confirmed_by} == {ASKS.by, BOB.by}


@pytest.mark.parametrize(("number", "after"), list(crashes()))
def test_a_crash_anywhere_is_finished_by_the_watcher(number: int, *, after: bool) -> None:
    world = a_world()
    die(world, number, after=after)
    begun = world.quarantine().state is not State.CONTAINED
    world.now += LEASE

    for _ in range(2):  # at the first look EC2 may still be starting it
        watch(world.responder)

    if begun:
        assert_released(world)
    else:
        assert world.is_cut()


@pytest.mark.parametrize(("number", "after"), list(crashes()))
def test_until_the_dead_workers_lease_is_over_nobody_takes_its_release_up(
    number: int, *, after: bool
) -> None:
    world = a_world()
    die(world, number, after=after)
    before = world.quarantine()

    watch(world.responder)

    if before.state is State.RELEASING and before.workers:
        assert world.quarantine() == before


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize(("number", "after"), list(crashes()))
def test_a_crash_in_the_repetition_as_well_ends_released(number: int, *, after: bool) -> None:
    for second in range(1 + number % 3, 100, 3):  # a third of the pairs
        world = a_world()
        die(world, number, after=after)
        world.now += LEASE
        world.calls.crash(len(world.calls.made) + second, after=after)
        try:
            ask(world)
        except Crash:
            world.now += LEASE
            with suppress(AlreadyReleasedError):
                ask(world)
            assert_released(world)
        except AlreadyReleasedError:
            assert_released(world)
            return
        else:  # it had no call of that number any more
            assert_released(world)
            return
