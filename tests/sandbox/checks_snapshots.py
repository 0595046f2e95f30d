"""What EBS does with snapshots."""

from __future__ import annotations

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import Estate, code_of


def taken(estate: Estate) -> str:
    answer = estate.ec2.create_snapshots(InstanceSpecification={"InstanceId": estate.single})
    assert answer["Snapshots"][0].get("State") == "pending"
    return str(answer["Snapshots"][0]["SnapshotId"])


def state_of(estate: Estate, snapshot_id: str) -> str:
    (found,) = estate.ec2.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    return str(found["State"])


@gap
def a_snapshot_takes_time(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-create-snapshots.html"""
    snapshot_id = taken(estate)

    assert [state_of(estate, snapshot_id) for _ in range(2)] == ["pending", "completed"]


@gap
def a_snapshot_that_is_pending_is_locked_and_then_not_deleted(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lock-considerations.html"""
    snapshot_id = taken(estate)

    locked = estate.ec2.lock_snapshot(
        SnapshotId=snapshot_id, LockMode="governance", LockDuration=30
    )

    assert "LockExpiresOn" not in locked  # it counts from when the snapshot is complete
    assert code_of(estate.ec2.delete_snapshot, SnapshotId=snapshot_id)
    (said,) = estate.ec2.describe_locked_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    assert (said["LockState"], said["LockDuration"]) == ("governance", 30)


@gap
def a_lock_of_a_complete_snapshot_says_until_when(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lock-considerations.html"""
    snapshot_id = taken(estate)
    state_of(estate, snapshot_id), state_of(estate, snapshot_id)

    locked = estate.ec2.lock_snapshot(
        SnapshotId=snapshot_id, LockMode="governance", LockDuration=30
    )

    assert (locked["LockExpiresOn"] - locked["LockDurationStartTime"]).days == 30


@fact
def a_snapshot_is_shared_with_another_account(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html"""
    made = estate.ec2.create_snapshots(InstanceSpecification={"InstanceId": estate.single})
    (snapshot,) = made["Snapshots"]
    estate.ec2.modify_snapshot_attribute(
        SnapshotId=snapshot["SnapshotId"],
        Attribute="createVolumePermission",
        OperationType="add",
        UserIds=["210987654321"],
    )

    said = estate.ec2.describe_snapshot_attribute(
        SnapshotId=snapshot["SnapshotId"], Attribute="createVolumePermission"
    )
    assert said["CreateVolumePermissions"] == [{"UserId": "210987654321"}]
