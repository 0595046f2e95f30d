"""What only EC2's own answers can show."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.attributes import Ec2Attributes
from chalicelib.adapters.ec2.instances import Ec2Instances
from chalicelib.adapters.iam import IamKeys
from chalicelib.adapters.load_balancing import LoadBalancing
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.network import GroupRole, SetGroups
from chalicelib.core.steps.step import SetRunning
from sandbox.faithful.faults import Fault, Faults, calls_of, sequential_round_trips
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.adapters.sites import AwsSite

WEB = "i-0a1b2c3d4e5f60718"


def described(**more: Any) -> dict[str, Any]:
    instance = {"InstanceId": WEB, "State": {"Code": 16, "Name": "running"}, **more}
    return {"Reservations": [{"Instances": [instance]}]}


def found(session: boto3.Session, answer: dict[str, Any]) -> Any:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_instances", answer, {"InstanceIds": [WEB]})
        return Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).find(WEB)


def test_an_instance_that_aws_manages_says_by_whom(session: boto3.Session) -> None:
    operator = {"Managed": True, "Principal": "eks.amazonaws.com"}

    instance = found(session, described(Operator=operator))

    assert instance.operator == "eks.amazonaws.com"


@pytest.mark.parametrize(
    ("said", "requester"),
    [
        ({}, None),
        ({"Operator": {"Managed": False}}, None),
        ({"Operator": {"Managed": True, "Principal": "eks.amazonaws.com"}}, "eks.amazonaws.com"),
        ({"Operator": {"Managed": True}}, "an AWS service"),
    ],
)
def test_an_interface_that_only_an_operator_manages_is_its_own(
    session: boto3.Session, said: dict[str, Any], requester: str | None
) -> None:
    groups = [{"GroupId": "sg-1"}]
    interface = {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "Groups": groups, **said}

    instance = found(session, described(NetworkInterfaces=[interface]))

    assert [each.requester for each in instance.interfaces] == [requester]


@pytest.mark.parametrize(
    ("operator", "expected"), [({"Managed": False}, None), ({"Managed": True}, "AWS")]
)
def test_an_operator_may_be_nobody_or_unnamed(
    session: boto3.Session, operator: dict[str, Any], expected: str | None
) -> None:
    assert found(session, described(Operator=operator)).operator == expected


def test_an_instance_store_is_told_from_a_volume(session: boto3.Session) -> None:
    assert found(session, described(RootDeviceType="instance-store")).root_device_type == (
        "instance-store"
    )


def test_a_member_of_an_auto_scaling_group_says_of_which(session: boto3.Session) -> None:
    tags = [{"Key": "aws:autoscaling:groupName", "Value": "web"}]

    assert found(session, described(Tags=tags)).auto_scaling_group == "web"


def test_the_whole_answer_of_ec2_is_kept_as_evidence(session: boto3.Session) -> None:
    instance = found(session, described(PrivateIpAddress="10.0.0.7"))

    assert json.loads(instance.as_described)["PrivateIpAddress"] == "10.0.0.7"


def test_an_answer_without_the_instance_is_none(session: boto3.Session) -> None:
    assert found(session, {"Reservations": []}) is None


def test_an_id_that_ec2_cannot_read_is_none(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_instances", "InvalidInstanceID.Malformed")

        assert Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).find("i-1") is None


def interface(number: int, **more: Any) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "VpcId": "vpc-1",
        "Groups": [{"GroupId": "sg-b"}, {"GroupId": "sg-a"}],
        "Attachment": {"DeviceIndex": number},
        **more,
    }


def test_interfaces_of_all_pages_are_sorted_and_keep_the_order_of_groups(
    session: boto3.Session,
) -> None:
    client = session.client("ec2")
    wanted = {"Filters": [{"Name": "attachment.instance-id", "Values": [WEB]}]}
    with Stubber(client) as stubber:
        first: Any = {"NetworkInterfaces": [interface(2)], "NextToken": "more"}
        stubber.add_response("describe_network_interfaces", first, wanted)
        second: Any = {"NetworkInterfaces": [interface(1), interface(0)]}
        stubber.add_response("describe_network_interfaces", second, {**wanted, "NextToken": "more"})

        interfaces = Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).interfaces(WEB)

    assert [each.id for each in interfaces] == ["eni-0", "eni-1", "eni-2"]
    assert {each.group_ids for each in interfaces} == {("sg-b", "sg-a")}


@pytest.mark.parametrize(
    ("more", "requester"),
    [
        ({"RequesterManaged": True, "RequesterId": "amazon-elb"}, "amazon-elb"),
        ({"RequesterManaged": True}, "an AWS service"),
        ({"RequesterManaged": False, "RequesterId": "123456789012"}, None),
        ({}, None),
    ],
)
def test_who_keeps_an_interface_is_read_from_its_requester(
    session: boto3.Session, more: dict[str, Any], requester: str | None
) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        answer: Any = {"NetworkInterfaces": [interface(0, **more)]}
        stubber.add_response("describe_network_interfaces", answer)

        (only,) = Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).interfaces(WEB)

    assert only.requester == requester


def test_interfaces_that_branch_off_a_trunk_are_the_instances_too(session: boto3.Session) -> None:
    client = session.client("ec2")
    trunk = interface(1, InterfaceType="trunk")
    with Stubber(client) as stubber:
        stubber.add_response(
            "describe_network_interfaces", {"NetworkInterfaces": [interface(0), trunk]}
        )
        by_trunk = "tag:vpcresources.k8s.aws/trunk-eni-id"
        stubber.add_response(
            "describe_network_interfaces",
            {"NetworkInterfaces": [interface(2)]},
            {"Filters": [{"Name": by_trunk, "Values": [trunk["NetworkInterfaceId"]]}]},
        )

        interfaces = Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).interfaces(WEB)

    assert [each.id for each in interfaces] == [
        interface(number)["NetworkInterfaceId"] for number in (0, 1, 2)
    ]


def test_all_interfaces_are_changed_in_one_round_trip(ec2: AwsSite) -> None:
    vpc = ec2.make_vpc()
    web, other = ec2.make_group(vpc), ec2.make_group(vpc)
    instance_id = ec2.launch(*[(vpc, (web,))] * 5)
    plan = tuple((SetGroups(i.id, (other,)),) for i in ec2.instances.interfaces(instance_id))

    calls = calls_of(lambda: ec2.instances.apply(plan), most=1)

    assert len(calls) == 5
    assert sequential_round_trips(calls) == 1


def test_a_throttled_change_is_busy_and_the_others_are_made(session: boto3.Session) -> None:
    client = session.client("ec2")
    plan = ((SetGroups("eni-0", ("sg-deny",), GroupRole.DENY),),)
    with Stubber(client) as stubber:
        stubber.add_client_error(
            "modify_network_interface_attribute", "RequestLimitExceeded", http_status_code=503
        )

        (applied,) = Ec2Instances(client, AWS_ACCOUNT, AWS_REGION).apply(plan)

    assert isinstance(applied.error, AwsBusyError)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("UnauthorizedOperation", 403, AwsRefusedError),
        ("RequestLimitExceeded", 503, AwsBusyError),
        ("Unavailable", 503, AwsBusyError),
    ],
)
@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeNetworkInterfaces"])
def test_what_ec2_answers_is_sorted_into_busy_and_refused(
    ec2: AwsSite, operation: str, code: str, status: int, error: type[Exception]
) -> None:
    fault = Fault(f"ec2.{operation}", code=code, status=status)
    look = ec2.instances.find if operation == "DescribeInstances" else ec2.instances.interfaces

    with Faults(wire=[fault]).on(), pytest.raises(error, match=code):
        look(WEB)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("IncorrectInstanceState", AwsBusyError),
        ("InsufficientInstanceCapacity", AwsBusyError),
        ("UnauthorizedOperation", AwsRefusedError),
    ],
)
def test_an_instance_that_cannot_be_started_yet_is_busy(
    session: boto3.Session, code: str, error: type[Exception]
) -> None:
    client = session.client("ec2")
    balancers = LoadBalancing(session.client("elbv2"), session.client("elb"))
    keys = IamKeys(session.client("iam"), "dev", "arn:aws:ec2:us-east-1:111122223333:instance/")
    groups = AutoScaling(session.client("autoscaling"))
    attributes = Ec2Attributes(client, groups, balancers, keys)
    with Stubber(client) as stubber:
        stubber.add_client_error("start_instances", code, http_status_code=400)

        with pytest.raises(error, match=code):
            attributes.alter(WEB, SetRunning(is_on=True))


def test_an_instance_says_where_it_is(session: boto3.Session) -> None:
    profile = {"Arn": "arn:aws:iam::111122223333:instance-profile/team/web", "Id": "AIPA"}
    where = {"VpcId": "vpc-1", "SubnetId": "subnet-1", "ImageId": "ami-1"}

    placed = found(session, described(IamInstanceProfile=profile, **where))

    assert placed.place == {
        "vpcs": "vpc-1",
        "subnets": "subnet-1",
        "images": "ami-1",
        "profiles": "web",
    }
    assert set(found(session, described()).place.values()) == {""}
