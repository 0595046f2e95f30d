from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.network import (
    Applied,
    Group,
    GroupRole,
    SetGroups,
    by_vpc_and_role,
    is_held_by,
    kept_by_others,
    left_to_cut,
    missing_groups,
    open_interfaces,
    ours_to_change,
    plan_containment,
    plan_drain,
)
from tests.builders import an_instance, an_interface, groups_of

DENY, DRAIN = GroupRole.DENY, GroupRole.DRAIN
KEPT = an_interface("eni-kept", requester="amazon-elb")


def the_group(role: GroupRole, *, ready: bool = True, vpc: str = "vpc-1") -> Group:
    return Group(f"sg-{role}-{vpc}", vpc, role, ready)


def on(*groups: str) -> Any:
    return an_instance(an_interface(groups=groups))


WHICH = frozenset({"eni-1"})


def test_an_interface_goes_straight_to_the_deny_group() -> None:
    plan = plan_containment(on("sg-web", "sg-ssh"), groups_of("vpc-1"))

    assert plan == ((SetGroups("eni-1", ("sg-deny-vpc-1",), DENY),),)


def test_an_interface_that_is_cut_hops_over_the_drain_group_and_back() -> None:
    plan = plan_drain(on("sg-deny-vpc-1"), groups_of("vpc-1"), WHICH)

    assert plan == (
        (
            SetGroups("eni-1", ("sg-drain-vpc-1",), DRAIN),
            SetGroups("eni-1", ("sg-deny-vpc-1",), DENY),
        ),
    )


@pytest.mark.parametrize("groups", [("sg-web",), ("sg-drain-vpc-1",), ("sg-deny-vpc-1", "sg-web")])
def test_an_interface_that_is_not_cut_does_not_hop(groups: tuple[str, ...]) -> None:
    assert plan_drain(on(*groups), groups_of("vpc-1"), WHICH) == ()


def test_only_the_interfaces_that_were_just_cut_hop() -> None:
    assert plan_drain(on("sg-deny-vpc-1"), groups_of("vpc-1"), frozenset({"eni-2"})) == ()


@pytest.mark.parametrize("drain_group", [None, the_group(DRAIN, ready=False)], ids=str)
def test_over_a_drain_group_that_is_missing_or_not_ready_nothing_hops(
    drain_group: Group | None,
) -> None:
    groups = by_vpc_and_role(group for group in (the_group(DENY), drain_group) if group)

    assert plan_drain(on("sg-deny-vpc-1"), groups, WHICH) == ()


@pytest.mark.parametrize("deny_group", [None, the_group(DENY, ready=False)], ids=str)
def test_without_a_deny_group_that_is_ready_nothing_is_changed(deny_group: Group | None) -> None:
    groups = by_vpc_and_role(group for group in (the_group(DRAIN), deny_group) if group)

    assert plan_containment(on("sg-web"), groups) == ()
    assert plan_drain(on("sg-deny-vpc-1"), groups, WHICH) == ()


def test_an_interface_on_a_drain_group_is_open_to_everything() -> None:
    instance = an_instance(an_interface("eni-1", groups=("sg-drain-vpc-1",)), an_interface("eni-2"))

    assert open_interfaces(instance, groups_of("vpc-1")) == ("eni-1",)
    assert open_interfaces(instance, {}) == ()


def test_groups_that_ec2s_two_answers_tell_apart_are_no_cut() -> None:
    doubted = an_interface(groups=("sg-deny-vpc-1",), doubted=("sg-web",))

    assert left_to_cut(an_instance(doubted), groups_of("vpc-1")) == (
        "eni-1 is on sg-web, or was just now",
    )
    assert len(plan_containment(an_instance(doubted), groups_of("vpc-1"))) == 1


def test_an_empty_answer_is_no_cut() -> None:
    assert left_to_cut(replace(an_instance(), interfaces=()), {}) == (
        "EC2 names no interface of it",
    )


@pytest.mark.parametrize(
    ("changes", "slowed"),
    [
        ({}, False),
        ({"retries": 1}, True),
        ({"error": AwsBusyError("cutting eni-1", "Throttling")}, True),
        ({"error": AwsRefusedError("cutting eni-1", "Denied")}, False),
    ],
    ids=str,
)
def test_aws_is_slow_where_it_asked_for_patience(changes: Any, *, slowed: bool) -> None:
    assert Applied(SetGroups("eni-1", ("sg",), DENY), **changes).was_slowed is slowed


def test_an_interface_that_is_cut_off_has_no_step() -> None:
    instance = an_instance(an_interface("eni-1", groups=("sg-deny-vpc-1",)), an_interface("eni-2"))

    plan = plan_containment(instance, groups_of("vpc-1"))

    assert [steps[0].interface_id for steps in plan] == ["eni-2"]


def test_the_deny_group_beside_another_is_no_cut() -> None:
    instance = on("sg-deny-vpc-1", "sg-web")

    assert plan_containment(instance, groups_of("vpc-1")) != ()
    assert left_to_cut(instance, groups_of("vpc-1")) == ("eni-1 is on sg-deny-vpc-1, sg-web",)


def test_each_interface_gets_the_groups_of_its_own_vpc() -> None:
    instance = an_instance(an_interface("eni-1", "vpc-1"), an_interface("eni-2", "vpc-2"))

    plan = plan_containment(instance, groups_of("vpc-1", "vpc-2"))

    assert [[step.group_ids for step in steps] for steps in plan] == [
        [("sg-deny-vpc-1",)],
        [("sg-deny-vpc-2",)],
    ]


