from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.findings.finding import Finding, parse_finding
from chalicelib.core.instance import InstanceRef
from tests.builders import (
    ACCOUNT,
    DATABASE,
    OTHER_ACCOUNT,
    REGION,
    WEB,
    a_finding,
    a_ref,
    a_sequence,
    an_ec2,
)


def arn(instance_id: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance_id}"


def signal(*uids: Any) -> dict[str, Any]:
    return {"uid": "signal", "type": "FINDING", "resourceUids": list(uids)}


def read(*resources: Any, signals: Any = None) -> Finding:
    return parse_finding(a_sequence(*resources, signals=signals))


def test_a_sequence_names_its_instances_among_its_resources() -> None:
    finding = read(an_ec2(WEB), an_ec2(DATABASE))

    assert finding.resource_type == "AttackSequence"
    assert finding.instances == (a_ref(WEB), a_ref(DATABASE))


@pytest.mark.parametrize("uid", [WEB, arn(WEB)], ids=["bare", "ARN"])
def test_a_uid_may_be_an_arn_or_a_bare_id(uid: str) -> None:
    assert read(an_ec2(uid)).instances == (a_ref(WEB),)


def test_the_id_may_stand_in_the_name() -> None:
    assert read(an_ec2("resource-1", name=WEB)).instances == (a_ref(WEB),)


@pytest.mark.parametrize("name", [None, "", "web server", 7, ["x"]], ids=repr)
def test_a_name_without_an_id_leaves_the_uid(name: object) -> None:
    assert read(an_ec2(WEB, name=name)).instances == (a_ref(WEB),)


def test_only_instances_that_a_signal_points_at_are_named() -> None:
    finding = read(an_ec2(WEB), an_ec2(DATABASE), signals=[signal(DATABASE, "vpc-1")])

    assert finding.instances == (a_ref(DATABASE),)


def test_instances_of_every_signal_are_named() -> None:
    finding = read(
        an_ec2(WEB),
        an_ec2(DATABASE),
        an_ec2("i-0000000000000aaaa"),
        signals=[signal(WEB), signal(DATABASE)],
    )

    assert finding.instances == (a_ref(WEB), a_ref(DATABASE))


@pytest.mark.parametrize(
    "signals",
    [[], None, "x", [None], [{}], [signal()], [{"resourceUids": None}], [signal(None, 7)]],
    ids=repr,
)
def test_signals_that_point_at_nothing_leave_every_instance(signals: Any) -> None:
    event = a_sequence(an_ec2(WEB), an_ec2(DATABASE))
    event["detail"]["service"]["detection"]["sequence"]["signals"] = signals

    assert parse_finding(event).instances == (a_ref(WEB), a_ref(DATABASE))


def test_signals_that_point_elsewhere_accuse_nobody_for_sure() -> None:
    finding = read(an_ec2(WEB), an_ec2(DATABASE), signals=[signal("arn:aws:s3:::bucket")])

    assert finding.instances == (a_ref(WEB), a_ref(DATABASE))
    assert finding.is_indirect
    assert not read(an_ec2(WEB)).is_indirect
    assert not read(an_ec2(WEB), signals=[signal(WEB)]).is_indirect


def test_a_signal_about_an_interface_means_the_instance_that_has_it() -> None:
    behind = an_ec2(WEB, data={"ec2Instance": {"ec2NetworkInterfaceUids": ["eni-1", 7]}})

    finding = read(an_ec2(DATABASE), behind, signals=[signal("eni-1")])

    assert finding.instances == (a_ref(WEB),)
    assert not finding.is_indirect


@pytest.mark.parametrize("known_by", ["instance", "profile"])
def test_a_signal_about_a_profile_means_the_instances_that_have_it(known_by: str) -> None:
    data = {"ec2Instance": {"iamInstanceProfile": {"arn": "arn:profile"}}}
    behind = an_ec2(WEB, data=data if known_by == "instance" else {})
    profile = {
        "uid": "arn:profile",
        "resourceType": "IAM_INSTANCE_PROFILE",
        "data": {"iamInstanceProfile": {"ec2InstanceUids": [WEB] if known_by == "profile" else []}},
    }

    finding = read(an_ec2(DATABASE), behind, profile, signals=[signal("arn:profile")])

    assert finding.instances == (a_ref(WEB),)


@pytest.mark.parametrize(
    "resource_type",
    [
        "EC2_NETWORK_INTERFACE",
        "AUTOSCALING_AUTO_SCALING_GROUP",
        "EC2_VPC",
        "EC2_IMAGE",
        "IAM_INSTANCE_PROFILE",
        "EC2_LAUNCH_TEMPLATE",
        "ec2_instance",
        None,
        7,
    ],
    ids=str,
)
def test_what_only_groups_instances_is_not_one(resource_type: object) -> None:
    group = {"uid": WEB, "name": WEB, "resourceType": resource_type}

    assert read(group, signals=[signal(WEB)]).instances == ()


def test_an_instance_is_in_the_account_and_region_of_its_resource() -> None:
    there = an_ec2(DATABASE, accountId=OTHER_ACCOUNT, region="us-east-1")

    finding = read(an_ec2(WEB), there)

    assert finding.instances == (a_ref(WEB), InstanceRef(OTHER_ACCOUNT, "us-east-1", DATABASE))


def test_the_same_instance_is_named_once_and_in_two_accounts_twice() -> None:
    finding = read(an_ec2(WEB), an_ec2(arn(WEB)), an_ec2(WEB, accountId=OTHER_ACCOUNT))

    assert finding.instances == (a_ref(WEB), a_ref(WEB, OTHER_ACCOUNT))


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        (an_ec2("web"), "uid"),
        ({"resourceType": "EC2_INSTANCE"}, "uid"),
        ({"resourceType": "EC2_INSTANCE", "uid": None, "name": 7}, "uid"),
        (an_ec2(WEB, accountId="production"), "accountId"),
        (an_ec2(WEB, accountId=7), "accountId"),
        (an_ec2(WEB, region="here"), "region"),
        (an_ec2(WEB, region=["eu-west-1"]), "region"),
    ],
    ids=str,
)
def test_a_resource_that_cannot_be_read_is_named_and_keeps_no_other(
    resource: Any, field: str
) -> None:
    finding = read(resource, an_ec2(DATABASE))

    assert finding.instances == (a_ref(DATABASE),)
    assert finding.unreadable == (repr(resource.get("uid")),), field


@pytest.mark.parametrize("detection", [None, {}, [], "x", {"sequence": None}, {"sequence": []}])
def test_a_sequence_without_resources_names_nobody(detection: object) -> None:
    event = a_sequence()
    event["detail"]["service"]["detection"] = detection

    assert parse_finding(event).instances == ()


@pytest.mark.parametrize("resource", [None, "x", 7, [], {}], ids=repr)
def test_what_is_no_resource_is_passed_over(resource: object) -> None:
    assert read(resource, an_ec2(WEB)).instances == (a_ref(WEB),)


def test_a_sequence_over_the_sample_instance_is_a_sample() -> None:
    assert read(an_ec2("i-99999999")).is_sample


def test_an_ordinary_finding_has_no_sequence() -> None:
    assert a_finding().instances == (a_ref(WEB),)


@pytest.mark.parametrize("uid", [["x"], {"a": 1}, 7, None], ids=repr)
def test_a_uid_that_is_no_text_costs_its_own_resource_only(uid: Any) -> None:
    odd = {"uid": uid, "resourceType": "EC2_INSTANCE"}

    finding = read(odd, an_ec2(WEB), signals=[signal(WEB)])

    assert finding.instances == (a_ref(WEB),)
