"""The rules of security groups: what is revoked is gone, and a rule is what it allows.

On plain moto a group that still lets IPv6 out would look as if it had been emptied.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidPermissionNotFoundError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule

from sandbox.faithful.mending import mend


def install() -> None:
    """Mend the rules of moto's security groups, for every account and region of this process."""
    _ipv6_egress_is_revoked()
    mend(SecurityGroupRule, "__eq__", _allows_the_same)


def _ipv6_egress_is_revoked() -> None:
    """Moto says yes, and keeps the rule, where the VPC has no IPv6 block of its own."""
    original = EC2Backend.revoke_security_group_egress

    def revoke(  # noqa: PLR0913, PLR0917 - moto's signature
        backend: Any,
        group_name_or_id: str,
        ip_protocol: str,
        from_port: str,
        to_port: str,
        ip_ranges: list[dict[str, str]],
        *args: Any,
        **more: Any,
    ) -> None:
        where = (ip_protocol, group_name_or_id, from_port, to_port)
        ipv6 = [each for each in ip_ranges if "CidrIpv6" in each]
        others = [each for each in ip_ranges if "CidrIpv6" not in each]
        group = backend.get_security_group_by_name_or_id(group_name_or_id)
        revoked = list(backend._iterate_security_rules(*where, ipv6, [], [], is_egress=True))
        if group and not all(rule in group.egress_rules for rule in revoked):
            raise InvalidPermissionNotFoundError
        original(backend, group_name_or_id, ip_protocol, from_port, to_port, others, *args, **more)
        group.egress_rules = [rule for rule in group.egress_rules if rule not in revoked]

    mend(EC2Backend, "revoke_security_group_egress", revoke)


def _allows_the_same(rule: Any, other: object) -> bool:
    """Tell whether two rules are one to AWS, whatever their descriptions say.

    Moto compares the descriptions of references to groups, and so does not find such a rule when
    it is revoked without its description.
    """
    return isinstance(other, SecurityGroupRule) and _allowed(rule) == _allowed(other)


def _allowed(rule: Any) -> tuple[Any, ...]:
    has_ports = rule.ip_protocol != "-1"
    return (
        rule.ip_protocol,
        (rule.from_port, rule.to_port) if has_ports else None,
        rule.ip_range.get("CidrIp"),
        rule.ip_range.get("CidrIpv6"),
        rule.source_group.get("GroupId"),
        rule.source_group.get("UserId"),
        rule.prefix_list_id,
    )
