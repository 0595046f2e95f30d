"""EC2, Auto Scaling and load balancing: who would feel it if an instance were cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import Instance
from chalicelib.core.surroundings import Balancer, ScalingGroup, Surroundings

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PERMISSIONS = (
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeAddresses",
    "ec2:DescribeInstances",
    "ec2:DescribeRouteTables",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)

_ALIVE = ["pending", "running", "stopping", "stopped"]
_AT_ONCE = 8  # target groups
_MOST = 200  # target groups that are looked through; each costs a request

_T = TypeVar("_T")


class AwsNeighbourhood:
    """One account and region."""

    def __init__(self, ec2: EC2Client, autoscaling: Any, elbv2: Any, elb: Any) -> None:
        self._ec2 = ec2
        self._autoscaling = autoscaling
        self._elbv2 = elbv2
        self._elb = elb

    def around(self, instance: Instance) -> Surroundings:
        described = json.loads(instance.as_described)
        instance_id = instance.ref.instance_id
        role = described.get("IamInstanceProfile", {}).get("Arn", "")
        with ThreadPoolExecutor(max_workers=6) as pool:
            siblings = pool.submit(_or_why, lambda: tuple(self._siblings(role, instance_id)))
            addresses = pool.submit(_or_why, lambda: tuple(self._addresses(instance_id)))
            routes = pool.submit(_or_why, lambda: tuple(self._routes(instance_id)))
            group = pool.submit(
                _or_why, lambda: self._group(instance.auto_scaling_group, instance_id)
            )
            classic = pool.submit(_or_why, lambda: tuple(self._classic(instance_id)))
            targets = pool.submit(_or_why, lambda: self._target_groups(described))
        return Surroundings(
            role,
            siblings.result(),
            addresses.result(),
            routes.result(),
            group.result(),
            _both(classic.result(), targets.result()),
        )

    def _siblings(self, role: str, instance_id: str) -> Iterator[str]:
        if not role:
            return
        pages = self._ec2.get_paginator("describe_instances").paginate(
            Filters=[
                {"Name": "iam-instance-profile.arn", "Values": [role]},
                {"Name": "instance-state-name", "Values": _ALIVE},
            ]
        )
        with aws_errors("look for instances with the same role"):
            for page in pages:
                for reservation in page["Reservations"]:
                    ids = (each["InstanceId"] for each in reservation["Instances"])
                    yield from (each for each in ids if each != instance_id)

    def _addresses(self, instance_id: str) -> Iterator[str]:
        with aws_errors("look for Elastic IPs"):
            found = self._ec2.describe_addresses(
                Filters=[{"Name": "instance-id", "Values": [instance_id]}]
            )
        yield from (each["PublicIp"] for each in found["Addresses"] if "PublicIp" in each)

    def _routes(self, instance_id: str) -> Iterator[str]:
        pages = self._ec2.get_paginator("describe_route_tables").paginate(
            Filters=[{"Name": "route.instance-id", "Values": [instance_id]}]
        )
        with aws_errors("look for routes"):
            for page in pages:
                for table in page["RouteTables"]:
                    for route in table["Routes"]:
                        if route.get("InstanceId") == instance_id:
                            yield f"{table['RouteTableId']} to {_destination(route)}"

    def _group(self, name: str | None, instance_id: str) -> ScalingGroup | None:
        if name is None:
            return None
        with aws_errors("look at its Auto Scaling group"):
            found = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        for each in found["AutoScalingGroups"]:
            states = {one["InstanceId"]: one["LifecycleState"] for one in each["Instances"]}
            serve = list(states.values()).count("InService")
            own = states.get(instance_id, "no member any more")
            return ScalingGroup(name, each["DesiredCapacity"], serve, own)
        return None

    def _classic(self, instance_id: str) -> Iterator[Balancer]:
        pages = self._elb.get_paginator("describe_load_balancers").paginate()
        with aws_errors("look for classic load balancers"):
            for page in pages:
                for each in page["LoadBalancerDescriptions"]:
                    ids = {one["InstanceId"] for one in each["Instances"]}
                    if instance_id in ids:
                        yield Balancer(each["LoadBalancerName"], len(ids) - 1)

    def _target_groups(self, described: Any) -> tuple[Balancer, ...]:
        """Return the target groups of its VPC in which it is, by its id or an address of its own.

        Raises:
            AwsRefusedError: there are too many of them to look through.
        """
        own = {described.get("InstanceId", ""), *_private_addresses(described)}
        pages = self._elbv2.get_paginator("describe_target_groups").paginate()
        with aws_errors("look for target groups"):
            groups = [
                each
                for page in pages
                for each in page["TargetGroups"]
                if each.get("VpcId") == described.get("VpcId")
            ]
        if len(groups) > _MOST:
            raise AwsRefusedError(f"look through {len(groups)} target groups", "TooMany")
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            found = list(pool.map(lambda group: self._in_group(group, own), groups))
        return tuple(each for each in found if each is not None)

    def _in_group(self, group: Any, own: set[str]) -> Balancer | None:
        with aws_errors(f"look at the target group {group['TargetGroupName']}"):
            said = self._elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        targets = said["TargetHealthDescriptions"]
        if own.isdisjoint(each["Target"]["Id"] for each in targets):
            return None
        others = [
            each
            for each in targets
            if each["Target"]["Id"] not in own and each["TargetHealth"]["State"] == "healthy"
        ]
        return Balancer(group["TargetGroupName"], len(others))


def _or_why(ask: Callable[[], _T]) -> _T | str:
    try:
        return ask()
    except (AwsBusyError, AwsRefusedError) as error:
        return str(error)


def _both(
    some: tuple[Balancer, ...] | str, others: tuple[Balancer, ...] | str
) -> tuple[Balancer, ...] | str:
    """Return all of them; what is known of half of them only is not known."""
    if isinstance(some, str) or isinstance(others, str):
        return some if isinstance(some, str) else str(others)
    return (*some, *others)


def _private_addresses(described: Any) -> Iterator[str]:
    for interface in described.get("NetworkInterfaces", ()):
        for address in interface.get("PrivateIpAddresses", ()):
            yield address["PrivateIpAddress"]


def _destination(route: Any) -> str:
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return next((route[name] for name in names if route.get(name)), "somewhere")
