"""What EC2 does with the rules of security groups."""

from __future__ import annotations

from typing import Any

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import Estate, code_of

_ANY_IPV6 = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}


@gap
def ipv6_egress_is_revoked_where_the_vpc_has_no_ipv6(estate: Estate) -> None:
    ec2, group = estate.ec2, _group_without_ipv6(estate)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[_ANY_IPV6])

    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[_ANY_IPV6])

    described = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    (left,) = described["IpPermissionsEgress"]
    assert (left["IpRanges"], left["Ipv6Ranges"]) == ([{"CidrIp": "0.0.0.0/0"}], [])


@gap
def ipv6_egress_that_is_not_there_is_not_revoked(estate: Estate) -> None:
    group = _group_without_ipv6(estate)

    refused = code_of(
        estate.ec2.revoke_security_group_egress, GroupId=group, IpPermissions=[_ANY_IPV6]
    )

    assert refused == "InvalidPermission.NotFound"


@gap
def a_reference_is_revoked_without_its_description(estate: Estate) -> None:
    ec2, group = estate.ec2, estate.deny
    said = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": estate.app, "Description": "x"}]}
    meant = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": estate.app}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[said])

    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[meant])

    assert _described(estate)[0] == []


@fact
def a_rule_is_not_taken_for_another(estate: Estate) -> None:
    ec2, group = estate.ec2, estate.deny
    for rule in _rules_of_every_kind(estate):
        assert (
            code_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
            is None
        )
        assert (
            code_of(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
            == "InvalidPermission.Duplicate"
        )


@fact
def rules_that_are_revoked_as_described_are_gone(estate: Estate) -> None:
    ec2, group = estate.ec2, estate.deny
    rules = _rules_of_every_kind(estate)
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=_described(estate)[1])
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=rules)
    coming, going = _described(estate)
    assert len(coming) == len(going) == 4

    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=coming)
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=going)

    assert _described(estate) == ([], [])
    left = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert left["SecurityGroupRules"] == []


def _group_without_ipv6(estate: Estate) -> str:
    vpc = estate.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    return estate.group("old", vpc)


def _described(estate: Estate) -> tuple[list[Any], list[Any]]:
    found = estate.ec2.describe_security_groups(GroupIds=[estate.deny])["SecurityGroups"][0]
    return found["IpPermissions"], found["IpPermissionsEgress"]


def _rules_of_every_kind(estate: Estate) -> list[dict[str, Any]]:
    prefixes = estate.ec2.create_managed_prefix_list(
        PrefixListName="ours", MaxEntries=1, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    return [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "four"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "six"}],
            "PrefixListIds": [{"PrefixListId": prefixes}],
            "UserIdGroupPairs": [{"GroupId": estate.app, "Description": "ours"}],
        },
        {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {
            "IpProtocol": "icmp",
            "FromPort": -1,
            "ToPort": -1,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        },
        {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "UserIdGroupPairs": [{"GroupId": estate.deny}],
        },
    ]
