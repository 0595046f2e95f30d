"""EC2: Cordon's security groups, one pair for each VPC, made when they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError
from chalicelib.core.steps.network import Group, GroupRole

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef, SecurityGroupTypeDef

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
_AT_ONCE = 200  # ids that one call may filter by
# Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html

# Somebody else was quicker, with the same result.
_DONE_ALREADY = ("InvalidPermission.Duplicate", "InvalidPermission.NotFound")
_TAKEN = "InvalidGroup.Duplicate"
# A group that was just made is not seen everywhere at once.
# Source: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
_NOT_SEEN = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})
_ROLE_TAG = "cordon:role"
_RIVAL = re.compile(rf"cordon-[a-z0-9-]+-{GroupRole.DENY}(-[2-9])?")  # of any stage
_NAMES = 5  # in one VPC, for one role


class Ec2SecurityGroups:
    """The deny and drain groups of one account and region.

    A group is Cordon's by its name, its tag and its owner. One that only bears the name, since
    somebody made it first or took its tag away, blocks nothing: the next name is taken.
    """

    def __init__(self, client: EC2Client, stage: str, account_id: str) -> None:
        self._ec2 = client
        self._account_id = account_id
        self._prefix = f"cordon-{stage}-"
        self._role = re.compile(rf"{re.escape(self._prefix)}({'|'.join(GroupRole)})(-[2-9])?")

    def groups(self) -> tuple[Group, ...]:
        return tuple(
            Group(each["GroupId"], each["VpcId"], role, _is_ready(each, role))
            for each in self._named()
            if (role := self._role_of(each)) is not None and self._is_ours(each, role)
        )

    def impostors(self) -> tuple[str, ...]:
        return tuple(
            f"{each['GroupId']} in {each['VpcId']}"
            for each in self._named()
            if (role := self._role_of(each)) is not None and not self._is_ours(each, role)
        )

    def prepare(self, vpc_id: str, role: GroupRole) -> None:
        """Make the group, or mend it: that it exists says nothing about its rules.

        A new group allows everything out; what EC2 reports of it is revoked, both families.
        """
        group = self._find(vpc_id, role) or self._create(vpc_id, role)
        if group is None or _is_ready(group, role):
            return  # not to be seen yet: the reading after this one decides
        if role is GroupRole.DENY:
            self._revoke_all(group)
        else:
            self._allow_all(group)

    def rivals(self, group_ids: frozenset[str]) -> frozenset[str]:
        with aws_errors("see whose groups these are"):
            pages = self._ec2.get_paginator("describe_security_groups").paginate(
                Filters=[{"Name": "group-id", "Values": sorted(group_ids)[:_AT_ONCE]}]
            )
            found = [each for page in pages for each in page["SecurityGroups"]]
        return frozenset(
            each["GroupId"]
            for each in found
            if _RIVAL.fullmatch(each["GroupName"])
            and self._role_of(each) is None
            and self._is_ours(each, GroupRole.DENY)
            and _is_ready(each, GroupRole.DENY)
        )

    def existing(self, group_ids: frozenset[str]) -> Mapping[str, str]:
        ids, found = sorted(group_ids), dict[str, str]()
        with aws_errors("see which groups still exist"):
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                pages = self._ec2.get_paginator("describe_security_groups").paginate(
                    Filters=[{"Name": "group-id", "Values": some}]
                )
                groups = (each for page in pages for each in page["SecurityGroups"])
                found.update((each["GroupId"], each["VpcId"]) for each in groups)
        return found

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

    def _named(self, *more: FilterTypeDef) -> list[SecurityGroupTypeDef]:
        """Return all groups whose names are like Cordon's, in the order of their names."""
        names = [f"{self._prefix}{role}*" for role in GroupRole]
        pages = self._ec2.get_paginator("describe_security_groups").paginate(
            Filters=[{"Name": "group-name", "Values": names}, *more]
        )
        with aws_errors("describe Cordon's security groups"):
            found = [each for page in pages for each in page["SecurityGroups"]]
        return sorted(found, key=lambda each: each["GroupName"], reverse=True)

    def _role_of(self, group: SecurityGroupTypeDef) -> GroupRole | None:
        named = self._role.fullmatch(group["GroupName"])
        return GroupRole(named[1]) if named else None

    def _is_ours(self, group: SecurityGroupTypeDef, role: GroupRole) -> bool:
        tags = {tag["Key"]: tag["Value"] for tag in group.get("Tags", [])}
        return group["OwnerId"] == self._account_id and tags.get(_ROLE_TAG) == role

    def _find(self, vpc_id: str, role: GroupRole) -> SecurityGroupTypeDef | None:
        found = self._named({"Name": "vpc-id", "Values": [vpc_id]})
        ours = [each for each in found if self._role_of(each) is role and self._is_ours(each, role)]
        return ours[-1] if ours else None  # of several, that with the first name

    def _create(self, vpc_id: str, role: GroupRole) -> SecurityGroupTypeDef | None:
        """Make a group under the first of its names that nobody has taken; None: not seen yet.

        Two workers that find none take the same name: the second one is told so.
        """
        first = f"{self._prefix}{role}"
        for name in (first, *(f"{first}-{number}" for number in range(2, _NAMES + 1))):
            with aws_errors(f"create {name} in {vpc_id}"):
                try:
                    self._ec2.create_security_group(
                        GroupName=name,
                        Description=_DESCRIPTIONS[role],
                        VpcId=vpc_id,
                        TagSpecifications=[
                            {
                                "ResourceType": "security-group",
                                "Tags": [{"Key": _ROLE_TAG, "Value": role.value}],
                            }
                        ],
                    )
                except ClientError as error:
                    if code_of(error) != _TAKEN:
                        raise
                else:
                    return self._find(vpc_id, role)
            if found := self._find(vpc_id, role):
                return found
        raise AwsRefusedError(f"create {first} in {vpc_id}", _TAKEN)

    def _revoke_all(self, group: SecurityGroupTypeDef) -> None:
        group_id = group["GroupId"]
        failed = [
            error
            for revoke, rules in (
                (self._ec2.revoke_security_group_ingress, group["IpPermissions"]),
                (self._ec2.revoke_security_group_egress, group["IpPermissionsEgress"]),
            )
            for error in _revoke(revoke, group_id, [_rule(each) for each in rules])
        ]
        if failed:
            raise failed[0]

    def _allow_all(self, group: SecurityGroupTypeDef) -> None:
        group_id = group["GroupId"]
        with aws_errors(f"open {group_id}", not_yet=_NOT_SEEN):
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


