"""EC2 where moto 5.2.5 differs from AWS in ways that would make a containment look right or wrong.

Codes are AWS's, from its documentation or public reports; the texts beside them are not.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidInstanceIdError,
    InvalidSecurityGroupNotFoundError,
)
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import Instance, MetadataOptions
from moto.ec2.responses import EC2Response

from sandbox.faithful.mending import mend

GROUPS_PER_INTERFACE = 5  # AWS's default quota

# A picture of nothing, JPEG: what GetConsoleScreenshot shows of a machine that is not there.
_SCREENSHOT = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=="


def install() -> None:
    """Mend moto's EC2, for every account and region of this process."""
    _interfaces_own_their_groups()
    _interface_groups_are_replaced_and_checked()
    _instance_groups_need_a_single_interface()
    _groups_in_use_stay()
    _terminated_instances_stay_so()
    _tags_need_their_instance()
    _metadata_options_are_changed_one_by_one()
    mend(EC2Response, "get_console_screenshot", _get_console_screenshot, is_new=True)


def _interfaces_own_their_groups() -> None:
    """Moto mixes an instance's groups into those of its interfaces; in AWS it has none itself."""

    def of_primary(instance: Any) -> list[Any]:
        primary = vars(instance).get("nics", {}).get(0)
        return list(primary._group_set) if primary else vars(instance).get("_launch_groups", [])

    def at_launch(instance: Any, groups: list[Any]) -> None:
        vars(instance)["_launch_groups"] = groups

    mend(NetworkInterface, "group_set", property(lambda interface: interface._group_set))
    mend(Instance, "security_groups", property(of_primary, at_launch), is_new=True)


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
        groups = _checked_groups(backend, interface, group_ids)
        original(backend, eni_id, [], source_dest_check, description)
        if groups:
            interface._group_set = groups

    mend(EC2Backend, "modify_network_interface_attribute", modify)


def _checked_groups(backend: Any, interface: Any, group_ids: list[str]) -> list[Any]:
    if len(set(group_ids)) > GROUPS_PER_INTERFACE:
        code = "SecurityGroupsPerInterfaceLimitExceeded"
        raise EC2ClientError(code, "Too many security groups for one interface.")
    groups = []
    for group_id in dict.fromkeys(group_ids):
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise InvalidSecurityGroupNotFoundError(group_id)
        if group.vpc_id != interface.subnet.vpc_id:
            why = f"{group_id} and {interface.id} belong to different networks."
            raise EC2ClientError("InvalidParameter", why)
        groups.append(group)
    return groups


def _instance_groups_need_a_single_interface() -> None:
    def modify(backend: Any, instance_id: str, group_ids: list[str]) -> Any:
        instance = backend.get_instance(instance_id)
        _refuse_if_gone(instance)
        if len(instance.nics) > 1:
            why = f"There are multiple interfaces attached to instance '{instance_id}'."
            raise EC2ClientError("InvalidInstanceID", why)
        interface = instance.nics[0]
        interface._group_set = _checked_groups(backend, interface, group_ids)
        return instance

    mend(EC2Backend, "modify_instance_security_groups", modify)


def _groups_in_use_stay() -> None:
    original = EC2Backend.delete_security_group

    def delete(backend: Any, name: str | None = None, group_id: str | None = None) -> Any:
        used = (group.id for eni in backend.enis.values() for group in eni._group_set)
        if group_id and group_id in used:
            raise DependencyViolationError(f"resource {group_id} has a dependent object")
        return original(backend, name, group_id)

    mend(EC2Backend, "delete_security_group", delete)


def _terminated_instances_stay_so() -> None:
    """Moto starts, stops and changes a terminated instance, and so brings it back to life."""
    start, stop, change = Instance.start, Instance.stop, EC2Backend.modify_instance_attribute

    def checked_start(instance: Any, *args: Any, **more: Any) -> Any:
        _refuse_if_gone(instance)
        return start(instance, *args, **more)

    def checked_stop(instance: Any, *args: Any, **more: Any) -> Any:
        _refuse_if_gone(instance)
        return stop(instance, *args, **more)

    def checked_change(backend: Any, instance_id: str, key: str, value: Any) -> Any:
        if "profile" not in key:  # moto's own terminate() clears the profile this way
            _refuse_if_gone(backend.get_instance(instance_id))
        return change(backend, instance_id, key, value)

    mend(Instance, "start", checked_start)

    mend(Instance, "stop", checked_stop)
    mend(EC2Backend, "modify_instance_attribute", checked_change)


def _refuse_if_gone(instance: Any) -> None:
    if instance.state in ("shutting-down", "terminated"):
        why = f"The instance '{instance.id}' is {instance.state}."
        raise EC2ClientError("IncorrectInstanceState", why)


def _tags_need_their_instance() -> None:
    original = EC2Backend.do_resources_exist

    def exist(backend: Any, resource_ids: list[str]) -> Any:
        unknown = [
            each
            for each in resource_ids
            if each.startswith("i-") and backend.get_instance_by_id(each) is None
        ]
        if unknown:
            raise InvalidInstanceIdError(unknown)
        return original(backend, resource_ids)

    mend(EC2Backend, "do_resources_exist", exist)


def _metadata_options_are_changed_one_by_one() -> None:
    original = EC2Backend.modify_instance_metadata_options

    def modify(  # noqa: PLR0913, PLR0917 - moto's signature
        backend: Any,
        instance_id: str,
        http_tokens: str | None = None,
        hop_limit: int | None = None,
        http_endpoint: str | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002
        http_protocol: str | None = None,
        metadata_tags: str | None = None,
    ) -> Any:
        now = backend.get_instance(instance_id).metadata_options or MetadataOptions()
        return original(
            backend,
            instance_id,
            http_tokens or now.http_tokens or "optional",
            now.http_put_response_hop_limit if hop_limit is None else hop_limit,
            http_endpoint or now.http_endpoint or "enabled",
            dry_run,
            http_protocol or now.http_protocol_ipv6 or "disabled",
            metadata_tags or now.instance_metadata_tags or "disabled",
        )

    mend(EC2Backend, "modify_instance_metadata_options", modify)


def _get_console_screenshot(response: Any) -> ActionResult:
    response.error_on_dryrun()
    instance = response.ec2_backend.get_instance(response._get_param("InstanceId"))
    return ActionResult({"InstanceId": instance.id, "ImageData": _SCREENSHOT})
