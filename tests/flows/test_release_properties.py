"""What must hold of every instance: after a release it is as it was before the containment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_ref, an_event, an_instance, an_interface
from tests.fakes import World

pytestmark = pytest.mark.no_cover  # the same lines, very often

ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "cleaned", Verdict.REMEDIATED)

vpcs = st.sampled_from(["vpc-1", "vpc-2", "vpc-3"])
names = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5, unique=True)


@st.composite
def instances(draw: Callable[..., object]) -> Instance:
    interfaces = []
    for number in range(draw(st.integers(1, 8))):  # type: ignore[call-overload]  # what draw returns is anything
        vpc_id, letters = draw(vpcs), draw(names)
        groups = tuple(f"sg-{letter}-{vpc_id}" for letter in letters)  # type: ignore[attr-defined]  # likewise
        interfaces.append(an_interface(f"eni-{number}", str(vpc_id), groups))
    return an_instance(*interfaces)


findings = st.lists(
    st.sampled_from(["Backdoor:EC2/C&CActivity.B", "CryptoCurrency:EC2/BitcoinTool.B"]), max_size=3
)


@settings(max_examples=300, deadline=None)
@given(instances(), findings, findings)
def test_contain_then_release_restores_exactly_with_any_findings_between(
    instance: Instance, before: list[str], between: list[str]
) -> None:
    world = World()
    world.launch(instance)
    original = world.ec2.groups_on(WEB)
    for number, type_ in enumerate(["Backdoor:EC2/C&CActivity.B", *before, *between]):
        world.deliver(an_event(type_=type_, finding_id=f"f{number}"))
        assert world.is_cut()
    world.now += MINUTE

    handover = release(a_ref(), ASKS, world.responder)

    assert world.ec2.groups_on(WEB) == original
    assert handover.quarantine.state is State.RELEASED
    assert handover.drift == ()


@settings(max_examples=100, deadline=None)
@given(instances(), st.integers(2, 4))
def test_an_instance_goes_in_and_out_any_number_of_times(instance: Instance, times: int) -> None:
    world = World()
    world.launch(instance)
    original = world.ec2.groups_on(WEB)

    for number in range(1, times + 1):
        world.now += MINUTE
        world.deliver(an_event(finding_id=f"f{number}", last_seen=world.now.isoformat()))
        assert world.is_cut()
        assert world.quarantine().number == number
        world.now += MINUTE
        release(a_ref(), ASKS, world.responder)
        assert world.ec2.groups_on(WEB) == original
