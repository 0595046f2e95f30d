"""EC2: one consistent snapshot of all volumes of an instance, known by its case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PERMISSIONS = ("ec2:CreateSnapshots", "ec2:CreateTags", "ec2:DescribeSnapshots")

_CASE = "cordon:case"


class Ec2Snapshots:
    """The snapshots of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def take(self, instance_id: str, case: str) -> tuple[str, ...]:
        """Return the ids of the snapshots of a case; they are taken if there are none yet.

        All volumes at the same moment, the root volume among them; EC2 copies them meanwhile.

        Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-create-snapshots.html
        """
        with aws_errors(f"take snapshots of {instance_id}"):
            pages = self._ec2.get_paginator("describe_snapshots").paginate(
                OwnerIds=["self"], Filters=[{"Name": f"tag:{_CASE}", "Values": [case]}]
            )
            found = [each["SnapshotId"] for page in pages for each in page["Snapshots"]]
            return tuple(sorted(found)) or self._take(instance_id, case)

    def _take(self, instance_id: str, case: str) -> tuple[str, ...]:
        answer = self._ec2.create_snapshots(
            InstanceSpecification={"InstanceId": instance_id},
            Description=f"Evidence of {case}, taken by Cordon",
            TagSpecifications=[
                {"ResourceType": "snapshot", "Tags": [{"Key": _CASE, "Value": case}]}
            ],
        )
        return tuple(sorted(each["SnapshotId"] for each in answer["Snapshots"]))
