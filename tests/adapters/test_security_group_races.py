"""What EC2 answers when others are at the same group."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.network import GroupRole


def described(*groups: tuple[str, list[Any]]) -> Any:
    return {
        "SecurityGroups": [
            {
                "GroupId": group_id,
                "VpcId": "vpc-1",
                "GroupName": "cordon-dev-deny",
                "IpPermissions": [],
                "IpPermissionsEgress": egress,
            }
            for group_id, egress in groups
        ]
    }


DEFAULT_EGRESS = [
    {
        "IpProtocol": "-1",
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }
]


def test_who_loses_the_race_to_create_a_group_takes_the_winners(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described())
        stubber.add_client_error("create_security_group", "InvalidGroup.Duplicate")
        stubber.add_response("describe_security_groups", described(("sg-1", DEFAULT_EGRESS)))
        stubber.add_response("revoke_security_group_egress", {"Return": True})

        Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_a_rule_that_somebody_else_revoked_first_is_no_error(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described(("sg-1", DEFAULT_EGRESS)))
        stubber.add_client_error("revoke_security_group_egress", "InvalidPermission.NotFound")

        Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_a_rule_that_somebody_else_allowed_first_is_no_error(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described(("sg-1", DEFAULT_EGRESS)))
        stubber.add_client_error("authorize_security_group_ingress", "InvalidPermission.Duplicate")
        stubber.add_response("authorize_security_group_egress", {"Return": True})

        Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DRAIN)

        stubber.assert_no_pending_responses()


def test_only_the_parts_of_a_rule_that_say_something_are_revoked(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described(("sg-1", DEFAULT_EGRESS)))
        stubber.add_response(
            "revoke_security_group_egress",
            {"Return": True},
            {
                "GroupId": "sg-1",
                "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            },
        )

        Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DENY)


def test_a_new_group_that_ec2_does_not_show_yet_is_left_to_the_next_reading(
    session: boto3.Session,
) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described())
        stubber.add_response("create_security_group", {"GroupId": "sg-1"})
        stubber.add_response("describe_security_groups", described())

        Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_groups_of_all_pages_are_returned(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        first = {**described(("sg-1", [])), "NextToken": "more"}
        stubber.add_response("describe_security_groups", first)
        stubber.add_response("describe_security_groups", described(("sg-2", DEFAULT_EGRESS)))

        groups = Ec2SecurityGroups(client, "dev").groups()

    assert [(group.id, group.is_ready) for group in groups] == [("sg-1", True), ("sg-2", False)]


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("UnauthorizedOperation", 403, AwsRefusedError),
        ("SecurityGroupLimitExceeded", 400, AwsRefusedError),
        ("RequestLimitExceeded", 503, AwsBusyError),
    ],
)
def test_a_group_that_cannot_be_made_says_why(
    session: boto3.Session, code: str, status: int, error: type[Exception]
) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described())
        stubber.add_client_error("create_security_group", code, http_status_code=status)

        with pytest.raises(error, match=f"create cordon-dev-deny in vpc-1: .*{code}"):
            Ec2SecurityGroups(client, "dev").prepare("vpc-1", GroupRole.DENY)
