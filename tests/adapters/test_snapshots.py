from __future__ import annotations

import pytest

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

    found = ec2.client.describe_snapshots(SnapshotIds=list(taken))["Snapshots"]
    assert found[0]["Tags"] == [{"Key": "cordon:case", "Value": "i-1-1"}]
    (reservation,) = ec2.client.describe_instances(InstanceIds=[instance_id])["Reservations"]
    volumes = [
        each["Ebs"]["VolumeId"] for each in reservation["Instances"][0]["BlockDeviceMappings"]
    ]
    assert [each["VolumeId"] for each in found] == volumes


def test_a_case_is_taken_once_and_the_next_one_anew(ec2: AwsSite, instance_id: str) -> None:
    snapshots = Ec2Snapshots(ec2.client)

    first, again = snapshots.take(instance_id, "i-1-1"), snapshots.take(instance_id, "i-1-1")

    assert first == again
    assert snapshots.take(instance_id, "i-1-2") != first


def test_an_instance_that_is_not_there_is_refused(ec2: AwsSite) -> None:
    with pytest.raises(AwsRefusedError):
        Ec2Snapshots(ec2.client).take("i-00000000000000000", "i-0-1")
