"""Load balancers, keys and Elastic IPs after the cut: remembered, read back, and undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.api.request import ReleaseRequest, StepRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsRefusedError, DriftError
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.drift import DriftKind
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import EnterStandby, Target, Traits
from chalicelib.flows.attend import attend
from chalicelib.flows.order_step import order_step
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_policy, a_ref, an_event, an_instance
from tests.fakes import World
from tests.fakes.traits import TIED

ADA = "arn:aws:iam::111122223333:user/ada"
REFUSED = AwsRefusedError("change it", "AccessDenied")
BY_ID = (Target(WEB, 80), Target(WEB, 8080))
BY_ADDRESS = (Target("10.0.0.5", 443, "eu-west-1a"),)
ON_NOW = tuple(name for name in REVERSIBLE if name is not StepName.STOP)
ON = {"credentials": True, "address": True}
STEPS = [StepName.TARGETS, StepName.CREDENTIALS, StepName.ADDRESS]


def a_world(traits: Traits = TIED, **policy: bool) -> World:
    world = World(policy=a_policy(**{**ON, **policy}))
    world.launch(an_instance())
    world.ec2.has_been(WEB, traits)
    return world


def asks(step: StepName) -> StepRequest:
    return StepRequest(ADA, "just so", WEB, step)


def released(world: World, *, accept_drift: bool = False) -> State:
    world.now += MINUTE
    order = ReleaseRequest(ADA, "cleaned", Verdict.REMEDIATED, accept_drift=accept_drift)
    return release(a_ref(), order, world.responder).quarantine.state


def leaves_with_standby(world: World) -> None:
    """Let Auto Scaling take a member out of its own target group, by itself."""

    def leave() -> None:
        targets = dict(world.ec2.traits_of(WEB).targets)
        targets.pop("arn:web", None)
        world.ec2.has(WEB, targets=targets)

    world.calls.after("ec2.alter", leave, about=EnterStandby.__name__)


def test_after_the_cut_nothing_sends_it_traffic_and_its_keys_do_nothing() -> None:
    world = a_world()

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    seen = world.ec2.traits_of(WEB)
    assert (seen.targets, seen.balancers, seen.addresses) == ({}, (), ())
    assert seen.is_denied
    names = world.calls.names
    assert names.index("ec2.set_groups") < names.index("ec2.see"), "nothing stands before the cut"


def test_a_release_puts_each_target_back_with_its_port_and_zone_and_each_address() -> None:
    world = a_world()
    world.deliver(an_event())

    assert released(world) is State.RELEASED

    assert world.ec2.traits_of(WEB) == TIED
    assert {world.quarantine().step(name).status for name in STEPS} == {StepStatus.UNDONE}


def test_what_standby_takes_out_by_itself_was_remembered_before_it() -> None:
    world = a_world()
    leaves_with_standby(world)

    world.deliver(an_event())
    step = world.quarantine().step(StepName.TARGETS)

    assert step.before["groups"]["arn:web"] == [each.as_json() for each in BY_ID]
    assert world.ec2.traits_of(WEB).targets == {}
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == TIED


@pytest.mark.parametrize(
    ("first", "later"),
    [(StepName.FLEET, StepName.TARGETS), (StepName.TARGETS, StepName.FLEET)],
)
def test_standby_and_targets_one_after_the_other_give_back_what_there_was_in_both_orders(
    first: StepName, later: StepName
) -> None:
    world = a_world(fleet=False, targets=False)
    leaves_with_standby(world)
    world.calls.after(
        "ec2.alter",
        lambda: world.ec2.has(WEB, targets={**world.ec2.traits_of(WEB).targets, "arn:web": BY_ID}),
        about="ExitStandby",
        times=1,
    )
    world.deliver(an_event())
    for name in (first, later):
        order_step(a_ref(), asks(name), world.responder)
        world.now += MINUTE
    assert world.ec2.traits_of(WEB).targets == {}

    assert released(world) is State.RELEASED

    assert world.ec2.traits_of(WEB) == TIED


def test_a_target_that_came_after_what_was_remembered_is_left_to_whoever_put_it_there() -> None:
    world = a_world(replace(TIED, fleet=None))
    late = (Target(WEB, 9999),)
    world.calls.after(
        "ec2.alter",
        lambda: world.ec2.has(WEB, targets={"arn:late": late}),
        about="Deregister",
        times=1,
    )

    world.deliver(an_event())

    assert world.quarantine().step(StepName.TARGETS).status is StepStatus.DONE
    assert world.ec2.traits_of(WEB).targets == {"arn:late": late}


@pytest.mark.parametrize(
    ("traits", "step", "why"),
    [
        ({"targets": {}, "balancers": ()}, StepName.TARGETS, "it is behind no load balancer"),
        ({"role": ""}, StepName.CREDENTIALS, "it has no role"),
        ({"addresses": ()}, StepName.ADDRESS, "it has no Elastic IP"),
    ],
)
def test_where_there_is_nothing_to_do_the_step_says_so(
    traits: dict[str, Any], step: StepName, why: str
) -> None:
    world = a_world(replace(TIED, **traits))

    world.deliver(an_event())

    found = world.quarantine().step(step)
    assert (found.status, found.detail) == (StepStatus.SKIPPED, why)
    assert released(world) is State.RELEASED


@pytest.mark.parametrize("step", [StepName.CREDENTIALS, StepName.ADDRESS])
def test_as_shipped_it_is_left_off_and_a_person_can_order_it(step: StepName) -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.has_been(WEB, TIED)
    world.deliver(an_event())
    assert world.quarantine().step(step).status is StepStatus.SKIPPED
    before = world.ec2.traits_of(WEB)

    order_step(a_ref(), asks(step), world.responder)

    assert world.quarantine().step(step).status is StepStatus.DONE
    assert world.ec2.traits_of(WEB) != before
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == TIED


@pytest.mark.parametrize("name", ON_NOW)
def test_a_step_that_may_not_be_looked_at_fails_alone_and_is_told_once(name: StepName) -> None:
    world = a_world()
    world.ec2.hidden[name] = REFUSED

    answer = world.deliver(an_event())
    attend(a_ref(), world.responder)

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    steps = world.quarantine().steps
    assert [each for each in REVERSIBLE if steps[each].status is StepStatus.FAILED] == [name]
    assert world.notices.outcomes == ["step_failed", "contained"]
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == TIED


def test_where_nothing_may_be_looked_at_nothing_is_begun() -> None:
    off = dict.fromkeys((*ON, "protection", "fleet", "metadata"), False)
    world = a_world(TIED, **off)
    world.ec2.hidden[StepName.TARGETS] = REFUSED

    world.deliver(an_event())

    assert world.quarantine().step(StepName.TARGETS).status is StepStatus.FAILED
    assert "ec2.alter" not in world.calls.names


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (StepName.PROTECTION, "SetProtection"),
        (StepName.FLEET, "EnterStandby"),
        (StepName.TARGETS, "Deregister"),
        (StepName.TARGETS, "LeaveBalancer"),
        (StepName.METADATA, "SetTokens"),
        (StepName.CREDENTIALS, "DenyKeys"),
        (StepName.ADDRESS, "Disassociate"),
    ],
)
def test_every_step_that_is_refused_leaves_it_contained_and_the_others_done(
    name: StepName, change: str
) -> None:
    world = a_world()
    world.fails("ec2.alter", REFUSED, about=change)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    steps = world.quarantine().steps
    assert [each for each in ON_NOW if steps[each].status is not StepStatus.DONE] == [name]
    assert steps[name].status is StepStatus.FAILED
    assert world.notices.outcomes == ["step_failed", "contained"]
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == TIED


def test_what_may_not_be_looked_at_while_it_is_changed_has_failed_and_is_undone_later() -> None:
    world = a_world()
    world.calls.after(
        "ec2.alter", lambda: world.ec2.hidden.update({StepName.TARGETS: REFUSED}), times=1
    )

    world.deliver(an_event())

    assert world.quarantine().step(StepName.TARGETS).status is StepStatus.FAILED
    with pytest.raises(DriftError, match="targets: change it"):
        released(world)
    world.ec2.hidden.clear()
    assert released(world) is State.RELEASED
    assert world.ec2.traits_of(WEB) == TIED


@pytest.mark.parametrize("change", ["Register", "JoinBalancer", "AllowKeys", "Associate"])
def test_what_aws_does_not_give_back_is_drift_that_a_person_may_accept(change: str) -> None:
    world = a_world()
    world.deliver(an_event())
    world.fails("ec2.alter", REFUSED, about=change)

    with pytest.raises(DriftError, match="change it"):
        released(world)

    assert released(world, accept_drift=True) is State.RELEASED
    assert world.notices.sent[-1].facts["drift"][0]["kind"] == DriftKind.NOT_UNDONE


def test_a_deny_that_was_left_over_is_written_anew_and_goes_with_the_release() -> None:
    world = a_world(replace(TIED, is_denied=True))

    world.deliver(an_event())
    assert world.quarantine().step(StepName.CREDENTIALS).status is StepStatus.DONE

    assert released(world) is State.RELEASED
    assert not world.ec2.traits_of(WEB).is_denied
