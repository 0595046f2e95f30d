"""Plans are applied to a model of EC2: a dictionary of interface to groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.instance import Instance, Interface
from chalicelib.core.quarantine.record import originals, with_new_interfaces
from chalicelib.core.steps.network import (
    Group,
    GroupRole,
    Groups,
    Plan,
    by_vpc_and_role,
    left_to_cut,
    missing_groups,
    ours_to_change,
    plan_containment,
    plan_drain,
)
from tests.builders import NOON, a_quarantine, an_instance, groups_of

pytestmark = pytest.mark.no_cover  # the same lines, very often

VPCS = ("vpc-1", "vpc-2", "vpc-3")
OURS = frozenset(group.id for group in groups_of(*VPCS).values())
THEIRS = [f"sg-{n}" for n in range(8)]


def interfaces(group_ids: list[str]) -> st.SearchStrategy[Interface]:
    return st.builds(
        Interface,
        id=st.uuids().map(lambda uuid: f"eni-{uuid.hex[:17]}"),
        vpc_id=st.sampled_from(VPCS),
        group_ids=st.lists(st.sampled_from(group_ids), min_size=1, max_size=5, unique=True).map(
            tuple
        ),
        source_dest_check=st.booleans(),
        requester=st.sampled_from([None, None, None, "amazon-elb"]),
    )


def instances_on(group_ids: list[str]) -> st.SearchStrategy[Instance]:
    return st.lists(
        interfaces(group_ids), min_size=1, max_size=8, unique_by=lambda interface: interface.id
    ).map(lambda some: an_instance(*some))


INSTANCES = instances_on([*THEIRS, *sorted(OURS)])
# Groups as a call may find them: there or not, ready or not.
GROUPS = st.lists(
    st.builds(
        lambda vpc, role, ready: Group(f"sg-{role}-{vpc}", vpc, role, ready),
        st.sampled_from(VPCS),
        st.sampled_from(GroupRole),
        st.booleans(),
    ),
    max_size=9,
).map(by_vpc_and_role)


def applied(plan: Plan, instance: Instance) -> Instance:
    """Return `instance` as it is after `plan`."""
    model = {interface.id: interface.group_ids for interface in instance.interfaces}
    for steps in plan:
        for step in steps:
            model[step.interface_id] = step.group_ids
    changed = tuple(replace(each, group_ids=model[each.id]) for each in instance.interfaces)
    return replace(instance, interfaces=changed)


@given(INSTANCES)
def test_a_plan_leaves_exactly_the_deny_group_on_every_interface_of_ours(
    instance: Instance,
) -> None:
    groups = groups_of(*VPCS)

    after = applied(plan_containment(instance, groups), instance)

    assert left_to_cut(after, groups) == ()
    assert all(each.group_ids == (f"sg-deny-{each.vpc_id}",) for each in ours_to_change(after))


@given(INSTANCES, GROUPS)
def test_a_plan_touches_no_interface_that_is_not_ours(instance: Instance, groups: Groups) -> None:
    after = applied(plan_containment(instance, groups), instance)

    kept = [(b, a) for b, a in zip(instance.interfaces, after.interfaces, strict=True)]
    assert all(b == a for b, a in kept if b.requester is not None)


@given(INSTANCES, GROUPS)
def test_a_second_plan_has_nothing_left_to_do(instance: Instance, groups: Groups) -> None:
    after = applied(plan_containment(instance, groups), instance)

    assert plan_containment(after, groups) == ()


@given(INSTANCES, GROUPS)
def test_an_instance_is_cut_off_exactly_when_its_deny_groups_are_ready(
    instance: Instance, groups: Groups
) -> None:
    after = applied(plan_containment(instance, groups), instance)

    missing = missing_groups(instance, groups, GroupRole.DENY)
    assert (left_to_cut(after, groups) == ()) == (missing == ())


@given(INSTANCES, GROUPS)
def test_a_plan_uses_only_ready_groups_of_the_vpc_and_only_to_deny(
    instance: Instance, groups: Groups
) -> None:
    plan = plan_containment(instance, groups)

    vpcs = {interface.id: interface.vpc_id for interface in instance.interfaces}
    ready = {(group.vpc_id, group.id) for group in groups.values() if group.is_ready}
    used = {(vpcs[step.interface_id], *step.group_ids) for steps in plan for step in steps}
    assert used <= ready
    assert all(steps[-1].role is GroupRole.DENY for steps in plan)
    assert all(len(steps) == 1 for steps in plan)
    assert len({steps[0].interface_id for steps in plan}) == len(plan)


@given(INSTANCES, GROUPS, st.integers(min_value=0))
def test_a_plan_that_was_cut_short_anywhere_is_finished_by_the_next(
    instance: Instance, groups: Groups, crash: int
) -> None:
    plan = plan_containment(instance, groups)
    done = [(step,) for steps in plan for step in steps]
    halfway = applied(tuple(done[: crash % (len(done) + 1)]), instance)

    after = applied(plan_containment(halfway, groups), halfway)

    assert after == applied(plan, instance)


@given(instances_on(THEIRS))
def test_the_originals_are_the_groups_of_every_interface(instance: Instance) -> None:
    assert [(o.interface_id, o.vpc_id, o.group_ids) for o in originals(instance, OURS)] == [
        (i.id, i.vpc_id, i.group_ids) for i in instance.interfaces
    ]


@given(instances_on(sorted(OURS)))
def test_the_originals_of_an_instance_on_our_groups_alone_are_unknown(instance: Instance) -> None:
    assert all(original.group_ids == () for original in originals(instance, OURS))


@given(instances_on(THEIRS), instances_on(THEIRS))
def test_what_is_remembered_is_never_replaced(before: Instance, attached: Instance) -> None:
    first = a_quarantine(originals=originals(before, OURS))
    cut = applied(plan_containment(before, groups_of(*VPCS)), before)
    known = {interface.id for interface in before.interfaces}
    new = [interface for interface in attached.interfaces if interface.id not in known]

    grown = with_new_interfaces(first, an_instance(*cut.interfaces, *new), OURS, NOON)

    assert grown.originals[: len(first.originals)] == first.originals
    assert [o.interface_id for o in grown.originals[len(first.originals) :]] == [n.id for n in new]


@given(INSTANCES, GROUPS)
def test_a_hop_ends_where_it_began_and_opens_only_what_is_cut(
    instance: Instance, groups: Groups
) -> None:
    everything = frozenset(interface.id for interface in instance.interfaces)
    cut = applied(plan_containment(instance, groups), instance)

    plan = plan_drain(cut, groups, everything)

    on = {interface.id: interface.group_ids for interface in cut.interfaces}
    assert applied(plan, cut) == cut
    assert all([step.role for step in hop] == [GroupRole.DRAIN, GroupRole.DENY] for hop in plan)
    assert all(on[hop[0].interface_id] == hop[1].group_ids for hop in plan)
