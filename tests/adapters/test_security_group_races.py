"""What EC2 answers when others are at the same group."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.network import GroupRole
from tests.adapters.aws import AWS_ACCOUNT


def described(*groups: tuple[str, list[Any]], role: str = "deny") -> Any:
    return {
        "SecurityGroups": [
            {
                "GroupId": group_id,
                "VpcId": "vpc-1",
                "GroupName": f"cordon-dev-{role}",
                "OwnerId": AWS_ACCOUNT,
                "Tags": [{"Key": "cordon:role", "Value": role}],
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

        Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_a_rule_that_somebody_else_revoked_first_is_no_error(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described(("sg-1", DEFAULT_EGRESS)))
        stubber.add_client_error("revoke_security_group_egress", "InvalidPermission.NotFound")

        Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_a_rule_that_somebody_else_allowed_first_is_no_error(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        one = described(("sg-1", DEFAULT_EGRESS), role="drain")
        stubber.add_response("describe_security_groups", one)
        stubber.add_client_error("authorize_security_group_ingress", "InvalidPermission.Duplicate")
        stubber.add_response("authorize_security_group_egress", {"Return": True})

        Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DRAIN)

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

        Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)


def test_a_new_group_that_ec2_does_not_show_yet_is_left_to_the_next_reading(
    session: boto3.Session,
) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described())
        stubber.add_response("create_security_group", {"GroupId": "sg-1"})
        stubber.add_response("describe_security_groups", described())

        Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()


def test_groups_of_all_pages_are_returned(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        first = {**described(("sg-1", [])), "NextToken": "more"}
        stubber.add_response("describe_security_groups", first)
        stubber.add_response("describe_security_groups", described(("sg-2", DEFAULT_EGRESS)))

        groups = Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).groups()

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
            Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)


FOREIGN: tuple[dict[str, Any], ...] = {"OwnerId": "999999999999"}, {"Tags": []}


@pytest.mark.parametrize("change", FOREIGN, ids=["another's", "without its tag"])
def test_a_group_that_only_bears_the_name_blocks_no_cut(
    session: boto3.Session, change: dict[str, Any]
) -> None:
    client = session.client("ec2")
    foreign = described(("sg-theirs", DEFAULT_EGRESS))
    foreign["SecurityGroups"][0].update(change)
    ours = described(("sg-2", []))["SecurityGroups"][0] | {"GroupName": "cordon-dev-deny-2"}
    both = {"SecurityGroups": [*foreign["SecurityGroups"], ours]}
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", foreign)
        stubber.add_client_error("create_security_group", "InvalidGroup.Duplicate")
        stubber.add_response("describe_security_groups", foreign)
        stubber.add_response("create_security_group", {"GroupId": "sg-2"})
        stubber.add_response("describe_security_groups", both)
        groups = Ec2SecurityGroups(client, "dev", AWS_ACCOUNT)

        groups.prepare("vpc-1", GroupRole.DENY)

        stubber.add_response("describe_security_groups", both)
        assert [group.id for group in groups.groups()] == ["sg-2"]
        stubber.add_response("describe_security_groups", both)
        assert groups.impostors() == ("sg-theirs in vpc-1",)
        stubber.assert_no_pending_responses()


def test_a_name_that_goes_on_otherwise_is_nobody_of_ours(session: boto3.Session) -> None:
    client = session.client("ec2")
    other = described(("sg-1", []))
    other["SecurityGroups"][0]["GroupName"] = "cordon-dev-denylist"
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", other)
        assert Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).groups() == ()
        stubber.add_response("describe_security_groups", other)
        assert Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).impostors() == ()


def test_where_every_name_is_taken_people_must_look(session: boto3.Session) -> None:
    client = session.client("ec2")
    with Stubber(client) as stubber:
        stubber.add_response("describe_security_groups", described())
        for _ in range(5):
            stubber.add_client_error("create_security_group", "InvalidGroup.Duplicate")
            stubber.add_response("describe_security_groups", described())

        with pytest.raises(AwsRefusedError, match=r"create cordon-dev-deny in vpc-1: .*Duplicate"):
            Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)


@pytest.mark.parametrize("role", list(GroupRole))
def test_a_group_that_is_not_seen_everywhere_yet_is_no_refusal(
    session: boto3.Session, role: GroupRole
) -> None:
    client = session.client("ec2")
    calls = {GroupRole.DENY: "revoke_security_group_egress"}
    with Stubber(client) as stubber:
        found = described(("sg-1", DEFAULT_EGRESS), role=role.value)
        stubber.add_response("describe_security_groups", found)
        call = calls.get(role, "authorize_security_group_ingress")
        stubber.add_client_error(call, "InvalidGroup.NotFound")

        with pytest.raises(AwsBusyError):
            Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", role)


def test_one_rule_that_cannot_be_revoked_keeps_none_of_the_others(session: boto3.Session) -> None:
    client = session.client("ec2")
    pair = {
        "GroupId": "sg-other",
        "GroupName": "bastion",
        "UserId": "444455556666",
        "VpcId": "vpc-9",
        "PeeringStatus": "active",
        "Description": "x",
    }
    odd = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [pair]}
    back = {**odd, "UserIdGroupPairs": [{"GroupId": "sg-other", "UserId": "444455556666"}]}
    plain = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    asked = [[back, plain], [back], [plain]]
    with Stubber(client) as stubber:
        found = described(("sg-1", [odd, *DEFAULT_EGRESS]))
        stubber.add_response("describe_security_groups", found)
        for rules, works in zip(asked, (False, False, True), strict=True):
            expected = {"GroupId": "sg-1", "IpPermissions": rules}
            if works:
                stubber.add_response("revoke_security_group_egress", {"Return": True}, expected)
            else:
                stubber.add_client_error(
                    "revoke_security_group_egress",
                    "InvalidParameterValue",
                    expected_params=expected,
                )

        with pytest.raises(AwsRefusedError, match="revoke the rules of sg-1"):
            Ec2SecurityGroups(client, "dev", AWS_ACCOUNT).prepare("vpc-1", GroupRole.DENY)

        stubber.assert_no_pending_responses()
