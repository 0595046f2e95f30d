"""What load balancers do with their targets."""

from __future__ import annotations

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import NO_INSTANCE, Estate, code_of


@gap
def an_instance_with_two_ports_is_two_targets(estate: Estate) -> None:
    estate.register({"Id": estate.single, "Port": 8080}, {"Id": estate.single, "Port": 8081})

    assert estate.ports(estate.single) == [8080, 8081]


@gap
def a_target_leaves_with_the_port_that_it_came_with(estate: Estate) -> None:
    estate.register(
        {"Id": estate.single},
        {"Id": estate.single, "Port": 8080},
        {"Id": estate.single, "Port": 8081},
    )

    estate.deregister({"Id": estate.single, "Port": 8080})
    assert estate.ports(estate.single) == [80, 8081]

    estate.deregister({"Id": estate.single})
    assert estate.ports(estate.single) == [8081]


@gap
def a_target_that_is_not_there_may_leave(estate: Estate) -> None:
    assert estate.deregister({"Id": estate.single}) is None


@gap
def an_unknown_instance_is_no_target(estate: Estate) -> None:
    assert estate.register({"Id": NO_INSTANCE}) == "InvalidTarget"


@gap
def a_target_keeps_its_zone(estate: Estate) -> None:
    target = {"Id": "10.8.0.1", "Port": 80, "AvailabilityZone": "all"}
    arn = estate.elbv2.create_target_group(
        Name="addresses", Protocol="HTTP", Port=80, VpcId=estate.vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]

    estate.elbv2.register_targets(TargetGroupArn=arn, Targets=[target])

    found = estate.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [each["Target"] for each in found] == [target]


@gap
def nothing_leaves_a_classic_balancer_that_is_not_there(estate: Estate) -> None:
    refused = code_of(
        estate.elb.deregister_instances_from_load_balancer,
        LoadBalancerName="nowhere",
        Instances=[{"InstanceId": estate.single}],
    )

    assert refused == "LoadBalancerNotFound"


@gap
def a_member_leaves_a_classic_balancer(estate: Estate) -> None:
    estate.elb.deregister_instances_from_load_balancer(
        LoadBalancerName="classic", Instances=[{"InstanceId": estate.member}]
    )

    assert estate.member not in estate.classic()


@fact
def members_are_behind_both_balancers(estate: Estate) -> None:
    assert sorted(estate.classic()) == sorted(estate.members())
    assert [estate.ports(member) for member in estate.members()] == [[80], [80]]


@fact
def a_stopped_instance_is_an_unused_target(estate: Estate) -> None:
    estate.register({"Id": estate.single})
    estate.ec2.stop_instances(InstanceIds=[estate.single])

    found = estate.elbv2.describe_target_health(
        TargetGroupArn=estate.target_group, Targets=[{"Id": estate.single, "Port": 80}]
    )["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (found["State"], found["Reason"]) == ("unused", "Target.InvalidState")


@gap
def an_instance_is_behind_a_classic_balancer_once(estate: Estate) -> None:
    for _ in range(2):
        estate.elb.register_instances_with_load_balancer(
            LoadBalancerName="classic", Instances=[{"InstanceId": estate.single}]
        )

    assert estate.classic().count(estate.single) == 1


def states(estate: Estate, arn: str) -> list[str]:
    said = estate.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [each["TargetHealth"]["State"] for each in said]


@gap
def a_target_of_a_network_balancer_drains_before_it_is_gone(estate: Estate) -> None:
    target = {"Id": estate.single, "Port": 80}
    arn = estate.elbv2.create_target_group(
        Name="flows", Protocol="TCP", Port=80, VpcId=estate.vpc, TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    balancer = estate.elbv2.create_load_balancer(
        Name="network", Type="network", Subnets=[estate.subnet]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    estate.elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="TCP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    estate.elbv2.register_targets(TargetGroupArn=arn, Targets=[target])

    estate.elbv2.deregister_targets(TargetGroupArn=arn, Targets=[target])
    assert states(estate, arn) == ["draining"]

    estate.elbv2.register_targets(TargetGroupArn=arn, Targets=[target])
    assert states(estate, arn) == ["healthy"]
