from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import BusyError, StepFailedError
from chalicelib.core.instance import Interface
from chalicelib.core.quarantine.record import Original, State
from tests.builders import WEB, an_event, an_instance
from tests.fakes import Crash, World

pytestmark = pytest.mark.no_cover  # the same lines, very often

TYPES = (
    "Backdoor:EC2/C&CActivity.B",
    "CryptoCurrency:EC2/BitcoinTool.B",
    "UnauthorizedAccess:EC2/TorRelay",
    "Backdoor:EC2/Spambot",
    "Recon:EC2/Portscan",
    "Recon:EC2/PortProbeUnprotectedPort",
)


@st.composite
def interfaces(draw: st.DrawFn) -> tuple[Interface, ...]:
    """Return one to eight interfaces in up to three VPCs, each on one to five groups."""
    made = []
    for number in range(draw(st.integers(1, 8))):
        vpc_id = f"vpc-{draw(st.integers(1, 3))}"
        groups = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5, unique=True))
        ids = tuple(f"sg-{vpc_id}-{group}" for group in groups)
        made.append(Interface(f"eni-{number}", vpc_id, ids))
    return tuple(made)


@st.composite
def deliveries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return findings of several types, some of them more than once, some updated."""
    events = [
        an_event(
            type_=draw(st.sampled_from(TYPES)),
            finding_id=f"finding-{draw(st.integers(1, 3))}",
            count=draw(st.integers(1, 3)),
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    return [*events, an_event()]


@given(interfaces(), deliveries())
def test_whatever_is_delivered_the_originals_never_change(
    had: tuple[Interface, ...], events: list[dict[str, Any]]
) -> None:
    world = World()
    world.launch(an_instance(*had))
    wanted = tuple(Original(each.id, each.vpc_id, each.group_ids) for each in had)

    for event in [*events, *events]:
        world.deliver(event)
        quarantine = world.quarantines.last(an_instance().ref.key)
        assert quarantine is None or quarantine.originals == wanted

    assert world.quarantine().originals == wanted
    assert world.quarantine().number == 1
    assert world.is_cut(WEB)


@settings(max_examples=150)
@given(interfaces(), deliveries(), st.lists(st.tuples(st.integers(1, 40), st.booleans())))
def test_whenever_it_crashes_the_originals_never_change(
    had: tuple[Interface, ...], events: list[dict[str, Any]], crashes: list[tuple[int, bool]]
) -> None:
    world = World()
    world.launch(an_instance(*had))
    wanted = tuple(Original(each.id, each.vpc_id, each.group_ids) for each in had)

    for event, (number, after) in zip(events, crashes, strict=False):
        world.calls.crash(len(world.calls.made) + number, after=after)
        _deliver_and_survive(event, world)
    world.calls.crash(0, after=False)  # never
    world.deliver(an_event())

    assert world.quarantine().originals == wanted
    assert world.quarantine().state is State.CONTAINED
    assert not world.quarantine().is_unfinished
    assert world.is_cut(WEB)


def _deliver_and_survive(event: dict[str, Any], world: World) -> None:
    try:
        world.deliver(event)
    except (BusyError, Crash, StepFailedError):
        return


@given(interfaces())
def test_each_notice_of_a_containment_names_every_interface_and_its_groups(
    had: tuple[Interface, ...],
) -> None:
    world = World()
    world.launch(an_instance(*had))

    world.deliver(an_event())

    text = world.notices.sent[0].text
    assert all(f"{each.id}: {', '.join(each.group_ids)} -> deny" in text for each in had)
