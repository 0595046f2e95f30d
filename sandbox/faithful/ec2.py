"""EC2 instances where moto 5.2.5 differs from AWS in ways that would make a response look right.

Codes are AWS's, from its documentation or public reports; the texts beside them are not.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance, MetadataOptions
from moto.ec2.responses import EC2Response
from moto.ec2.utils import filter_dict_attribute_mapping

from sandbox.faithful import ec2_addresses, ec2_interfaces, ec2_routes, ec2_rules, ec2_snapshots
from sandbox.faithful.mending import mend

# A picture of nothing, JPEG: what GetConsoleScreenshot shows of a machine that is not there.
_SCREENSHOT = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=="


def install() -> None:
    """Mend moto's EC2, for every account and region of this process."""
    ec2_addresses.install()
    ec2_interfaces.install()
    ec2_routes.install()
    ec2_rules.install()
    ec2_snapshots.install()
    _terminated_instances_stay_so()
    _terminated_instances_lose_their_interfaces()
    _tags_need_their_instance()
    _metadata_options_are_changed_one_by_one()
    _what_a_shutdown_does_is_changed()
    # Instances can be found by their role; moto knows no such filter.
    # Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    filter_dict_attribute_mapping["iam-instance-profile.arn"] = "iam_instance_profile.Arn"
    mend(EC2Response, "get_console_screenshot", _get_console_screenshot, is_new=True)


def _terminated_instances_stay_so() -> None:
    """Moto starts, reboots and changes a terminated instance, and so brings it back to life."""
    start, stop, reboot = Instance.start, Instance.stop, Instance.reboot
    change = EC2Backend.modify_instance_attribute

    def checked_start(instance: Any, *args: Any, **more: Any) -> Any:
        ec2_interfaces.refuse_if_gone(instance)
        return start(instance, *args, **more)

    def checked_stop(instance: Any, *args: Any, **more: Any) -> Any:
        ec2_interfaces.refuse_if_gone(instance)
        return stop(instance, *args, **more)

    def checked_reboot(instance: Any) -> None:
        if instance.state != "terminated":  # AWS ignores those
            reboot(instance)

    def checked_change(backend: Any, instance_id: str, key: str, value: Any) -> Any:
        if "profile" not in key:  # moto's own terminate() clears the profile this way
            ec2_interfaces.refuse_if_gone(backend.get_instance(instance_id))
        return change(backend, instance_id, key, value)

    mend(Instance, "start", checked_start)
    mend(Instance, "stop", checked_stop)
    mend(Instance, "reboot", checked_reboot)
    mend(EC2Backend, "modify_instance_attribute", checked_change)


def _terminated_instances_lose_their_interfaces() -> None:
    """Moto leaves them attached, and their groups in use.

    AWS deletes the primary interface, unless told otherwise, and detaches those attached later.
    """
    original = Instance.terminate

    def terminate(instance: Any) -> Any:
        previous = original(instance)
        for index, interface in list(instance.nics.items()):
            if index:
                instance.detach_eni(interface)
            elif interface.id in instance.ec2_backend.enis:
                interface.delete()
        return previous

    mend(Instance, "terminate", terminate)


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


def _what_a_shutdown_does_is_changed() -> None:
    """Moto passes over it, and answers that it was done."""
    original = EC2Response._dot_value_instance_attribute_handler

    def handle(response: Any) -> bool:
        behaviour = response._get_param("InstanceInitiatedShutdownBehavior.Value")
        if behaviour is None:
            return original(response)
        response.ec2_backend.modify_instance_attribute(
            response._get_param("InstanceId"), "instance_initiated_shutdown_behavior", behaviour
        )
        return True

    mend(EC2Response, "_dot_value_instance_attribute_handler", handle)


def _get_console_screenshot(response: Any) -> ActionResult:
    response.error_on_dryrun()
    instance = response.ec2_backend.get_instance(response._get_param("InstanceId"))
    return ActionResult({"InstanceId": instance.id, "ImageData": _SCREENSHOT})