# The parts of a rule by which EC2 knows it again; what it tells beside them, such as the name of a
# group in another VPC, it does not take back.
_KNOWN_BY = {
    "IpRanges": ("CidrIp",),
    "Ipv6Ranges": ("CidrIpv6",),
    "PrefixListIds": ("PrefixListId",),
    "UserIdGroupPairs": ("GroupId", "UserId"),
}


def _rule(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as EC2 takes it back."""
    sources = {
        kind: [{key: each[key] for key in keys if each.get(key)} for each in described[kind]]
        for kind, keys in _KNOWN_BY.items()
        if described.get(kind)
    }
    ports = {key: described[key] for key in ("FromPort", "ToPort") if key in described}
    return {"IpProtocol": described["IpProtocol"], **ports, **sources}


def _revoke(revoke: Any, group_id: str, rules: list[dict[str, Any]]) -> Iterator[CordonError]:
    """Revoke `rules` at once, or each by itself where one of them cannot be; yield what failed."""
    if not rules:
        return
    try:
        with aws_errors(f"revoke the rules of {group_id}", not_yet=_NOT_SEEN):
            _unless_done(revoke, GroupId=group_id, IpPermissions=rules)
    except AwsRefusedError as error:
        if len(rules) == 1:
            yield error
            return
        for rule in rules:
            yield from _revoke(revoke, group_id, [rule])
    except AwsBusyError as error:
        yield error


def _unless_done(call: Any, **arguments: Any) -> None:
    try:
        call(**arguments)
    except ClientError as error:
        if code_of(error) not in _DONE_ALREADY:
            raise
