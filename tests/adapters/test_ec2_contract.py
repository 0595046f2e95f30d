"""What every EC2 does; run on the fake and on moto."""

from __future__ import annotations

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import Interface
from chalicelib.core.steps.network import Group, GroupRole, SetGroups
from chalicelib.core.steps.step import SetRunning
from tests.adapters.sites import Site

NOWHERE = "eni-00000000000000000"
STRANGER = "i-00000000000000000"


def interfaces_of(site: Site, instance_id: str) -> tuple[Interface, ...]:
    return site.instances.interfaces(instance_id)


def groups_of(site: Site, instance_id: str) -> list[tuple[str, ...]]:
    return [interface.group_ids for interface in interfaces_of(site, instance_id)]


def prepared(site: Site, vpc_id: str, role: GroupRole = GroupRole.DENY) -> Group:
    site.groups.prepare(vpc_id, role)
    return next(g for g in site.groups.groups() if (g.vpc_id, g.role) == (vpc_id, role))


def test_an_instance_that_is_not_there_is_none(site: Site) -> None:
    assert site.instances.find(STRANGER) is None
    assert site.instances.interfaces(STRANGER) == ()


def test_an_instance_is_found_with_state_tags_and_its_own_interfaces(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))

    found = site.instances.find(instance_id)

    assert found is not None
    assert found.ref.instance_id == instance_id
    assert (found.state, found.tags["Name"]) == ("running", "web")
    assert found.interfaces == site.instances.interfaces(instance_id)
    assert found.root_device_type == "ebs"
    assert found.operator is None


def test_an_instance_that_was_terminated_is_gone(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))

    site.terminate(instance_id)

    found = site.instances.find(instance_id)
    assert found is None or found.is_gone


def test_interfaces_come_in_the_order_of_their_devices_with_their_groups(site: Site) -> None:
    vpc = site.make_vpc()
    web, ssh = site.make_group(vpc), site.make_group(vpc)

    instance_id = site.launch((vpc, (web, ssh)), (vpc, (ssh,)), (vpc, (web,)))

    assert groups_of(site, instance_id) == [(web, ssh), (ssh,), (web,)]
    assert {interface.vpc_id for interface in interfaces_of(site, instance_id)} == {vpc}


def test_an_interface_says_whether_it_routes_and_who_keeps_it(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)), (vpc, (site.make_group(vpc),)))
    first, second = interfaces_of(site, instance_id)

    site.stop_source_dest_check(first.id)
    site.give_to_a_service(second.id)

    first, second = interfaces_of(site, instance_id)
    assert (first.source_dest_check, first.requester) == (False, None)
    assert second.source_dest_check
    assert second.requester is not None


def test_a_plan_replaces_the_groups_of_every_interface(site: Site) -> None:
    vpc = site.make_vpc()
    web = site.make_group(vpc)
    instance_id = site.launch((vpc, (web,)), (vpc, (web,)))
    deny = prepared(site, vpc)
    plan = tuple(
        (SetGroups(interface.id, (deny.id,), GroupRole.DENY),)
        for interface in interfaces_of(site, instance_id)
    )

    applied = site.instances.apply(plan)

    assert [each.step for each in applied] == [step for (step,) in plan]
    assert all(each.request_id and each.error is None for each in applied)
    assert groups_of(site, instance_id) == [(deny.id,), (deny.id,)]


def test_an_empty_plan_does_nothing(site: Site) -> None:
    assert site.instances.apply(()) == ()


def test_the_steps_of_an_interface_are_done_in_their_order(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    (interface,) = interfaces_of(site, instance_id)
    drain, deny = prepared(site, vpc, GroupRole.DRAIN), prepared(site, vpc)

    applied = site.instances.apply(
        (
            (
                SetGroups(interface.id, (drain.id,), GroupRole.DRAIN),
                SetGroups(interface.id, (deny.id,), GroupRole.DENY),
            ),
        )
    )

    assert [each.step.role for each in applied] == [GroupRole.DRAIN, GroupRole.DENY]
    assert groups_of(site, instance_id) == [(deny.id,)]


def test_an_interface_that_is_gone_needs_nothing(site: Site) -> None:
    vpc = site.make_vpc()
    deny = prepared(site, vpc)

    (applied,) = site.instances.apply(((SetGroups(NOWHERE, (deny.id,), GroupRole.DENY),),))

    assert applied.error is None


def test_an_interface_that_was_detached_and_deleted_needs_nothing(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)), (vpc, (site.make_group(vpc),)))
    deny, second = prepared(site, vpc), interfaces_of(site, instance_id)[1]
    site.detach(second.id)

    (applied,) = site.instances.apply(((SetGroups(second.id, (deny.id,), GroupRole.DENY),),))

    assert applied.error is None
    assert len(interfaces_of(site, instance_id)) == 1


