"""What EC2 says an instance looks like now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html (8 or 17 digits)
INSTANCE_ID = re.compile(r"(?<![0-9A-Za-z-])i-[0-9a-f]{8,17}(?![0-9A-Za-z-])")

# Auto Scaling sets it on its members; nobody else can set a tag that begins with "aws:".
AUTO_SCALING_TAG = "aws:autoscaling:groupName"

# Whoever owns an instance sets it: an exercise may cut this one off. No other finding asks for it.
EXERCISE_TAG = "cordon:exercise"


@dataclass(frozen=True, slots=True, order=True)
class InstanceRef:
    """Where an instance lives: the name by which every record knows it."""

    account_id: str  # 12 digits
    region: str
    instance_id: str

    @property
    def key(self) -> str:
        return f"{self.account_id}/{self.region}/{self.instance_id}"

    @property
    def where(self) -> str:
        """Its account and region, for people."""
        return f"account {self.account_id}, {self.region}"


@dataclass(frozen=True, slots=True)
class Interface:
    """One elastic network interface and the security groups on it."""

    id: str
    vpc_id: str
    group_ids: tuple[str, ...]  # in EC2's order; at least one
    source_dest_check: bool = True  # False on a NAT or an appliance, which routes for others
    requester: str | None = None  # the AWS service that alone may change it
    doubted: tuple[str, ...] = ()  # its groups by EC2's other answer, where that says otherwise


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance, with all that containment needs to know about it."""

    ref: InstanceRef
    state: str  # EC2's word: running, stopped, ...
    interfaces: tuple[Interface, ...]
    tags: Mapping[str, str]
    operator: str | None = None  # the AWS service that manages it, such as EKS Auto Mode
    root_device_type: str = "ebs"  # or "instance-store", which cannot be stopped
    is_route: bool = False  # a route table points at it: it carries the traffic of others
    is_spot: bool = False  # EC2 starts it again only if there is room, if at all
    place: Mapping[str, str] = field(default_factory=dict)  # vpcs, subnets, images, profiles
    as_described: str = "{}"  # EC2's own answer, JSON: evidence of how it was

    @property
    def is_gone(self) -> bool:
        return self.state in ("shutting-down", "terminated")

    @property
    def may_route(self) -> bool:
        """Whether EC2 would let it carry others' traffic; one call sets that, so it proves nothing.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
        """
        return any(not interface.source_dest_check for interface in self.interfaces)

    @property
    def is_for_exercises(self) -> bool:
        return EXERCISE_TAG in self.tags

    @property
    def auto_scaling_group(self) -> str | None:
        return self.tags.get(AUTO_SCALING_TAG)


def seen_by_both(instance: Instance | None, listed: tuple[Interface, ...]) -> Instance | None:
    """Return `instance` with every interface that EC2 names in one of its two answers.

    The answers may be of different moments. An interface that only the description of the
    instance names is on the groups that stand there; one whose groups differ is doubted.

    Args:
        instance: with the interfaces that DescribeInstances names; None: EC2 does not know it.
        listed: those that DescribeNetworkInterfaces names.
    """
    if instance is None:
        return None
    described = {interface.id: interface for interface in instance.interfaces}
    ids = {interface.id for interface in listed}
    both = tuple(_doubted(each, described.get(each.id)) for each in listed)
    return replace(
        instance, interfaces=(*both, *(i for i in instance.interfaces if i.id not in ids))
    )


def _doubted(interface: Interface, described: Interface | None) -> Interface:
    if described is None or sorted(described.group_ids) == sorted(interface.group_ids):
        return interface
    return replace(interface, doubted=described.group_ids)
