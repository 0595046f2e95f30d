"""EC2: the tag by which a policy of the owner's tells what is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.steps.step import MARK, Mark, Unmark

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef, TagTypeDef

PERMISSIONS = (
    "ec2:CreateTags",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeTags",
    "ec2:DescribeVolumes",
)
RELEASE_PERMISSIONS = ("ec2:DeleteTags",)


class Ec2Marks:
    """Those of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def traits(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mark of each resource of the instance, and of what was marked with it.

        A role of an earlier version may list no tags: there they are read off the resources. Where
        those may not be looked at either, nothing is taken for marked, and the step fails where it
        marks, with all else of it done; what was marked is never guessed.
        """
        own, remembered = tuple(_own(described)), before.get("marks", {})
        asked = sorted({*own, *remembered})
        try:
            tagged = self._tagged(described, asked)
        except AwsRefusedError:
            if remembered:
                raise
            tagged = {}
        return {"marks": {**dict.fromkeys(own), **tagged}}

    def _tagged(self, described: InstanceTypeDef, asked: list[str]) -> dict[str, str]:
        """Return the mark of those of the resources `asked` that have one."""
        try:
            with aws_errors(f"look for the tags of {described['InstanceId']}"):
                found = self._ec2.describe_tags(
                    Filters=[
                        {"Name": "key", "Values": [MARK]},
                        {"Name": "resource-id", "Values": asked},
                    ]
                )
        except AwsRefusedError:
            return self._read_off(described, asked)
        return {each["ResourceId"]: each["Value"] for each in found["Tags"]}

    def _read_off(self, described: InstanceTypeDef, asked: list[str]) -> dict[str, str]:
        """Return the same from what EC2 says of each resource, which shows its tags too."""
        with aws_errors(f"look at what hangs on {described['InstanceId']}"):
            interfaces = self._ec2.describe_network_interfaces(
                Filters=[{"Name": "network-interface-id", "Values": asked}]
            )["NetworkInterfaces"]
            volumes = self._ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": asked}])[
                "Volumes"
            ]
        tags: list[tuple[str, list[TagTypeDef]]] = [
            (described["InstanceId"], described.get("Tags", [])),
            *((each["NetworkInterfaceId"], each.get("TagSet", [])) for each in interfaces),
            *((each["VolumeId"], each.get("Tags", [])) for each in volumes),
        ]
        return {name: t["Value"] for name, some in tags for t in some if t["Key"] == MARK}

    def alter(self, change: Mark | Unmark) -> str:
        """Carry out one change; return the request id of AWS's answer."""
        create: Any = self._ec2.create_tags  # boto3's types know no answer of theirs
        delete: Any = self._ec2.delete_tags
        resources = list(change.resources)
        with aws_errors(f"{type(change).__name__} of {resources[0]}"):
            if isinstance(change, Mark):
                answer = create(Resources=resources, Tags=[{"Key": MARK, "Value": change.value}])
            else:
                answer = delete(Resources=resources, Tags=[{"Key": MARK}])
        return str(answer["ResponseMetadata"]["RequestId"])


def _own(described: InstanceTypeDef) -> Iterator[str]:
    """Yield the names of the instance, its volumes, and its interfaces but those of others."""
    yield described["InstanceId"]
    for each in described.get("BlockDeviceMappings", []):
        if "Ebs" in each:
            yield each["Ebs"]["VolumeId"]
    interfaces = described.get("NetworkInterfaces", [])
    owners = {each["OwnerId"] for each in interfaces if each["Attachment"]["DeviceIndex"] == 0}
    for interface in interfaces:
        if interface["OwnerId"] in owners:
            yield interface["NetworkInterfaceId"]