def test_a_group_that_vanished_is_busy_since_another_will_be_made(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    (interface,) = interfaces_of(site, instance_id)
    before = groups_of(site, instance_id)

    (applied,) = site.instances.apply(
        ((SetGroups(interface.id, ("sg-00000000000000000",), GroupRole.DENY),),)
    )

    assert isinstance(applied.error, AwsBusyError)
    assert applied.error.code == "InvalidGroup.NotFound"
    assert groups_of(site, instance_id) == before


def test_a_group_of_another_vpc_is_refused(site: Site) -> None:
    vpc, other = site.make_vpc(), site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    (interface,) = interfaces_of(site, instance_id)
    foreign = prepared(site, other)

    (applied,) = site.instances.apply(((SetGroups(interface.id, (foreign.id,), GroupRole.DENY),),))

    assert isinstance(applied.error, AwsRefusedError)


def test_an_interface_of_an_aws_service_is_refused_and_the_others_are_changed(
    site: Site,
) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)), (vpc, (site.make_group(vpc),)))
    first, second = interfaces_of(site, instance_id)
    site.give_to_a_service(first.id)
    deny = prepared(site, vpc)

    applied = site.instances.apply(
        tuple((SetGroups(each.id, (deny.id,), GroupRole.DENY),) for each in (first, second))
    )

    assert isinstance(applied[0].error, AwsRefusedError)
    assert applied[1].error is None
    assert groups_of(site, instance_id) == [first.group_ids, (deny.id,)]


def test_an_optional_step_that_fails_does_not_stop_the_next(site: Site) -> None:
    vpc, other = site.make_vpc(), site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    (interface,) = interfaces_of(site, instance_id)
    wrong, deny = prepared(site, other, GroupRole.DRAIN), prepared(site, vpc)

    applied = site.instances.apply(
        (
            (
                SetGroups(interface.id, (wrong.id,), GroupRole.DRAIN),
                SetGroups(interface.id, (deny.id,), GroupRole.DENY),
            ),
        )
    )

    assert isinstance(applied[0].error, AwsRefusedError)
    assert applied[1].error is None
    assert groups_of(site, instance_id) == [(deny.id,)]


def test_a_step_that_is_needed_and_fails_ends_its_interface(site: Site) -> None:
    vpc, other = site.make_vpc(), site.make_vpc()
    web = site.make_group(vpc)
    instance_id = site.launch((vpc, (web,)))
    (interface,) = interfaces_of(site, instance_id)
    wrong, deny = prepared(site, other), prepared(site, vpc)

    applied = site.instances.apply(
        (
            (
                SetGroups(interface.id, (wrong.id,), GroupRole.DENY),
                SetGroups(interface.id, (deny.id,), GroupRole.DENY),
            ),
        )
    )

    assert len(applied) == 1
    assert groups_of(site, instance_id) == [(web,)]


def test_a_running_instance_is_stopped_and_aws_says_by_which_request(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))

    request_id = site.attributes.alter(instance_id, SetRunning(is_on=False))

    stopped = site.instances.find(instance_id)
    assert request_id
    assert stopped is not None
    assert stopped.state == "stopped"


def test_an_instance_that_is_gone_cannot_be_stopped(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    site.terminate(instance_id)

    with pytest.raises(AwsRefusedError):
        site.attributes.alter(instance_id, SetRunning(is_on=False))


def test_an_unknown_instance_cannot_be_stopped(site: Site) -> None:
    with pytest.raises(AwsRefusedError):
        site.attributes.alter(STRANGER, SetRunning(is_on=False))


def test_a_stopped_instance_is_started_again(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    site.attributes.alter(instance_id, SetRunning(is_on=False))

    request_id = site.attributes.alter(instance_id, SetRunning(is_on=True))

    started = site.instances.find(instance_id)
    assert request_id
    assert started is not None
    assert started.state in ("pending", "running")


def test_an_interface_is_looked_for_by_its_id_where_it_was(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    other_id = site.launch((vpc, (site.make_group(vpc),)))
    [mine] = site.instances.interfaces(instance_id)
    [other] = site.instances.interfaces(other_id)
    gone = "eni-00000000000000000"

    found = site.instances.attached(frozenset({mine.id, other.id, gone}), instance_id)

    assert found == {mine.id}


def test_an_instance_is_a_route_once_a_route_table_points_at_it(site: Site) -> None:
    vpc = site.make_vpc()
    instance_id = site.launch((vpc, (site.make_group(vpc),)))
    before = site.instances.is_route(instance_id)

    site.route_through(instance_id, vpc)

    assert (before, site.instances.is_route(instance_id)) == (False, True)
