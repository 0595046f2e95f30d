"""EC2: what an instance wrote, showed, was told to run at its first start, and has around it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.instance import AUTO_SCALING_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PERMISSIONS = (
    "ec2:DescribeIamInstanceProfileAssociations",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVolumes",
    "ec2:GetConsoleOutput",
    "ec2:GetConsoleScreenshot",
)


class Ec2Forensics:
    """The instances of one account and region."""

    def __init__(self, client: EC2Client, groups: AutoScaling) -> None:
        self._ec2 = client
        self._groups = groups

    def console(self, instance_id: str) -> str:
        """Return what EC2 kept of the console, 64 KB at most; empty: nothing.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
        """
        with aws_errors(f"read the console of {instance_id}"):
            answer = self._ec2.get_console_output(InstanceId=instance_id)
        return answer.get("Output", "")

    def user_data(self, instance_id: str) -> str:
        """Return the script or the settings that the instance was launched with; empty: none."""
        with aws_errors(f"read the user data of {instance_id}"):
            answer = self._ec2.describe_instance_attribute(
                InstanceId=instance_id, Attribute="userData"
            )
        encoded = answer["UserData"].get("Value", "")
        try:
            return base64.b64decode(encoded).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return encoded  # packed, for example: kept as EC2 gives it

    def screenshot(self, instance_id: str) -> bytes:
        """Return what its screen shows, JPEG; empty: nothing.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleScreenshot.html
        """
        with aws_errors(f"take a screenshot of {instance_id}"):
            answer = self._ec2.get_console_screenshot(InstanceId=instance_id)
        try:
            return base64.b64decode(answer.get("ImageData", ""))
        except binascii.Error:
            return b""

    def surroundings(self, described: str) -> tuple[bytes, tuple[str, ...]]:
        """Return its groups with their rules, interfaces, routes, ACLs, volumes, profile and fleet.

        Groups and interfaces are those of the description: what was there before the cut.
        """
        found: dict[str, Any] = {}
        refused: list[str] = []
        for kind, describe in self._kinds(json.loads(described)):
            try:
                with aws_errors(f"describe {kind}"):
                    found[kind] = describe()
            except AwsRefusedError as error:
                refused.append(str(error))
        body = json.dumps(found, default=str, sort_keys=True, separators=(",", ":"))
        return body.encode(), tuple(refused)

    def _kinds(self, described: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
        """Yield how to describe each kind of thing that the instance has.

        By filters: unlike an id, what is gone by now is no error.
        """
        interfaces = described.get("NetworkInterfaces", [])
        disks = [each["Ebs"] for each in described.get("BlockDeviceMappings", []) if "Ebs" in each]
        groups = {group["GroupId"] for each in interfaces for group in each["Groups"]}
        vpcs = {each["VpcId"] for each in interfaces}
        rows: tuple[tuple[str, Any, str, set[str]], ...] = (
            ("SecurityGroups", self._ec2.describe_security_groups, "group-id", groups),
            # A subnet that has no route table of its own uses the main one of its VPC.
            ("RouteTables", self._ec2.describe_route_tables, "vpc-id", vpcs),
            (
                "NetworkInterfaces",
                self._ec2.describe_network_interfaces,
                "network-interface-id",
                {each["NetworkInterfaceId"] for each in interfaces},
            ),
            (
                "NetworkAcls",
                self._ec2.describe_network_acls,
                "association.subnet-id",
                {each["SubnetId"] for each in interfaces},
            ),
            (
                "Volumes",
                self._ec2.describe_volumes,
                "volume-id",
                {each["VolumeId"] for each in disks},
            ),
            (
                "IamInstanceProfileAssociations",
                self._ec2.describe_iam_instance_profile_associations,
                "instance-id",
                {described["InstanceId"]},
            ),
        )
        for kind, describe, name, values in rows:
            if values:
                filters = [{"Name": name, "Values": sorted(values)}]
                yield kind, partial(_described, describe, filters, kind)
        for tag in described.get("Tags", []):
            if tag["Key"] == AUTO_SCALING_TAG:
                yield "AutoScalingGroups", partial(self._groups.describe, tag["Value"])


def _described(describe: Callable[..., Any], filters: Any, kind: str) -> Any:
    return describe(Filters=filters)[kind]
