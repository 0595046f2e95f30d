"""An instance goes back while Cordon is down."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.core.evidence.names import name_of_instance
from chalicelib.core.instance import InstanceRef
from cordon.command import main
from sandbox.guard import ACCOUNT, REGION
from tests.adapters.sites import AwsSite
from tests.house.source import ROOT

BUCKET = "evidence"
RUNBOOK = re.compile(r"AWS_PROFILE=\S+ AWS_REGION=\S+ (cordon release .*?--offline \S+)", re.DOTALL)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSite]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield AwsSite(boto3.client("ec2"))


def contained(site: AwsSite, *, kept: str = "") -> tuple[str, dict[str, list[str]]]:
    """Return an instance that was cut off, and the groups that its interfaces had."""
    vpc = site.make_vpc()
    web, ssh = site.make_group(vpc), site.make_group(vpc)
    instance = site.launch((vpc, (web, ssh)), (vpc, (ssh,)))
    before = groups(instance)
    found = site.instances.find(instance)
    assert found is not None
    name = name_of_instance(InstanceRef(ACCOUNT, REGION, instance), 1, found.as_described)
    body = (kept or found.as_described).encode()
    boto3.client("s3").put_object(Bucket=BUCKET, Key=name, Body=body)
    deny = boto3.client("ec2").create_security_group(
        GroupName="cordon-dev-deny", Description="-", VpcId=vpc
    )["GroupId"]
    for each in before:
        move(each, deny)
    return instance, before


def move(interface: str, group: str) -> None:
    boto3.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=interface, Groups=[group]
    )


def groups(instance: str) -> dict[str, list[str]]:
    attached: Any = [{"Name": "attachment.instance-id", "Values": [instance]}]
    found = boto3.client("ec2").describe_network_interfaces(Filters=attached)["NetworkInterfaces"]
    return {
        each["NetworkInterfaceId"]: sorted(group["GroupId"] for group in each["Groups"])
        for each in found
    }


def release(instance: str, *words: str) -> int:
    said = ("release", instance, "--verdict", "remediated", "--offline", BUCKET, *words)
    return main(["--region", REGION, *said])


def test_an_instance_has_its_groups_again_and_the_operator_hears_what_is_next(
    site: AwsSite, capsys: pytest.CaptureFixture[str]
) -> None:
    instance, before = contained(site)

    assert release(instance, "--yes") == 0

    assert groups(instance) == before
    assert "release it there at once" in capsys.readouterr().out


def test_the_command_of_the_runbook_is_that_one(site: AwsSite) -> None:
    [line] = RUNBOOK.findall((ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8"))
    instance, before = contained(site)
    _, *words = shlex.split(line.replace("\\\n", " "))
    meant = {"i-0123456789abcdef0": instance, words[-1]: BUCKET}

    assert main(["--region", REGION, *(meant.get(word, word) for word in words), "--yes"]) == 0

    assert groups(instance) == before


def test_nothing_is_done_where_nobody_agrees(site: AwsSite) -> None:
    instance, before = contained(site)

    assert release(instance) == 2

    assert groups(instance) != before


def test_an_interface_that_somebody_moved_meanwhile_stays_as_it_is(site: AwsSite) -> None:
    instance, before = contained(site)
    first, second = before
    theirs = site.make_group(site.instances.interfaces(instance)[0].vpc_id)
    move(first, theirs)

    assert release(instance, "--yes") == 5

    assert groups(instance) == {first: [theirs], second: before[second]}


def test_evidence_that_is_not_what_its_name_says_is_not_believed(
    site: AwsSite, capsys: pytest.CaptureFixture[str]
) -> None:
    instance, before = contained(site, kept='{"NetworkInterfaces": []}')

    assert release(instance, "--yes") == 4

    assert groups(instance) != before
    assert "holds no description(s)" in capsys.readouterr().err


def test_what_aws_refuses_is_said_with_what_to_do(
    site: AwsSite, capsys: pytest.CaptureFixture[str]
) -> None:
    instance, _ = contained(site)

    status = main(["release", instance, "--verdict", "remediated", "--offline", "nobodys", "--yes"])

    assert status == 6
    assert "by hand" in capsys.readouterr().err
