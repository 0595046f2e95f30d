"""CloudTrail in the sandbox: who called EC2, and what of, reaches the rules on the bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.quarantine.call import OwnRoles, parse_call
from sandbox.guard import ACCOUNT
from sandbox.server import Sandbox
from tests.sandbox_server.small_app import SmallApp

INTERFACE = "eni-0a1b2c3d4e5f60718"
PATTERN = {"source": ["aws.ec2"], "detail-type": ["AWS API Call via CloudTrail"]}


@pytest.fixture
def mallory(sandbox: Sandbox) -> Any:
    """EC2, asked by somebody who is no function of Cordon's."""
    return sandbox.client("ec2", by="mallory")


@pytest.fixture(autouse=True)
def trail(sandbox: Sandbox) -> Iterator[None]:
    """Let a function of the small app hear of calls."""
    events = sandbox.client("events")
    target = sandbox.client("lambda").get_function(FunctionName="plain")
    arn = target["Configuration"]["FunctionArn"]
    events.put_rule(Name="trail", EventPattern=json.dumps(PATTERN))
    events.put_targets(Rule="trail", Targets=[{"Id": "1", "Arn": arn}])
    yield
    events.remove_targets(Rule="trail", Ids=["1"])
    events.delete_rule(Name="trail")


def heard(sandbox: Sandbox, small: SmallApp) -> list[Any]:
    sandbox.drain()
    return small.events_of("plain")


def test_a_call_that_changes_something_is_told_with_who_made_it_and_what_of(
    sandbox: Sandbox, small: SmallApp, mallory: Any
) -> None:
    vpc = mallory.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = mallory.describe_subnets()["Subnets"][0]["SubnetId"]
    group = mallory.create_security_group(GroupName="evil", Description="x", VpcId=vpc)["GroupId"]
    made = mallory.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    interface = made["NetworkInterfaceId"]

    mallory.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])

    call = parse_call(heard(sandbox, small)[-1])
    assert call.name == "ModifyNetworkInterfaceAttribute"
    assert call.by == f"arn:aws:iam::{ACCOUNT}:user/mallory"
    assert (call.interface_ids, call.group_ids) == ((interface,), (group,))
    assert not call.has_failed
    assert not OwnRoles("dev", ACCOUNT).made(call)


def test_a_call_of_the_functions_is_one_of_cordons_own_roles(
    sandbox: Sandbox, small: SmallApp
) -> None:
    sandbox.client("ec2").create_security_group(GroupName="ours", Description="x")

    (event,) = heard(sandbox, small)
    assert OwnRoles("dev", ACCOUNT).made(parse_call(event))


def test_a_call_that_is_refused_is_told_as_refused(
    sandbox: Sandbox, small: SmallApp, mallory: Any
) -> None:
    with pytest.raises(ClientError):
        mallory.modify_network_interface_attribute(
            NetworkInterfaceId=INTERFACE, Groups=["sg-0a1b2c3d"]
        )

    (event,) = heard(sandbox, small)
    assert parse_call(event).has_failed


def test_who_only_looks_is_not_told(sandbox: Sandbox, small: SmallApp, mallory: Any) -> None:
    mallory.describe_instances()
    mallory.describe_vpcs()

    assert heard(sandbox, small) == []
