"""Who is overtaken by another at the same record gives its lease back: a release need not wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from chalicelib.core.errors import AwsBusyError, AwsSilentError, CordonError
from chalicelib.core.quarantine.record import State
from chalicelib.flows.attend import attend
from tests.builders import WEB, a_policy, a_quarantine, a_ref, an_instance, an_interface, groups_of
from tests.fakes import World

CUT = ("sg-deny-vpc-1",)


def a_world(*, is_out: bool = False) -> World:
    """Return one in which an instance is in quarantine, and its steps, or its cut, are due."""
    world = World(policy=a_policy(stop_after_cut=True))
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)
    world.launch(an_instance())
    state = State.CONTAINING if is_out else State.CONTAINED
    steps = a_quarantine().steps
    world.quarantines.put(a_quarantine(state, steps=steps))
    if not is_out:
        world.ec2.attach(WEB, an_interface(groups=CUT))
    return world


def move(world: World) -> Callable[[], None]:
    """Return what another does at the same time: it writes the record."""
    return lambda: world.quarantines.put(world.quarantine().next())


SAVES = [("steps_settled", False), ("snapshots", False), ("contained", True)]


@pytest.mark.parametrize(("about", "is_out"), SAVES)
@pytest.mark.parametrize("times", [1, 3])
def test_who_is_overtaken_leaves_the_record_also_if_that_moves_again(
    about: str,
    is_out: bool,  # noqa: FBT001 - a parameter of the test
    times: int,
) -> None:
    world = a_world(is_out=is_out)
    world.calls.before("quarantines.save", move(world), about=f" {about}")
    world.calls.before("quarantines.save", move(world), about=" left", times=times - 1)

    attend(a_ref(), world.responder)

    assert world.quarantine().workers == {}


def test_control_who_is_overtaken_for_ever_keeps_its_lease_until_it_lapses() -> None:
    world = a_world()
    world.calls.before("quarantines.save", move(world), about=" steps_settled")
    world.calls.before("quarantines.save", move(world), about=" left", times=100)

    attend(a_ref(), world.responder)

    assert len(world.quarantine().workers) == 1


def test_a_record_that_cannot_be_read_just_then_keeps_nobody_from_saying_that_it_moved() -> None:
    world = a_world()
    world.calls.before("quarantines.save", move(world), about=" steps_settled")
    world.fails("quarantines.dossier", AwsBusyError("read", "Slow"), skip=1)

    attend(a_ref(), world.responder)

    assert len(world.quarantine().workers) == 1


@pytest.mark.parametrize("is_silent", [False, True])
def test_in_the_midst_of_a_cut_only_a_change_without_an_answer_keeps_the_lease(
    is_silent: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = a_world(is_out=True)
    if is_silent:
        world.ec2.attach(WEB, an_interface(groups=("sg-drain-vpc-1",)))  # told only once it is off
        world.fails("ec2.set_groups", AwsSilentError("set", "no answer"), times=1)
    new = an_interface("eni-9", groups=("sg-new",))
    world.calls.before("ec2.interfaces", lambda: world.ec2.attach(WEB, new), skip=1)
    world.calls.before("quarantines.save", move(world), about=" interface_found", times=9)

    with suppress(CordonError):
        attend(a_ref(), world.responder)

    assert bool(world.quarantine().workers) is is_silent
