"""EC2: look at instances, and change the security groups on their interfaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import Instance, InstanceRef, Interface
from chalicelib.core.steps.network import Applied, Plan, SetGroups

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import (
        InstanceNetworkInterfaceTypeDef,
        InstanceTypeDef,
        NetworkInterfaceTypeDef,
    )

PERMISSIONS = (
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:ModifyNetworkInterfaceAttribute",
)
DECIDE_PERMISSIONS = ("ec2:DescribeRouteTables",)

_AT_ONCE = 16  # interfaces; an instance has at most 15 a card, and few have more than one card
_BRANCH_OF = "tag:vpcresources.k8s.aws/trunk-eni-id"
UNKNOWN_INSTANCE = ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed")
_UNKNOWN_INTERFACE = "InvalidNetworkInterfaceID.NotFound"
# The group was deleted since it was read: the next reading makes another.
_UNKNOWN_GROUP = "InvalidGroup.NotFound"


class Ec2Instances:
    """The instances and interfaces of one account and region."""

    def __init__(self, client: EC2Client, account_id: str, region: str) -> None:
        self._ec2 = client
        self._account_id = account_id
        self._region = region

    def find(self, instance_id: str) -> Instance | None:
        with aws_errors(f"describe {instance_id}"):
            try:
                answer = self._ec2.describe_instances(InstanceIds=[instance_id])
            except ClientError as error:
                if code_of(error) in UNKNOWN_INSTANCE:
                    return None
                raise
        for reservation in answer["Reservations"]:
            for described in reservation["Instances"]:
                ref = InstanceRef(self._account_id, self._region, instance_id)
                return _instance(described, ref)
        return None

    def interfaces(self, instance_id: str) -> tuple[Interface, ...]:
        """Return them, with those that branch off a trunk: pods have these as their own.

        A branch has no attachment; only its tag tells whose it is.

        Source: https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
        """
        with aws_errors(f"describe the interfaces of {instance_id}"):
            found = self._described("attachment.instance-id", [instance_id])
            found.sort(key=lambda each: each.get("Attachment", {}).get("DeviceIndex", 0))
            trunks = [
                each["NetworkInterfaceId"] for each in found if each.get("InterfaceType") == "trunk"
            ]
            branches = self._described(_BRANCH_OF, trunks) if trunks else []
        return tuple(_interface(each) for each in (*found, *branches))

    def _described(self, name: str, values: list[str]) -> list[NetworkInterfaceTypeDef]:
        pages = self._ec2.get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": name, "Values": values}]
        )
        return [each for page in pages for each in page["NetworkInterfaces"]]

    def attached(self, interface_ids: frozenset[str], instance_id: str) -> frozenset[str]:
        with aws_errors(f"see whether interfaces left {instance_id}"):
            found = self._described("network-interface-id", sorted(interface_ids))
        return frozenset(
            each["NetworkInterfaceId"]
            for each in found
            if each.get("Attachment", {}).get("InstanceId") == instance_id
        )

    def holders(self, interface_ids: tuple[str, ...]) -> tuple[str, ...]:
        with aws_errors("see which instances interfaces are attached to"):
            found = self._described("network-interface-id", list(interface_ids))
        held = (each.get("Attachment", {}).get("InstanceId") for each in found)
        return tuple(dict.fromkeys(each for each in held if each))

    def is_route(self, instance_id: str) -> bool:
        pages = self._ec2.get_paginator("describe_route_tables").paginate(
            Filters=[{"Name": "route.instance-id", "Values": [instance_id]}]
        )
        with aws_errors(f"see whether a route leads to {instance_id}"):
            return any(page["RouteTables"] for page in pages)

    def apply(self, plan: Plan) -> tuple[Applied, ...]:
        if not plan:
            return ()
        with ThreadPoolExecutor(max_workers=min(len(plan), _AT_ONCE)) as pool:
            by_interface = list(pool.map(lambda steps: tuple(self._each(steps)), plan))
        return tuple(applied for each in by_interface for applied in each)

    def _each(self, steps: tuple[SetGroups, ...]) -> Iterator[Applied]:
        for step in steps:
            applied = self._set_groups(step)
            yield applied
            if applied.error is not None and not step.is_optional:
                return

    def _set_groups(self, step: SetGroups) -> Applied:
        try:
            with aws_errors(f"set the groups of {step.interface_id}"):
                answer = self._ec2.modify_network_interface_attribute(
                    NetworkInterfaceId=step.interface_id, Groups=list(step.group_ids)
                )
        except AwsRefusedError as error:
            if error.code == _UNKNOWN_INTERFACE:
                return Applied(step)
            if error.code == _UNKNOWN_GROUP:
                return Applied(step, error=AwsBusyError(error.doing, error.code))
            return Applied(step, error=error)
        except AwsBusyError as error:
            return Applied(step, error=error)
        said = answer["ResponseMetadata"]
        return Applied(step, said["RequestId"], retries=said.get("RetryAttempts", 0))


def _instance(described: InstanceTypeDef, ref: InstanceRef) -> Instance:
    operator = described.get("Operator", {})
    return Instance(
        ref=ref,
        state=described["State"]["Name"],
        interfaces=tuple(_interface(each) for each in described.get("NetworkInterfaces", [])),
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        operator=operator.get("Principal", "AWS") if operator.get("Managed") else None,
        root_device_type=described.get("RootDeviceType", "ebs"),
        is_spot=described.get("InstanceLifecycle") == "spot",
        place={
            "vpcs": described.get("VpcId", ""),
            "subnets": described.get("SubnetId", ""),
            "images": described.get("ImageId", ""),
            # arn:aws:iam::123456789012:instance-profile/some/path/name
            "profiles": described.get("IamInstanceProfile", {}).get("Arn", "").split("/")[-1],
        },
        as_described=json.dumps(described, default=str, sort_keys=True, separators=(",", ":")),
    )


def _interface(
    described: NetworkInterfaceTypeDef | InstanceNetworkInterfaceTypeDef,
) -> Interface:
    """Return an interface; both of EC2's answers describe one alike, where they do at all."""
    operator: Any = described.get("Operator", {})
    requester: Any = described.get("RequesterId", "an AWS service")
    if operator.get("Managed"):
        requester = operator.get("Principal", requester)
    is_theirs = described.get("RequesterManaged", False) or operator.get("Managed", False)
    return Interface(
        id=described["NetworkInterfaceId"],
        vpc_id=described["VpcId"],
        group_ids=tuple(group["GroupId"] for group in described["Groups"]),
        source_dest_check=described.get("SourceDestCheck", True),
        requester=requester if is_theirs else None,
    )