def test_the_deny_group_of_another_vpc_is_no_cut() -> None:
    instance = an_instance(an_interface("eni-2", "vpc-2", ("sg-deny-vpc-1",)))

    assert left_to_cut(instance, groups_of("vpc-1", "vpc-2")) == ("eni-2 is on sg-deny-vpc-1",)


def test_one_vpc_without_a_group_does_not_keep_another_waiting() -> None:
    instance = an_instance(an_interface("eni-1", "vpc-1"), an_interface("eni-2", "vpc-2"))

    plan = plan_containment(instance, groups_of("vpc-2"))

    assert [steps[0].interface_id for steps in plan] == ["eni-2"]


def test_an_interface_of_an_aws_service_is_left_to_it_and_named() -> None:
    instance = an_instance(KEPT, an_interface("eni-1"))

    plan = plan_containment(instance, groups_of("vpc-1"))

    assert [interface.id for interface in ours_to_change(instance)] == ["eni-1"]
    assert [steps[0].interface_id for steps in plan] == ["eni-1"]
    assert kept_by_others(instance) == (
        "eni-kept belongs to amazon-elb, which alone may change it",
    )


def test_an_ordinary_instance_has_nothing_that_others_keep() -> None:
    assert kept_by_others(an_instance()) == ()


def test_the_groups_that_are_missing_are_named_once_by_vpc() -> None:
    instance = an_instance(
        an_interface("eni-1", "vpc-2"),
        an_interface("eni-2", "vpc-1"),
        an_interface("eni-3", "vpc-2"),
        an_interface("eni-4", "vpc-3", requester="amazon-elb"),
    )

    assert missing_groups(instance, {}, DENY) == ("vpc-2", "vpc-1")
    assert missing_groups(instance, groups_of("vpc-1"), DRAIN) == ("vpc-2",)
    assert missing_groups(instance, groups_of("vpc-1", "vpc-2"), DENY) == ()


def test_a_group_that_is_not_ready_is_missing() -> None:
    assert missing_groups(an_instance(), groups_of("vpc-1", ready=False), DENY) == ("vpc-1",)


def test_an_instance_on_its_deny_groups_is_cut_off() -> None:
    assert left_to_cut(on("sg-deny-vpc-1"), groups_of("vpc-1")) == ()


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (("sg-web",), "eni-1 is on sg-web"),
        (("sg-drain-vpc-1",), "eni-1 is on sg-drain-vpc-1, OPEN TO EVERYTHING"),
        ((), "eni-1 is on no group"),
    ],
)
def test_an_interface_that_is_not_cut_off_is_named_with_its_groups(
    groups: tuple[str, ...], said: str
) -> None:
    assert left_to_cut(on(*groups), groups_of("vpc-1")) == (said,)


def test_without_a_deny_group_no_interface_is_cut_off() -> None:
    assert left_to_cut(on("sg-deny-vpc-1"), {}) == ("eni-1 is on sg-deny-vpc-1",)


def test_a_deny_group_with_rules_cuts_nothing_and_is_named_once() -> None:
    cut = [an_interface(name, groups=("sg-deny-vpc-1",)) for name in ("eni-1", "eni-2")]

    problems = left_to_cut(an_instance(*cut), groups_of("vpc-1", ready=False))

    assert problems == ("the deny group sg-deny-vpc-1 has rules",)


def test_only_the_drain_hop_is_optional() -> None:
    assert SetGroups("eni-1", ("sg",), DRAIN).is_optional
    assert not SetGroups("eni-1", ("sg",), DENY).is_optional
    assert not SetGroups("eni-1", ("sg",)).is_optional


def test_a_step_that_was_tried_has_an_answer_or_an_error() -> None:
    step, error = SetGroups("eni-1", ("sg",), DENY), AwsBusyError("cutting eni-1", "Throttling")

    assert Applied(step, "request-1").error is None
    assert Applied(step, error=error).error is error


def test_the_groups_are_found_by_vpc_and_role() -> None:
    groups = groups_of("vpc-1", "vpc-2")

    assert len(groups) == 4
    assert all((group.vpc_id, group.role) == key for key, group in groups.items())


MEMBER = {"aws:autoscaling:groupName": "web"}


@pytest.mark.parametrize(
    ("interfaces", "holds"),
    [
        ((("sg-theirs",), ("sg-theirs",)), True),
        ((("sg-theirs",), ("sg-deny-vpc-1",)), True),
        ((("sg-theirs",), ("sg-drain-vpc-1",)), False),
        ((("sg-theirs",), ("sg-web",)), False),
        ((("sg-theirs", "sg-web"),), False),
    ],
)
def test_a_rival_holds_an_instance_only_where_nothing_else_is_on_any_interface(
    interfaces: tuple[tuple[str, ...], ...], *, holds: bool
) -> None:
    instance = an_instance(
        *(an_interface(f"eni-{n}", groups=groups) for n, groups in enumerate(interfaces))
    )

    assert is_held_by(frozenset({"sg-theirs"}), instance, groups_of("vpc-1")) is holds
    assert not is_held_by(frozenset(), instance, groups_of("vpc-1"))
