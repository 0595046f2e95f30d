"""The rules of Cordon's groups, as EC2 describes them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.core.steps.network import GroupRole
from sandbox.faithful.faults import Faults
from tests.adapters.aws import AWS_ACCOUNT
from tests.adapters.sites import AwsSite

EVERYWHERE = {"0.0.0.0/0", "::/0"}


@pytest.fixture
def vpc(ec2: AwsSite) -> str:
    return ec2.make_vpc()


def made(ec2: AwsSite, vpc_id: str, role: GroupRole) -> str:
    ec2.groups.prepare(vpc_id, role)
    return next(g.id for g in ec2.groups.groups() if (g.vpc_id, g.role) == (vpc_id, role))


def opened_to(rules: list[Any]) -> set[str]:
    """Return the ranges that rules for every protocol let through."""
    everything = [rule for rule in rules if rule["IpProtocol"] == "-1"]
    v4 = {each["CidrIp"] for rule in everything for each in rule["IpRanges"]}
    return v4 | {each["CidrIpv6"] for rule in everything for each in rule["Ipv6Ranges"]}


def rule_from_v4(ec2: AwsSite, vpc_id: str) -> Any:
    del ec2, vpc_id
    return {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
    }


def rule_from_v6(ec2: AwsSite, vpc_id: str) -> Any:
    del ec2, vpc_id
    return {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "all of v6"}]}


def rule_from_a_prefix_list(ec2: AwsSite, vpc_id: str) -> Any:
    del vpc_id
    made = ec2.client.create_managed_prefix_list(
        PrefixListName="office", MaxEntries=1, AddressFamily="IPv4"
    )
    return {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "PrefixListIds": [{"PrefixListId": made["PrefixList"]["PrefixListId"]}],
    }


def rule_from_a_group(ec2: AwsSite, vpc_id: str) -> Any:
    pair = {"GroupId": ec2.make_group(vpc_id), "Description": "a friend"}
    return {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "UserIdGroupPairs": [pair]}


RULES = [rule_from_v4, rule_from_v6, rule_from_a_prefix_list, rule_from_a_group]


def test_a_new_deny_group_lets_nothing_in_and_nothing_out(ec2: AwsSite, vpc: str) -> None:
    deny = made(ec2, vpc, GroupRole.DENY)

    assert ec2.rules(deny) == ([], [])


def test_a_group_is_named_after_the_stage_and_tagged_with_its_role(ec2: AwsSite, vpc: str) -> None:
    described = ec2.client.describe_security_groups(GroupIds=[made(ec2, vpc, GroupRole.DENY)])

    (group,) = described["SecurityGroups"]
    assert group["GroupName"] == "cordon-dev-deny"
    assert group["Tags"] == [{"Key": "cordon:role", "Value": "deny"}]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("inwards", [True, False])
def test_a_deny_group_that_was_given_a_rule_loses_it_again(
    ec2: AwsSite, vpc: str, rule: Any, *, inwards: bool
) -> None:
    deny = made(ec2, vpc, GroupRole.DENY)
    allow = (
        ec2.client.authorize_security_group_ingress
        if inwards
        else ec2.client.authorize_security_group_egress
    )
    allow(GroupId=deny, IpPermissions=[rule(ec2, vpc)])
    assert ec2.rules(deny) != ([], [])

    ec2.groups.prepare(vpc, GroupRole.DENY)

    assert ec2.rules(deny) == ([], [])
    assert [group.is_ready for group in ec2.groups.groups()] == [True]


def test_a_deny_group_that_was_given_many_rules_loses_them_all(ec2: AwsSite, vpc: str) -> None:
    deny = made(ec2, vpc, GroupRole.DENY)
    rules = [rule(ec2, vpc) for rule in RULES]
    ec2.client.authorize_security_group_ingress(GroupId=deny, IpPermissions=rules)
    ec2.client.authorize_security_group_egress(GroupId=deny, IpPermissions=rules)

    ec2.groups.prepare(vpc, GroupRole.DENY)

    assert ec2.rules(deny) == ([], [])


def test_a_drain_group_lets_everything_in_and_out_of_both_families(ec2: AwsSite, vpc: str) -> None:
    inwards, outwards = ec2.rules(made(ec2, vpc, GroupRole.DRAIN))

    assert opened_to(inwards) == EVERYWHERE
    assert opened_to(outwards) == EVERYWHERE


def test_a_drain_group_that_lost_a_family_gets_it_back(ec2: AwsSite, vpc: str) -> None:
    drain = made(ec2, vpc, GroupRole.DRAIN)
    v6: Any = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    ec2.client.revoke_security_group_egress(GroupId=drain, IpPermissions=[v6])
    assert not ec2.groups.groups()[0].is_ready

    ec2.groups.prepare(vpc, GroupRole.DRAIN)

    assert opened_to(ec2.rules(drain)[1]) == EVERYWHERE


def test_a_drain_group_that_allows_one_protocol_only_is_opened_further(
    ec2: AwsSite, vpc: str
) -> None:
    drain = made(ec2, vpc, GroupRole.DRAIN)
    everything: Any = {
        "IpProtocol": "-1",
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }
    ec2.client.revoke_security_group_ingress(GroupId=drain, IpPermissions=[everything])
    tcp: Any = {**everything, "IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}
    ec2.client.authorize_security_group_ingress(GroupId=drain, IpPermissions=[tcp])
    assert not ec2.groups.groups()[0].is_ready

    ec2.groups.prepare(vpc, GroupRole.DRAIN)

    assert opened_to(ec2.rules(drain)[0]) == EVERYWHERE


def test_a_group_that_is_ready_is_only_looked_at(ec2: AwsSite, vpc: str) -> None:
    made(ec2, vpc, GroupRole.DENY)

    with Faults().on() as faults:
        ec2.groups.prepare(vpc, GroupRole.DENY)

    assert [call.operation for call in faults.calls] == ["ec2.DescribeSecurityGroups"]


def test_the_rules_of_a_group_in_another_vpc_stay(ec2: AwsSite, vpc: str) -> None:
    other = ec2.make_vpc()
    theirs = made(ec2, other, GroupRole.DENY)
    rule = rule_from_v4(ec2, other)
    ec2.client.authorize_security_group_ingress(GroupId=theirs, IpPermissions=[rule])

    made(ec2, vpc, GroupRole.DENY)

    assert len(ec2.rules(theirs)[0]) == 1


def test_a_group_whose_name_only_begins_like_ours_is_not_ours(ec2: AwsSite, vpc: str) -> None:
    for name in ("cordon-dev-deny-2", "cordon-prod-deny", "deny"):
        ec2.client.create_security_group(GroupName=name, Description="x", VpcId=vpc)

    assert ec2.groups.groups() == ()


def test_the_deny_group_of_another_stage_is_a_rivals_while_it_has_no_rules(ec2: AwsSite) -> None:
    vpc = ec2.make_vpc()
    other = Ec2SecurityGroups(ec2.client, "other", AWS_ACCOUNT)
    for groups in (ec2.groups, other):
        groups.prepare(vpc, GroupRole.DENY)
    (mine,), (theirs,) = ec2.groups.groups(), other.groups()
    asked = frozenset({mine.id, theirs.id, ec2.make_group(vpc)})

    assert ec2.groups.rivals(asked) == {theirs.id}
    ec2.poison(theirs)
    assert ec2.groups.rivals(asked) == frozenset()
