"""EC2: the tag by which a policy of the owner's tells what is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.steps.step import MARK, Mark, Unmark

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

PERMISSIONS = ("ec2:CreateTags", "ec2:DescribeTags")
RELEASE_PERMISSIONS = ("ec2:DeleteTags",)


class Ec2Marks:
    """Those of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def traits(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the mark of each resource of the instance, and of what was marked with it.

        A role of an earlier version may look at no tag: there nothing is taken for marked, and the
        step fails where it marks, with all else of it done; what was marked is never guessed.
        """
        own, remembered = tuple(_own(described)), before.get("marks", {})
        asked = sorted({*own, *remembered})
        try:
            with aws_errors(f"look for the tags of {described['InstanceId']}"):
                found = self._ec2.describe_tags(
                    Filters=[
                        {"Name": "key", "Values": [MARK]},
                        {"Name": "resource-id", "Values": asked},
                    ]
                )
        except AwsRefusedError:
            if remembered:
                raise
            return {"marks": dict.fromkeys(own)}
        tagged = {each["ResourceId"]: each["Value"] for each in found["Tags"]}
        return {"marks": {**dict.fromkeys(own), **tagged}}

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
