"""The process dies before or after any call; the event is delivered again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.evidence.manifest import read_manifest
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.record import Original, State
from chalicelib.core.steps.order import REVERSIBLE
from cordon.custody import problems
from tests.builders import WEB, a_policy, a_ref, an_event, an_instance, an_interface, groups_of
from tests.explore.cases import POLICIES
from tests.fakes import Crash, World
from tests.fakes.traits import TIED

ORIGINALS = (
    Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),
    Original("eni-2", "vpc-2", ("sg-other",)),
)


STOP = a_policy(stop_after_cut=True, credentials=True, address=True)


def a_world(*, warm: bool, policy: Policy = STOP) -> World:
    world = World(policy=policy)
    if warm:
        for group in groups_of("vpc-1", "vpc-2").values():
            world.ec2.add_group(group)
    world.launch(
        an_instance(
            an_interface(groups=("sg-web", "sg-ssh")), an_interface("eni-2", "vpc-2", ("sg-other",))
        )
    )
    world.ec2.has_been(WEB, TIED)
    return world


def crashes(*, warm: bool) -> Iterator[tuple[int, bool]]:
    """Yield every place where the process can die: the number of the call, and before or after."""
    world = a_world(warm=warm)
    world.deliver(an_event())
    for number in range(1, len(world.calls.made) + 1):
        yield number, False
        yield number, True


def assert_contained(world: World) -> None:
    quarantine = world.quarantine()
    assert world.is_cut()
    assert (quarantine.number, quarantine.state) == (1, State.CONTAINED)
    wanted = [step for step in REVERSIBLE.values() if quarantine.step(step.name).before]
    seen = world.ec2.traits_of(WEB)
    assert all(step.left(quarantine.step(step.name).before, seen) == () for step in wanted)
    assert not quarantine.is_unfinished
    assert quarantine.originals == ORIGINALS
    assert "contained" in world.notices.outcomes
    assert_listed(world)
    assert an_instance().as_described in world.evidence.kept.values()


def assert_listed(world: World) -> None:
    """Every piece is in one whole chain of manifests, the finding among them."""
    kept = {name: text.encode() for name, text in world.evidence.kept.items()}
    listed = {
        piece.name
        for body in kept.values()
        if (manifest := read_manifest(body))
        for piece in manifest.pieces
    }

    assert problems((name, body, "") for name, body in kept.items())[1] == {}
    assert listed == {name for name in kept if "/manifest-" not in name}


def die(world: World, number: int, *, after: bool) -> None:
    world.calls.crash(number, after=after)
    with pytest.raises(Crash):
        world.deliver(an_event())


@pytest.mark.parametrize(("number", "after"), list(crashes(warm=False)))
def test_a_crash_anywhere_and_a_redelivery_end_contained(number: int, *, after: bool) -> None:
    world = a_world(warm=False)
    die(world, number, after=after)

    world.deliver(an_event())

    assert_contained(world)


KEEPS_ALL = {
    "all evidence": a_policy(
        malware_scan=True, lock_snapshots_days=30, share_snapshots_with=frozenset({"999988887777"})
    )
}


@pytest.mark.parametrize(
    "policy", [*POLICIES.values(), *KEEPS_ALL.values()], ids=[*POLICIES, *KEEPS_ALL]
)
def test_a_crash_anywhere_ends_contained_whatever_the_policy_does_after_the_cut(
    policy: Policy,
) -> None:
    whole = a_world(warm=False, policy=policy)
    whole.deliver(an_event())
    for number in range(1, len(whole.calls.made) + 1):
        for after in (False, True):
            world = a_world(warm=False, policy=policy)
            die(world, number, after=after)

            world.deliver(an_event())

            assert_contained(world)
            assert world.ec2.state_of(WEB) == whole.ec2.state_of(WEB)


@pytest.mark.parametrize(("number", "after"), list(crashes(warm=False)))
def test_a_crash_anywhere_and_then_observe_finishes_what_was_begun(
    number: int, *, after: bool
) -> None:
    world = a_world(warm=False)
    die(world, number, after=after)
    begun = world.quarantines.last(a_ref().key) is not None
    world.mode = Mode.OBSERVE

    answer = world.deliver(an_event())

    if begun:
        assert_contained(world)
    else:
        assert answer.outcome is Outcome.HELD
        assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh"), "eni-2": ("sg-other",)}


@pytest.mark.parametrize(("number", "after"), list(crashes(warm=True)))
def test_a_crash_anywhere_on_the_warm_path_ends_contained(number: int, *, after: bool) -> None:
    world = a_world(warm=True)
    die(world, number, after=after)

    world.deliver(an_event())

    assert_contained(world)


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize(("number", "after"), list(crashes(warm=False)))
def test_a_crash_in_the_redelivery_as_well_ends_contained(number: int, *, after: bool) -> None:
    for second in range(1 + number % 3, 100, 3):  # a third of the pairs
        world = a_world(warm=False)
        die(world, number, after=after)
        world.calls.crash(len(world.calls.made) + second, after=after)
        try:
            world.deliver(an_event())
        except Crash:
            world.deliver(an_event())
            assert_contained(world)
        else:  # it had no call of that number any more
            assert_contained(world)
            return


@pytest.mark.parametrize(("number", "after"), list(crashes(warm=False)))
def test_another_finding_after_a_crash_finishes_what_was_begun(number: int, *, after: bool) -> None:
    world = a_world(warm=False)
    die(world, number, after=after)

    world.deliver(an_event(type_="CryptoCurrency:EC2/BitcoinTool.B", finding_id="second"))

    assert world.is_cut()
    assert not world.quarantine().is_unfinished
    assert world.quarantine().originals == ORIGINALS
    assert world.notices.sent


def test_a_crash_of_a_repeat_loses_nothing() -> None:
    world = a_world(warm=False)
    world.deliver(an_event())
    repeat = an_event(type_="CryptoCurrency:EC2/BitcoinTool.B", finding_id="second")
    begun = len(world.calls.made)
    for number in range(1, 20):
        world.calls.crash(begun + number, after=True)
        try:
            answer = world.deliver(repeat)
        except Crash:
            begun = len(world.calls.made)
            continue
        break

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert "already_contained" in world.notices.outcomes
    assert world.timeline().count("finding") == 1
