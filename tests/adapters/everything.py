"""Everything that AWS says about what a containment may touch, to compare before and after."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3

from tests.adapters.aws import AWS_ACCOUNT

_ATTRIBUTES = (
    "blockDeviceMapping",
    "disableApiStop",
    "disableApiTermination",
    "instanceInitiatedShutdownBehavior",
    "instanceType",
    "sourceDestCheck",
    "userData",
)
# What AWS makes anew each time: an association has a new name, a start its time, an answer its id.
_NEW_EACH_TIME = {
    "AssociationId",
    "AttachTime",
    "LaunchTime",
    "ResponseMetadata",
    "StateTransitionReason",
    "UsageOperationUpdateTime",
}


def everything(session: boto3.Session) -> dict[str, Any]:
    """Return each thing that there is, by its kind and name, as AWS describes it."""
    found: dict[str, Any] = {}
    for kind, name, described in _described(session):
        found[f"{kind} {name}"] = json.loads(json.dumps(_lasting(described), default=str))
    return found


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the kinds and names of what is not as it was."""
    names = before.keys() | after.keys()
    return {name for name in names if before.get(name) != after.get(name)}


def _described(session: boto3.Session) -> Iterator[tuple[str, str, Any]]:
    ec2, iam = session.client("ec2"), session.client("iam")
    listed: tuple[tuple[Callable[..., Any], str, str], ...] = (
        (ec2.describe_addresses, "Addresses", "AllocationId"),
        (ec2.describe_network_interfaces, "NetworkInterfaces", "NetworkInterfaceId"),
        (ec2.describe_route_tables, "RouteTables", "RouteTableId"),
        (ec2.describe_security_groups, "SecurityGroups", "GroupName"),
        (ec2.describe_volumes, "Volumes", "VolumeId"),
        (
            session.client("elb").describe_load_balancers,
            "LoadBalancerDescriptions",
            "LoadBalancerName",
        ),
        (
            session.client("autoscaling").describe_auto_scaling_groups,
            "AutoScalingGroups",
            "AutoScalingGroupName",
        ),
        (iam.list_instance_profiles, "InstanceProfiles", "InstanceProfileName"),
    )
    for describe, kind, name in listed:
        for each in describe()[kind]:
            yield kind, each[name], each
    for each in ec2.describe_snapshots()["Snapshots"]:
        if each["OwnerId"] == AWS_ACCOUNT:  # moto has those of images among them
            yield "Snapshots", each["SnapshotId"], each
    for each in ec2.describe_tags()["Tags"]:
        yield "Tags", f"{each['ResourceId']} {each['Key']}", each["Value"]
    yield from _instances(ec2)
    yield from _targets(session.client("elbv2"))
    yield from _roles(iam)


def _instances(ec2: Any) -> Iterator[tuple[str, str, Any]]:
    for reservation in ec2.describe_instances()["Reservations"]:
        for each in reservation["Instances"]:
            name = each["InstanceId"]
            yield "Instances", name, each
            for attribute in _ATTRIBUTES:
                said = ec2.describe_instance_attribute(InstanceId=name, Attribute=attribute)
                yield "Attributes", f"{name} {attribute}", said


def _targets(elbv2: Any) -> Iterator[tuple[str, str, Any]]:
    for group in elbv2.describe_target_groups()["TargetGroups"]:
        health = elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        targets = [each["Target"] for each in health["TargetHealthDescriptions"]]
        yield "Targets", group["TargetGroupName"], sorted(targets, key=str)


def _roles(iam: Any) -> Iterator[tuple[str, str, Any]]:
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        for policy in inline:
            yield (
                "RolePolicies",
                f"{name} {policy}",
                iam.get_role_policy(RoleName=name, PolicyName=policy),
            )
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        yield "Roles", name, attached


def _lasting(described: Any) -> Any:
    match described:
        case dict():
            return {
                key: _lasting(value)
                for key, value in described.items()
                if key not in _NEW_EACH_TIME
            }
        case list():
            return [_lasting(each) for each in described]
        case other:
            return other
