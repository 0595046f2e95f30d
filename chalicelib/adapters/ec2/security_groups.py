"""EC2: Cordon's security groups, one pair for each VPC, made when they are needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.steps.network import Group, GroupRole

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import SecurityGroupTypeDef

PERMISSIONS = (
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateSecurityGroup",
    "ec2:CreateTags",
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
)
WATCH_PERMISSIONS = ("ec2:DescribeInstances", "ec2:DescribeVpcs")

_DESCRIPTIONS = {
    GroupRole.DENY: "Cordon: nothing in, nothing out",
    GroupRole.DRAIN: "Cordon: everything for a moment, so that tracked connections end",
}
_EVERYWHERE: Mapping[str, list[dict[str, str]]] = {
    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
}
# Somebody else was quicker, with the same result.
_AT_ONCE = 200  # ids that one call may filter by
# Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
_DONE_ALREADY = (
    "InvalidGroup.Duplicate",
    "InvalidPermission.Duplicate",
    "InvalidPermission.NotFound",
)


class Ec2SecurityGroups:
    """The deny and drain groups of one account and region."""

    def __init__(self, client: EC2Client, stage: str) -> None:
        self._ec2 = client
        self._names = {role: f"cordon-{stage}-{role}" for role in GroupRole}

    def groups(self) -> tuple[Group, ...]:
        roles = {name: role for role, name in self._names.items()}
        pages = self._ec2.get_paginator("describe_security_groups").paginate(
            Filters=[{"Name": "group-name", "Values": list(roles)}]
        )
        with aws_errors("describe Cordon's security groups"):
            found = [each for page in pages for each in page["SecurityGroups"]]
        return tuple(
            Group(each["GroupId"], each["VpcId"], role, _is_ready(each, role))
            for each in found
            if (role := roles.get(each["GroupName"])) is not None
        )

    def prepare(self, vpc_id: str, role: GroupRole) -> None:
        """Make the group, or mend it: that it exists says nothing about its rules.

        A new group allows everything out; what EC2 reports of it is revoked, both families.
        """
        group = self._find(vpc_id, role)
        if group is None:
            self._create(vpc_id, role)
            group = self._find(vpc_id, role)
        if group is None or _is_ready(group, role):
            return  # not to be seen yet: the reading after this one decides
        if role is GroupRole.DENY:
            self._revoke_all(group)
        else:
            self._allow_all(group)

    def existing(self, group_ids: frozenset[str]) -> frozenset[str]:
        ids, found = sorted(group_ids), set[str]()
        with aws_errors("see which groups still exist"):
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                pages = self._ec2.get_paginator("describe_security_groups").paginate(
                    Filters=[{"Name": "group-id", "Values": some}]
                )
                found.update(each["GroupId"] for page in pages for each in page["SecurityGroups"])
        return frozenset(found)

    def vpcs(self) -> frozenset[str]:
        pages = self._ec2.get_paginator("describe_vpcs").paginate()
        with aws_errors("describe the VPCs"):
            return frozenset(each["VpcId"] for page in pages for each in page["Vpcs"])

    def is_in_use(self, vpc_id: str) -> bool:
        with aws_errors(f"look for instances in {vpc_id}"):
            pages = self._ec2.get_paginator("describe_instances").paginate(
                Filters=[{"Name": "vpc-id", "Values": [vpc_id]}], PaginationConfig={"PageSize": 5}
            )
            return any(page["Reservations"] for page in pages)

    def _find(self, vpc_id: str, role: GroupRole) -> SecurityGroupTypeDef | None:
        with aws_errors(f"describe {self._names[role]} in {vpc_id}"):
            answer = self._ec2.describe_security_groups(
                Filters=[
                    {"Name": "group-name", "Values": [self._names[role]]},
                    {"Name": "vpc-id", "Values": [vpc_id]},
                ]
            )
        return next(iter(answer["SecurityGroups"]), None)

    def _create(self, vpc_id: str, role: GroupRole) -> None:
        with aws_errors(f"create {self._names[role]} in {vpc_id}"):
            _unless_done(
                self._ec2.create_security_group,
                GroupName=self._names[role],
                Description=_DESCRIPTIONS[role],
                VpcId=vpc_id,
                TagSpecifications=[
                    {
                        "ResourceType": "security-group",
                        "Tags": [{"Key": "cordon:role", "Value": role.value}],
                    }
                ],
            )

    def _revoke_all(self, group: SecurityGroupTypeDef) -> None:
        group_id = group["GroupId"]
        with aws_errors(f"revoke the rules of {group_id}"):
            if group["IpPermissions"]:
                _unless_done(
                    self._ec2.revoke_security_group_ingress,
                    GroupId=group_id,
                    IpPermissions=[_rule(each) for each in group["IpPermissions"]],
                )
            if group["IpPermissionsEgress"]:
                _unless_done(
                    self._ec2.revoke_security_group_egress,
                    GroupId=group_id,
                    IpPermissions=[_rule(each) for each in group["IpPermissionsEgress"]],
                )

    def _allow_all(self, group: SecurityGroupTypeDef) -> None:
        group_id = group["GroupId"]
        with aws_errors(f"open {group_id}"):
            for allow, present in (
                (self._ec2.authorize_security_group_ingress, group["IpPermissions"]),
                (self._ec2.authorize_security_group_egress, group["IpPermissionsEgress"]),
            ):
                if missing := _missing(present):
                    _unless_done(allow, GroupId=group_id, IpPermissions=[missing])


def _is_ready(group: SecurityGroupTypeDef, role: GroupRole) -> bool:
    rules = (group["IpPermissions"], group["IpPermissionsEgress"])
    if role is GroupRole.DENY:
        return not any(rules)
    return not any(_missing(each) for each in rules)


def _missing(present: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the rule that `present` lacks to allow everything, of both address families."""
    everything = [rule for rule in present if rule.get("IpProtocol") == "-1"]
    missing = {
        family: ranges
        for family, ranges in _EVERYWHERE.items()
        if not any(
            ranges[0].items() <= each.items() for r in everything for each in r.get(family, ())
        )
    }
    return {"IpProtocol": "-1", **missing} if missing else None


def _rule(described: Mapping[str, Any]) -> Any:
    """Return a rule as EC2 takes it back: without the parts that are empty."""
    return {key: value for key, value in described.items() if value not in ([], "", None)}


def _unless_done(call: Any, **arguments: Any) -> None:
    try:
        call(**arguments)
    except ClientError as error:
        if code_of(error) not in _DONE_ALREADY:
            raise
