"""Load balancers and Elastic IPs on moto: seen, taken away, and given back to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import (
    Address,
    Change,
    Disassociate,
    EnterStandby,
    ExitStandby,
    LeaveBalancer,
    Register,
    Target,
    Traits,
)
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.sites import AwsSite
from tests.adapters.tiers import give_address, join_balancer, join_group, register_addresses

TARGETS, ADDRESS = StepName.TARGETS, StepName.ADDRESS


@pytest.fixture
def web(ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    return ec2.launch((vpc, (ec2.make_group(vpc),)))


def seen(
    site: AwsSite, instance_id: str, name: StepName, before: Mapping[str, Any] | None = None
) -> Traits:
    found = site.attributes.see(instance_id, {name: before or {}})
    assert found is not None
    assert not found.hidden
    return found


def settle(site: AwsSite, instance_id: str, changes: tuple[Change, ...]) -> None:
    assert changes
    assert all(site.attributes.alter(instance_id, change) for change in changes)


def address_of(site: AwsSite, instance_id: str) -> str:
    described = site.client.describe_instances(InstanceIds=[instance_id])
    return str(described["Reservations"][0]["Instances"][0]["PrivateIpAddress"])


def states(session: boto3.Session, arn: str) -> list[str]:
    said = session.client("elbv2").describe_target_health(TargetGroupArn=arn)
    return [each["TargetHealth"]["State"] for each in said["TargetHealthDescriptions"]]


def behind_everything(session: boto3.Session, ec2: AwsSite, web: str) -> tuple[str, str]:
    """Put it in two target groups, by its id and by its address, and behind a classic balancer."""
    vpc = ec2.instances.interfaces(web)[0].vpc_id
    elbv2 = session.client("elbv2")
    by_id: str = elbv2.create_target_group(
        Name="id", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(
        TargetGroupArn=by_id, Targets=[{"Id": web, "Port": 8080}, {"Id": web, "Port": 8081}]
    )
    by_address = register_addresses(session, ec2, web, 443, 8443)
    join_balancer(session, web)
    return by_id, by_address


def test_every_target_is_seen_with_its_port_and_zone_and_each_comes_back_as_it_was(
    session: boto3.Session, ec2: AwsSite, web: str
) -> None:
    by_id, by_address = behind_everything(session, ec2, web)
    step, address = REVERSIBLE[TARGETS], address_of(ec2, web)
    first = seen(ec2, web, TARGETS)
    assert first.targets == {
        by_id: (Target(web, 8080), Target(web, 8081)),
        by_address: (Target(address, 443, "us-east-1a"), Target(address, 8443, "us-east-1a")),
    }
    assert first.balancers == ("old",)
    before = step.before(first)

    settle(ec2, web, step.left({}, first))
    out = seen(ec2, web, TARGETS, before)
    assert (out.targets, out.balancers, step.left(before, out)) == ({}, (), ())

    settle(ec2, web, step.left_to_undo(before, out))
    back = seen(ec2, web, TARGETS, before)
    assert (back.targets, back.balancers) == (first.targets, first.balancers)
    assert step.left_to_undo(before, back) == ()


def test_targets_of_others_and_the_same_address_in_another_vpc_are_left_alone(
    session: boto3.Session, ec2: AwsSite, web: str
) -> None:
    elsewhere = ec2.make_vpc()
    elbv2 = session.client("elbv2")
    arn = elbv2.create_target_group(
        Name="peer", Protocol="TCP", Port=80, VpcId=elsewhere, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": address_of(ec2, web)}])

    assert seen(ec2, web, TARGETS).targets == {}


def test_a_target_that_drains_is_out_and_can_be_registered_again(
    session: boto3.Session, ec2: AwsSite, web: str
) -> None:
    arn = register_addresses(session, ec2, web, 443)
    elbv2 = session.client("elbv2")
    subnets = ec2.client.describe_subnets()["Subnets"]
    balancer = elbv2.create_load_balancer(
        Name="network", Type="network", Subnets=[subnets[0]["SubnetId"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="TCP",
        Port=443,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    step, first = REVERSIBLE[TARGETS], seen(ec2, web, TARGETS)
    before = step.before(first)

    settle(ec2, web, step.left({}, first))
    assert states(session, arn) == ["draining"]
    out = seen(ec2, web, TARGETS, before)
    assert step.left(before, out) == ()

    settle(ec2, web, step.left_to_undo(before, out))
    assert states(session, arn) == ["healthy"]


def test_standby_and_targets_together_give_a_member_back_once(
    session: boto3.Session, ec2: AwsSite, web: str
) -> None:
    arn = join_group(session, ec2, web)
    step, first = REVERSIBLE[TARGETS], seen(ec2, web, TARGETS)
    before = step.before(first)
    assert first.targets == {arn: (Target(web, 80),)}

    settle(ec2, web, (EnterStandby("web"), *step.left({}, first)))
    out = seen(ec2, web, TARGETS, before)
    assert out.targets == {}

    settle(ec2, web, (*step.left_to_undo(before, out), ExitStandby("web")))
    assert seen(ec2, web, TARGETS, before).targets == first.targets


def test_a_group_and_a_balancer_that_are_gone_have_no_target_and_take_none_back(
    session: boto3.Session, ec2: AwsSite, web: str
) -> None:
    by_id, _ = behind_everything(session, ec2, web)
    step, first = REVERSIBLE[TARGETS], seen(ec2, web, TARGETS)
    before = step.before(first)
    session.client("elbv2").delete_target_group(TargetGroupArn=by_id)
    session.client("elb").delete_load_balancer(LoadBalancerName="old")

    now = seen(ec2, web, TARGETS, before)

    assert by_id not in now.targets
    assert now.balancers == ()
    with pytest.raises(AwsRefusedError, match="TargetGroupNotFound"):
        ec2.attributes.alter(web, Register(by_id, (Target(web, 8080),)))


@pytest.mark.parametrize("operation", ["elbv2.DescribeTargetHealth", "elb.DescribeLoadBalancers"])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_look_that_is_refused_hides_this_step_alone(
    session: boto3.Session, ec2: AwsSite, web: str, operation: str, *, is_known: bool
) -> None:
    behind_everything(session, ec2, web)
    before = REVERSIBLE[TARGETS].before(seen(ec2, web, TARGETS)) if is_known else {}
    asked = {StepName.PROTECTION: dict[str, Any](), TARGETS: before}

    with Faults(wire=[Fault(operation, code="AccessDenied", status=403)]).on():
        found = ec2.attributes.see(web, asked)

    assert found is not None
    assert set(found.hidden) == {TARGETS}
    assert found.volumes


@pytest.mark.parametrize(
    ("change", "operation", "code"),
    [
        (
            LeaveBalancer("old"),
            "elb.DeregisterInstancesFromLoadBalancer",
            "InvalidInstance",
        ),
        (
            Disassociate(Address("eipalloc-1", "198.51.100.7", "eni-1", "10.0.0.5", "eipassoc-1")),
            "ec2.DisassociateAddress",
            "InvalidAssociationID.NotFound",
        ),
    ],
)
def test_what_left_by_itself_meanwhile_is_looked_at_again(
    ec2: AwsSite, web: str, change: Change, operation: str, code: str
) -> None:
    with Faults(wire=[Fault(operation, code=code, status=400)]).on(), pytest.raises(AwsBusyError):
        ec2.attributes.alter(web, change)
    refusal = Fault(operation, code="AccessDenied", status=403)
    with Faults(wire=[refusal]).on(), pytest.raises(AwsRefusedError):
        ec2.attributes.alter(web, change)


def test_an_elastic_ip_comes_back_to_the_same_private_address_of_the_same_interface(
    ec2: AwsSite, web: str
) -> None:
    interface = ec2.instances.interfaces(web)[0].id
    second = address_of(ec2, web).rpartition(".")[0] + ".77"
    ec2.client.assign_private_ip_addresses(
        NetworkInterfaceId=interface, PrivateIpAddresses=[second]
    )
    allocation = give_address(ec2, web)
    other = ec2.client.allocate_address(Domain="vpc")["AllocationId"]
    ec2.client.associate_address(
        AllocationId=other, NetworkInterfaceId=interface, PrivateIpAddress=second
    )
    step, first = REVERSIBLE[ADDRESS], seen(ec2, web, ADDRESS)
    before = step.before(first)
    stands_for = {each.allocation_id: (each.interface_id, each.private) for each in first.addresses}
    assert stands_for[other] == (interface, second)
    assert stands_for[allocation][0] == interface

    settle(ec2, web, step.left({}, first))
    out = seen(ec2, web, ADDRESS, before)
    assert {each.interface_id for each in out.addresses} == {""}
    assert step.left(before, out) == ()
    assert seen(ec2, web, ADDRESS).addresses == ()

    settle(ec2, web, step.left_to_undo(before, out))
    back = seen(ec2, web, ADDRESS, before)
    assert set(back.addresses) == set(first.addresses)
    assert step.left_to_undo(before, back) == ()


def test_an_elastic_ip_that_others_have_by_now_or_that_is_gone_is_not_taken_back(
    ec2: AwsSite, web: str
) -> None:
    vpc = ec2.instances.interfaces(web)[0].vpc_id
    other = ec2.launch((vpc, (ec2.make_group(vpc),)))
    taken = give_address(ec2, web)
    step, first = REVERSIBLE[ADDRESS], seen(ec2, web, ADDRESS)
    before = step.before(first)
    settle(ec2, web, step.left({}, first))
    ec2.client.associate_address(InstanceId=other, AllocationId=taken)

    left = step.left_to_undo(before, seen(ec2, web, ADDRESS, before))

    with pytest.raises(AwsRefusedError, match="AlreadyAssociated"):
        settle(ec2, web, left)
    (there,) = seen(ec2, other, ADDRESS).addresses
    assert there.allocation_id == taken
    assert step.left(before, seen(ec2, web, ADDRESS, before)) == (), "it is of another now"
    ec2.client.disassociate_address(AssociationId=there.association_id)
    ec2.client.release_address(AllocationId=taken)
    left = step.left_to_undo(before, seen(ec2, web, ADDRESS, before))
    with pytest.raises(AwsRefusedError, match="InvalidAllocationID"):
        settle(ec2, web, left)
