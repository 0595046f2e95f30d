"""Network interfaces and security groups: whose groups they are, and what may be done with them.

Codes are AWS's, from its documentation or public reports; the texts beside them are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidSecurityGroupNotFoundError,
)
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance

from sandbox.faithful.mending import mend

GROUPS_PER_INTERFACE = 5  # AWS's default quota


def install() -> None:
    """Mend moto's interfaces and groups, for every account and region of this process."""
    _interfaces_own_their_groups()
    _new_interfaces_are_checked()
    _interface_groups_are_replaced_and_checked()
    _instance_groups_need_a_single_interface()
    _interfaces_need_a_living_instance()
    _groups_in_use_stay()


def refuse_if_gone(instance: Any) -> None:
    """Refuse what a terminated instance, or one on the way there, cannot do."""
    if instance.state in ("shutting-down", "terminated"):
        why = f"The instance '{instance.id}' is {instance.state}."
        raise EC2ClientError("IncorrectInstanceState", why)


def _interfaces_own_their_groups() -> None:
    """Moto mixes an instance's groups into those of its interfaces; in AWS it has none itself."""

    def of_primary(instance: Any) -> list[Any]:
        primary = vars(instance).get("nics", {}).get(0)
        return list(primary._group_set) if primary else vars(instance).get("_launch_groups", [])

    def at_launch(instance: Any, groups: list[Any]) -> None:
        vars(instance)["_launch_groups"] = groups

    mend(NetworkInterface, "group_set", property(lambda interface: interface._group_set))
    mend(Instance, "security_groups", property(of_primary, at_launch), is_new=True)


def _new_interfaces_are_checked() -> None:
    """Moto makes up a group that it does not know, and takes those of another network."""
    original = EC2Backend.create_network_interface

    def create(
        backend: Any,
        subnet: Any,
        private_ip_address: Any,
        private_ip_addresses: Any = None,
        group_ids: list[str] | None = None,
        *args: Any,
        **more: Any,
    ) -> Any:
        place = backend.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if group_ids:
            group_ids = [g.id for g in _checked_groups(backend, place.vpc_id, group_ids)]
        return original(
            backend, subnet, private_ip_address, private_ip_addresses, group_ids, *args, **more
        )

    mend(EC2Backend, "create_network_interface", create)


def _interface_groups_are_replaced_and_checked() -> None:
    original = EC2Backend.modify_network_interface_attribute

    def modify(
        backend: Any,
        eni_id: str,
        group_ids: list[str],
        source_dest_check: bool | None = None,  # noqa: FBT001 - moto's signature
        description: str | None = None,
    ) -> None:
        interface = backend.get_network_interface(eni_id)
        if interface.requester_managed:
            why = f"You do not have permission to modify the interface '{eni_id}'."
            raise EC2ClientError("OperationNotPermitted", why)
        groups = _checked_groups(backend, interface.vpc_id, group_ids)
        original(backend, eni_id, [], source_dest_check, description)
        if groups:
            interface._group_set = groups

    mend(EC2Backend, "modify_network_interface_attribute", modify)


def _checked_groups(backend: Any, vpc_id: str, group_ids: list[str]) -> list[Any]:
    if len(set(group_ids)) > GROUPS_PER_INTERFACE:
        code = "SecurityGroupsPerInterfaceLimitExceeded"
        raise EC2ClientError(code, "Too many security groups for one interface.")
    groups = []
    for group_id in dict.fromkeys(group_ids):
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        if group.vpc_id != vpc_id:
            why = f"{group_id} and the interface belong to different networks."
            raise EC2ClientError("InvalidParameter", why)
        groups.append(group)
    return groups


def _instance_groups_need_a_single_interface() -> None:
    def modify(backend: Any, instance_id: str, group_ids: list[str]) -> Any:
        instance = backend.get_instance(instance_id)
        refuse_if_gone(instance)
        if len(instance.nics) > 1:
            why = f"There are multiple interfaces attached to instance '{instance_id}'."
            raise EC2ClientError("InvalidInstanceID", why)
        interface = instance.nics[0]
        interface._group_set = _checked_groups(backend, interface.vpc_id, group_ids)
        return instance

    mend(EC2Backend, "modify_instance_security_groups", modify)


def _interfaces_need_a_living_instance() -> None:
    original = EC2Backend.attach_network_interface

    def attach(backend: Any, eni_id: str, instance_id: str, device_index: int) -> Any:
        refuse_if_gone(backend.get_instance(instance_id))
        return original(backend, eni_id, instance_id, device_index)

    mend(EC2Backend, "attach_network_interface", attach)


def _groups_in_use_stay() -> None:
    """A group stays while an interface has it or another group's rule names it.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
    """
    original = EC2Backend.delete_security_group

    def delete(backend: Any, name: str | None = None, group_id: str | None = None) -> Any:
        group = backend.get_security_group_by_name_or_id(group_id or name)
        if group and group.id in _group_ids_in_use(backend, but_by=group.id):
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
        return original(backend, name, group_id)

    mend(EC2Backend, "delete_security_group", delete)


def _group_ids_in_use(backend: Any, but_by: str) -> Iterator[str]:
    for interface in backend.enis.values():
        yield from (group.id for group in interface._group_set)
    others = (g for groups in backend.groups.values() for g in groups.values() if g.id != but_by)
    for other in others:
        for rule in (*other.ingress_rules, *other.egress_rules):
            yield rule.source_group.get("GroupId", "")
