"""Elastic Load Balancing: which target groups and classic load balancers an instance is behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.step import Deregister, JoinBalancer, LeaveBalancer, Register, Target

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

PERMISSIONS = (
    "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
    "elasticloadbalancing:DeregisterTargets",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)
RELEASE_PERMISSIONS = (
    "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
    "elasticloadbalancing:RegisterTargets",
)

MOST = 500  # target groups that are looked through; each costs a request
_AT_ONCE = 8  # target groups
_KINDS = ("instance", "ip")  # of targets; others are functions and other load balancers
_GROUP_GONE = "TargetGroupNotFound"
_BALANCER_GONE = "LoadBalancerNotFound"
_NOT_THERE = "InvalidInstance"


@dataclass(frozen=True, slots=True)
class Behind:
    """An instance in one target group: its own targets, and how many healthy others there are."""

    arn: str
    name: str
    own: tuple[Target, ...]
    healthy_others: int


class LoadBalancing:
    """The load balancers of one account and region: `elbv2` for target groups, `elb` for classic.

    No call tells the target groups of an instance: those of its VPC are asked one by one. A group
    of another VPC may have the instance's address too; but whose address that is there, nobody can
    tell, so it is left alone.
    """

    def __init__(self, elbv2: Any, elb: Any) -> None:
        self._elbv2 = elbv2
        self._elb = elb

    def traits(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the step `targets` may change; only what was remembered, if anything was."""
        own = own_names(described)
        if before:
            found = [self._behind(arn, arn, own) for arn in before["groups"]]
            balancers = [n for n in before["balancers"] if self._is_in(n, described["InstanceId"])]
        else:
            found = list(self.target_groups(described))
            balancers = [name for name, _ in self.classic(described["InstanceId"])]
        targets = {each.arn: each.own for each in found if each.own}
        return {"targets": targets, "balancers": tuple(balancers)}

    def target_groups(self, described: InstanceTypeDef) -> tuple[Behind, ...]:
        """Return the target groups of its VPC in which it is, by its id or an address of its own.

        Raises:
            AwsRefusedError: there are too many of them to look through.
        """
        own = own_names(described)
        pages = self._elbv2.get_paginator("describe_target_groups").paginate()
        with aws_errors("look for target groups"):
            groups = [
                each
                for page in pages
                for each in page["TargetGroups"]
                if each.get("VpcId") == described.get("VpcId") and each["TargetType"] in _KINDS
            ]
        if len(groups) > MOST:
            raise AwsRefusedError(f"look through {len(groups)} target groups", "TooMany")
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            found = pool.map(
                lambda one: self._behind(one["TargetGroupArn"], one["TargetGroupName"], own), groups
            )
            return tuple(each for each in found if each.own)

    def classic(self, instance_id: str) -> Iterator[tuple[str, int]]:
        """Yield the classic load balancers in which it is, and how many others are there."""
        pages = self._elb.get_paginator("describe_load_balancers").paginate()
        with aws_errors("look for classic load balancers"):
            for page in pages:
                for each in page["LoadBalancerDescriptions"]:
                    ids = {one["InstanceId"] for one in each["Instances"]}
                    if instance_id in ids:
                        yield each["LoadBalancerName"], len(ids) - 1

    def alter(
        self, instance_id: str, change: Deregister | Register | LeaveBalancer | JoinBalancer
    ) -> str:
        """Carry out one change; return the request id of AWS's answer.

        Raises:
            AwsBusyError: also where it has left a classic load balancer meanwhile: look again.
        """
        about = change.group if isinstance(change, Deregister | Register) else change.name
        try:
            with aws_errors(f"{type(change).__name__} of {instance_id} and {about}"):
                answer = self._alter(instance_id, change)
        except AwsRefusedError as error:
            if isinstance(change, LeaveBalancer) and error.code == _NOT_THERE:
                raise AwsBusyError(error.doing, error.code) from error
            raise
        return str(answer["ResponseMetadata"]["RequestId"])

    def _alter(
        self, instance_id: str, change: Deregister | Register | LeaveBalancer | JoinBalancer
    ) -> Any:
        instances = [{"InstanceId": instance_id}]
        match change:
            case Deregister(group, targets):
                return self._elbv2.deregister_targets(
                    TargetGroupArn=group, Targets=_as_aws(targets)
                )
            case Register(group, targets):
                return self._elbv2.register_targets(TargetGroupArn=group, Targets=_as_aws(targets))
            case LeaveBalancer(name):
                return self._elb.deregister_instances_from_load_balancer(
                    LoadBalancerName=name, Instances=instances
                )
            case JoinBalancer(name):
                return self._elb.register_instances_with_load_balancer(
                    LoadBalancerName=name, Instances=instances
                )

    def _behind(self, arn: str, name: str, own: frozenset[str]) -> Behind:
        """Return how the instance is in a target group; in one that is gone it is not.

        A target that is draining is out: it gets no new request.
        Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
        """
        try:
            with aws_errors(f"look at the target group {name}"):
                said = self._elbv2.describe_target_health(TargetGroupArn=arn)
        except AwsRefusedError as error:
            if error.code == _GROUP_GONE:
                return Behind(arn, name, (), 0)
            raise
        found = said["TargetHealthDescriptions"]
        mine = (
            _target(each["Target"])
            for each in found
            if each["Target"]["Id"] in own and each["TargetHealth"]["State"] != "draining"
        )
        others = sum(
            each["Target"]["Id"] not in own and each["TargetHealth"]["State"] == "healthy"
            for each in found
        )
        return Behind(arn, name, tuple(sorted(mine, key=lambda each: (each.id, each.port))), others)

    def _is_in(self, name: str, instance_id: str) -> bool:
        try:
            with aws_errors(f"look at the load balancer {name}"):
                found = self._elb.describe_load_balancers(LoadBalancerNames=[name])
        except AwsRefusedError as error:
            if error.code == _BALANCER_GONE:
                return False
            raise
        return any(
            one["InstanceId"] == instance_id
            for each in found["LoadBalancerDescriptions"]
            for one in each["Instances"]
        )


def own_names(described: Any) -> frozenset[str]:
    """Return by what a target group may know an instance: its id, and each private address."""
    return frozenset(_names(described))


def _names(described: Any) -> Iterator[str]:
    yield described["InstanceId"]
    for interface in described.get("NetworkInterfaces", ()):
        yield from (each["PrivateIpAddress"] for each in interface.get("PrivateIpAddresses", ()))
        yield from (each["Ipv6Address"] for each in interface.get("Ipv6Addresses", ()))


def _target(said: Any) -> Target:
    zone, quic_id = said.get("AvailabilityZone", ""), said.get("QuicServerId", "")
    return Target(said["Id"], said["Port"], zone, quic_id)


def _as_aws(targets: Sequence[Target]) -> list[dict[str, Any]]:
    return [
        {
            "Id": each.id,
            "Port": each.port,
            **({"AvailabilityZone": each.zone} if each.zone else {}),
            **({"QuicServerId": each.quic_id} if each.quic_id else {}),
        }
        for each in targets
    ]
