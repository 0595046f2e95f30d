from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.ec2.snapshots import Ec2Snapshots
from chalicelib.core.errors import AwsRefusedError
from tests.adapters.sites import AwsSite


@pytest.fixture
def instance_id(ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    return ec2.launch((vpc, (ec2.make_group(vpc),)))


def test_all_volumes_of_an_instance_are_taken_and_known_by_their_case(
    ec2: AwsSite, instance_id: str
) -> None:
    taken = Ec2Snapshots(ec2.client).take(instance_id, "i-1-1")

    found = ec2.client.describe_snapshots(SnapshotIds=[each.id for each in taken])["Snapshots"]
    assert found[0]["Tags"] == [{"Key": "cordon:case", "Value": "i-1-1"}]
    (reservation,) = ec2.client.describe_instances(InstanceIds=[instance_id])["Reservations"]
    volumes = [
        each["Ebs"]["VolumeId"] for each in reservation["Instances"][0]["BlockDeviceMappings"]
    ]
    assert [each["VolumeId"] for each in found] == volumes


def test_a_case_is_taken_once_and_the_next_one_anew(ec2: AwsSite, instance_id: str) -> None:
    snapshots = Ec2Snapshots(ec2.client)

    first, again = snapshots.take(instance_id, "i-1-1"), snapshots.take(instance_id, "i-1-1")

    assert [each.id for each in first] == [each.id for each in again]
    assert snapshots.take(instance_id, "i-1-2") != first


def test_a_snapshot_is_pending_at_first_and_complete_later(ec2: AwsSite, instance_id: str) -> None:
    snapshots = Ec2Snapshots(ec2.client)
    (taken,) = snapshots.take(instance_id, "i-1-1")

    states = [taken.state, *(snapshots.taken("i-1-1")[0].state for _ in range(2))]

    assert states == ["pending", "pending", "completed"]
    assert snapshots.taken("i-1-2") == ()


def test_a_locked_snapshot_is_not_deleted(ec2: AwsSite, instance_id: str) -> None:
    snapshots = Ec2Snapshots(ec2.client)
    (taken,) = snapshots.take(instance_id, "i-1-1")

    snapshots.lock(taken.id, 30)

    (locked,) = ec2.client.describe_locked_snapshots(SnapshotIds=[taken.id])["Snapshots"]
    assert (locked["LockState"], locked["LockDuration"]) == ("governance", 30)
    with pytest.raises(ClientError):
        ec2.client.delete_snapshot(SnapshotId=taken.id)


def test_a_shared_snapshot_can_be_used_by_the_other_account(ec2: AwsSite, instance_id: str) -> None:
    snapshots = Ec2Snapshots(ec2.client)
    (taken,) = snapshots.take(instance_id, "i-1-1")

    snapshots.let_use(taken.id, frozenset({"210987654321"}))

    said = ec2.client.describe_snapshot_attribute(
        SnapshotId=taken.id, Attribute="createVolumePermission"
    )
    assert said["CreateVolumePermissions"] == [{"UserId": "210987654321"}]


@pytest.mark.parametrize("change", ["lock", "let_use"])
def test_a_snapshot_that_is_not_there_is_refused(ec2: AwsSite, change: str) -> None:
    about: Any = 1 if change == "lock" else frozenset({"210987654321"})
    with pytest.raises(AwsRefusedError):
        getattr(Ec2Snapshots(ec2.client), change)("snap-00000000000000000", about)


def test_an_instance_that_is_not_there_is_refused(ec2: AwsSite) -> None:
    with pytest.raises(AwsRefusedError):
        Ec2Snapshots(ec2.client).take("i-00000000000000000", "i-0-1")
