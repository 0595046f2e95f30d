"""EC2: one consistent snapshot of all volumes of an instance, known by its case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.evidence.snapshots import Snapshot

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import SnapshotInfoTypeDef, SnapshotTypeDef

PERMISSIONS = (
    "ec2:CreateSnapshots",
    "ec2:CreateTags",
    "ec2:DescribeSnapshots",
    "ec2:LockSnapshot",
    "ec2:ModifySnapshotAttribute",
)

_CASE = "cordon:case"


class Ec2Snapshots:
    """The snapshots of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def take(self, instance_id: str, case: str) -> tuple[Snapshot, ...]:
        """Return the snapshots of a case; they are taken if there are none yet.

        All volumes at the same moment, the root volume among them; EC2 copies them meanwhile.

        Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-create-snapshots.html
        """
        with aws_errors(f"take snapshots of {instance_id}"):
            return self._find(case) or self._take(instance_id, case)

    def taken(self, case: str) -> tuple[Snapshot, ...]:
        with aws_errors(f"look at the snapshots of {case}"):
            return self._find(case)

    def lock(self, snapshot_id: str, days: int) -> None:
        """Lock a snapshot, whether it is complete or not, in governance mode.

        Whoever has the right to can unlock it: nobody at all could in the other mode.

        Source: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lock-considerations.html
        """
        with aws_errors(f"lock {snapshot_id}"):
            self._ec2.lock_snapshot(
                SnapshotId=snapshot_id, LockMode="governance", LockDuration=days
            )

    def let_use(self, snapshot_id: str, account_ids: frozenset[str]) -> None:
        """Share a snapshot.

        One under the key that AWS keeps cannot be; of another key its owner must let them use it.

        Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
        """
        with aws_errors(f"share {snapshot_id}"):
            self._ec2.modify_snapshot_attribute(
                SnapshotId=snapshot_id,
                Attribute="createVolumePermission",
                OperationType="add",
                UserIds=sorted(account_ids),
            )

    def _find(self, case: str) -> tuple[Snapshot, ...]:
        pages = self._ec2.get_paginator("describe_snapshots").paginate(
            OwnerIds=["self"], Filters=[{"Name": f"tag:{_CASE}", "Values": [case]}]
        )
        return _sorted([_snapshot(each) for page in pages for each in page["Snapshots"]])

    def _take(self, instance_id: str, case: str) -> tuple[Snapshot, ...]:
        answer = self._ec2.create_snapshots(
            InstanceSpecification={"InstanceId": instance_id},
            Description=f"Evidence of {case}, taken by Cordon",
            TagSpecifications=[
                {"ResourceType": "snapshot", "Tags": [{"Key": _CASE, "Value": case}]}
            ],
        )
        return _sorted([_snapshot(each) for each in answer["Snapshots"]])


def _snapshot(described: SnapshotTypeDef | SnapshotInfoTypeDef) -> Snapshot:
    problem = str(described.get("StateMessage", ""))
    return Snapshot(described["SnapshotId"], described.get("State", "pending"), problem)


def _sorted(snapshots: list[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple(sorted(snapshots, key=lambda each: each.id))
