"""What every EC2 does with Cordon's groups; run on the fake and on moto."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core.steps.network import Group, GroupRole
from tests.adapters.sites import Site


def prepared(site: Site, vpc_id: str, role: GroupRole = GroupRole.DENY) -> Group:
    site.groups.prepare(vpc_id, role)
    return next(g for g in site.groups.groups() if (g.vpc_id, g.role) == (vpc_id, role))


def test_where_cordon_never_was_there_is_no_group_of_its_own(site: Site) -> None:
    site.make_group(site.make_vpc())

    assert site.groups.groups() == ()


@pytest.mark.parametrize("role", list(GroupRole))
def test_a_group_is_made_ready_and_once(site: Site, role: GroupRole) -> None:
    vpc = site.make_vpc()

    site.groups.prepare(vpc, role)
    site.groups.prepare(vpc, role)

    (group,) = site.groups.groups()
    assert (group.vpc_id, group.role, group.is_ready) == (vpc, role, True)


def test_each_vpc_has_its_own_groups(site: Site) -> None:
    vpcs = [site.make_vpc(), site.make_vpc()]

    for vpc in vpcs:
        for role in GroupRole:
            site.groups.prepare(vpc, role)

    made = {(group.vpc_id, group.role) for group in site.groups.groups()}
    assert made == {(vpc, role) for vpc in vpcs for role in GroupRole}


@pytest.mark.parametrize("role", list(GroupRole))
def test_a_group_whose_rules_were_changed_is_not_ready_until_it_is_prepared(
    site: Site, role: GroupRole
) -> None:
    group = prepared(site, site.make_vpc(), role)
    site.poison(group)
    (poisoned,) = site.groups.groups()

    site.groups.prepare(group.vpc_id, role)

    (mended,) = site.groups.groups()
    assert not poisoned.is_ready
    assert mended == group


def test_the_group_of_another_vpc_is_left_as_it_is(site: Site) -> None:
    one, other = prepared(site, site.make_vpc()), prepared(site, site.make_vpc())
    site.poison(one)
    site.poison(other)

    site.groups.prepare(one.vpc_id, GroupRole.DENY)

    ready = {group.id: group.is_ready for group in site.groups.groups()}
    assert ready == {one.id: True, other.id: False}


def test_many_who_prepare_one_group_at_once_end_with_one_that_is_ready(site: Site) -> None:
    vpc = site.make_vpc()

    with ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(lambda _: site.groups.prepare(vpc, GroupRole.DENY), range(12)))
    site.groups.prepare(vpc, GroupRole.DENY)

    (group,) = site.groups.groups()
    assert group.is_ready


def test_groups_that_still_exist_are_told_from_those_that_do_not(site: Site) -> None:
    vpc = site.make_vpc()
    ours, theirs = prepared(site, vpc), site.make_group(vpc)
    site.launch((vpc, (theirs,)))

    existing = site.groups.existing(frozenset({ours.id, theirs, "sg-0123456789abcdef0"}))

    assert existing == {ours.id: vpc, theirs: vpc}


def test_of_no_groups_none_exists(site: Site) -> None:
    assert site.groups.existing(frozenset()) == {}


def test_a_vpc_is_in_use_once_an_instance_lives_there(site: Site) -> None:
    used, empty = site.make_vpc(), site.make_vpc()
    site.launch((used, (site.make_group(used),)))

    assert site.groups.is_in_use(used)
    assert not site.groups.is_in_use(empty)
    assert used in site.groups.vpcs()
