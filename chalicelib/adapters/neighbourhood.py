"""EC2, Auto Scaling and load balancing: who would feel it if an instance were cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.adapters.errors import aws_errors
from chalicelib.adapters.load_balancing import LoadBalancing
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
)

_ALIVE = ["pending", "running", "stopping", "stopped"]

_T = TypeVar("_T")


class AwsNeighbourhood:
    """One account and region."""

    def __init__(self, ec2: EC2Client, autoscaling: Any, balancers: LoadBalancing) -> None:
        self._ec2 = ec2
        self._autoscaling = autoscaling
        self._balancers = balancers

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
            targets = pool.submit(_or_why, lambda: tuple(self._target_groups(described)))
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
        for name, others in self._balancers.classic(instance_id):
            yield Balancer(name, others)

    def _target_groups(self, described: Any) -> Iterator[Balancer]:
        for each in self._balancers.target_groups(described):
            yield Balancer(each.name, each.healthy_others)


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


def _destination(route: Any) -> str:
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return next((route[name] for name in names if route.get(name)), "somewhere")
