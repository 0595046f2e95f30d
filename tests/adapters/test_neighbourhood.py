from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib.adapters.load_balancing import MOST, LoadBalancing
from chalicelib.adapters.neighbourhood import AwsNeighbourhood
from chalicelib.core.instance import Instance
from chalicelib.core.surroundings import Balancer, ScalingGroup, Surroundings
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.sites import AwsSite
from tests.adapters.tiers import join_group

ROLE = "arn:aws:iam::123456789012:instance-profile/web"


@pytest.fixture
def neighbourhood(session: boto3.Session, ec2: AwsSite) -> AwsNeighbourhood:
    balancers = LoadBalancing(session.client("elbv2"), session.client("elb"))
    return AwsNeighbourhood(ec2.client, session.client("autoscaling"), balancers)


def launched(ec2: AwsSite, count: int = 1) -> list[str]:
    vpc = ec2.make_vpc()
    group = ec2.make_group(vpc)
    return [ec2.launch((vpc, (group,))) for _ in range(count)]


def public_address(ec2: AwsSite, instance_id: str) -> str:
    """Give the instance an Elastic IP; return that."""
    made = ec2.client.allocate_address(Domain="vpc")
    ec2.client.associate_address(InstanceId=instance_id, AllocationId=made["AllocationId"])
    return made["PublicIp"]


def found(ec2: AwsSite, instance_id: str) -> Instance:
    instance = ec2.instances.find(instance_id)
    assert instance is not None
    return instance


def test_an_instance_that_stands_alone_has_nobody_around_it(
    ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    (lone,) = launched(ec2)

    assert neighbourhood.around(found(ec2, lone)) == Surroundings()


def test_instances_with_the_same_role_are_named_and_the_dead_among_them_are_not(
    session: boto3.Session, ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    iam = session.client("iam")
    for name in ("web", "mail"):
        iam.create_instance_profile(InstanceProfileName=name)
    web, sibling, dead, other = launched(ec2, 4)
    for each, name in ((web, "web"), (sibling, "web"), (dead, "web"), (other, "mail")):
        ec2.client.associate_iam_instance_profile(
            IamInstanceProfile={"Name": name}, InstanceId=each
        )
    ec2.terminate(dead)

    around = neighbourhood.around(found(ec2, web))

    assert (around.role, around.siblings) == (ROLE, (sibling,))


def test_its_elastic_ips_and_the_routes_through_it_are_named(
    ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    router, other = launched(ec2, 2)
    vpc = ec2.instances.interfaces(router)[0].vpc_id
    ec2.let_route(router)
    ec2.route_through(router, vpc)
    own, _ = (public_address(ec2, each) for each in (router, other))

    around = neighbourhood.around(found(ec2, router))

    assert around.addresses == (own,)
    assert len(around.routes) == 1
    assert around.routes[0].endswith(" to 192.0.2.0/24")


def test_its_group_and_its_load_balancers_are_named_with_who_is_left(
    session: boto3.Session, ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    web, second = launched(ec2, 2)
    join_group(session, ec2, web, second)
    elb = session.client("elb")
    elb.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-east-1a"],
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName="old", Instances=[{"InstanceId": web}]
    )

    around = neighbourhood.around(found(ec2, web))

    assert around.scaling_group == ScalingGroup("web", 2, 2, "InService")
    assert around.balancers == (Balancer("old", 0), Balancer("web", 1))


def test_a_target_group_that_has_an_address_of_it_is_one_of_its_own(
    session: boto3.Session, ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    web, _ = launched(ec2, 2)
    vpc = ec2.instances.interfaces(web)[0].vpc_id
    elbv2 = session.client("elbv2")
    described = ec2.client.describe_instances(InstanceIds=[web])["Reservations"][0]["Instances"][0]
    for name, address in (("ip", described["PrivateIpAddress"]), ("far", "10.9.9.9")):
        arn = elbv2.create_target_group(
            Name=name, Protocol="TCP", Port=80, VpcId=vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": address}])

    assert neighbourhood.around(found(ec2, web)).balancers == (Balancer("ip", 0),)


def test_what_aws_refuses_is_named_and_hides_nothing_else(
    session: boto3.Session, ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    web, second = launched(ec2, 2)
    join_group(session, ec2, web, second)
    instance = found(ec2, web)
    refused = [
        Fault(f"{service}.{operation}", code="AccessDenied", status=403)
        for service, operation in (
            ("autoscaling", "DescribeAutoScalingGroups"),
            ("elbv2", "DescribeTargetHealth"),
        )
    ]

    with Faults(wire=refused).on():
        around = neighbourhood.around(instance)

    assert "AccessDenied" in str(around.scaling_group)
    assert "AccessDenied" in str(around.balancers)
    assert around.siblings == ()


def test_a_group_that_is_gone_meanwhile_is_none(
    ec2: AwsSite, neighbourhood: AwsNeighbourhood
) -> None:
    (lone,) = launched(ec2)
    tagged = replace(found(ec2, lone), tags={"aws:autoscaling:groupName": "gone"})

    assert neighbourhood.around(tagged).scaling_group is None


def test_too_many_target_groups_are_not_looked_through(
    ec2: AwsSite, neighbourhood: AwsNeighbourhood, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lone,) = launched(ec2)
    instance = found(ec2, lone)
    vpc = ec2.instances.interfaces(lone)[0].vpc_id
    group = {"VpcId": vpc, "TargetGroupName": "x", "TargetGroupArn": "arn", "TargetType": "ip"}
    pages: Any = [{"TargetGroups": [group] * (MOST + 1)}]

    class Many:
        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self) -> Any:
            return pages

    monkeypatch.setattr(neighbourhood._balancers, "_elbv2", Many())

    assert f"{MOST + 1} target groups" in str(neighbourhood.around(instance).balancers)
