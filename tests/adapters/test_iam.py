"""The deny in a role for the keys of one instance: what IAM keeps of it, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from chalicelib.adapters.iam import IamKeys
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.steps.step import AllowKeys, DenyKeys
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, STAGE
from tests.adapters.sites import AwsSite
from tests.adapters.tiers import give_role

BEFORE = {"role": "web"}


@pytest.fixture
def keys(session: boto3.Session) -> IamKeys:
    instances = f"arn:aws:ec2:{AWS_REGION}:{AWS_ACCOUNT}:instance/"
    return IamKeys(session.client("iam"), STAGE, instances)


@pytest.fixture
def instance_id(session: boto3.Session, ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    made = ec2.launch((vpc, (ec2.make_group(vpc),)))
    give_role(session, ec2, made, name="web")
    return made


def described(ec2: AwsSite, instance_id: str) -> Any:
    return ec2.client.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][
        0
    ]


def seen(
    keys: IamKeys, ec2: AwsSite, instance_id: str, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return keys.traits(described(ec2, instance_id), before or {})


def test_the_role_is_that_of_the_profile_and_nothing_of_it_is_denied_at_first(
    ec2: AwsSite, keys: IamKeys, instance_id: str
) -> None:
    assert seen(keys, ec2, instance_id) == {"role": "web", "is_denied": False}


def test_an_instance_without_a_profile_and_a_profile_without_a_role_have_none(
    session: boto3.Session, ec2: AwsSite, keys: IamKeys, instance_id: str
) -> None:
    vpc = ec2.make_vpc()
    bare = ec2.launch((vpc, (ec2.make_group(vpc),)))
    session.client("iam").remove_role_from_instance_profile(
        InstanceProfileName="web-profile", RoleName="web"
    )

    for each in (bare, instance_id):
        assert seen(keys, ec2, each) == {"role": "", "is_denied": False}


def test_the_deny_names_this_instance_alone_and_goes_without_a_trace(
    session: boto3.Session, ec2: AwsSite, keys: IamKeys, instance_id: str
) -> None:
    iam, name = session.client("iam"), f"cordon-{STAGE}-{instance_id}"

    assert keys.alter(instance_id, DenyKeys("web"))
    assert seen(keys, ec2, instance_id, BEFORE) == {"role": "web", "is_denied": True}
    document = iam.get_role_policy(RoleName="web", PolicyName=name)["PolicyDocument"]
    arn = f"arn:aws:ec2:{AWS_REGION}:{AWS_ACCOUNT}:instance/{instance_id}"
    (said,) = json.loads(json.dumps(document))["Statement"]
    assert (said["Effect"], said["Action"], said["Resource"]) == ("Deny", "*", "*")
    assert said["Condition"] == {"ArnEquals": {"ec2:SourceInstanceARN": arn}}

    assert keys.alter(instance_id, AllowKeys("web"))
    assert seen(keys, ec2, instance_id, BEFORE)["is_denied"] is False
    assert iam.list_role_policies(RoleName="web")["PolicyNames"] == []


def test_what_was_denied_is_looked_for_where_it_was_written_whatever_the_profile_is_now(
    session: boto3.Session, ec2: AwsSite, keys: IamKeys, instance_id: str
) -> None:
    keys.alter(instance_id, DenyKeys("web"))
    iam = session.client("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName="web-profile", RoleName="web")

    assert seen(keys, ec2, instance_id, BEFORE) == {"role": "web", "is_denied": True}


def test_a_role_that_is_gone_denies_nothing(ec2: AwsSite, keys: IamKeys, instance_id: str) -> None:
    assert seen(keys, ec2, instance_id, {"role": "gone"})["is_denied"] is False


def test_a_role_that_is_full_and_one_of_awss_are_refused(
    session: boto3.Session, keys: IamKeys, instance_id: str
) -> None:
    iam: Any = session.client("iam")
    allow = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{'x' * 10_000}",
    }
    document = {"Version": "2012-10-17", "Statement": [allow]}
    iam.put_role_policy(RoleName="web", PolicyName="long", PolicyDocument=json.dumps(document))
    linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]

    with pytest.raises(AwsRefusedError, match="LimitExceeded"):
        keys.alter(instance_id, DenyKeys("web"))
    with pytest.raises(AwsRefusedError, match="UnmodifiableEntity"):
        keys.alter(instance_id, DenyKeys(linked["RoleName"]))


def test_a_look_that_is_refused_names_the_role_that_a_stack_has_to_make(
    ec2: AwsSite, keys: IamKeys, instance_id: str
) -> None:
    refusal = Fault("iam.GetInstanceProfile", code="AccessDenied", status=403)
    with Faults(wire=[refusal]).on(), pytest.raises(AwsRefusedError) as refused:
        seen(keys, ec2, instance_id)

    assert f"cordon-{STAGE}-credentials" in str(refused.value)
