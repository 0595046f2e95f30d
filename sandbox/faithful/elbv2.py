"""Target groups: a target is an instance and a port; what left, left."""

from __future__ import annotations

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

from sandbox.faithful.mending import mend

Target = dict[str, Any]


def install() -> None:
    """Mend moto's target groups for this process."""
    mend(FakeTargetGroup, "register", _register)
    mend(FakeTargetGroup, "deregister", _deregister)
    mend(FakeTargetGroup, "deregister_terminated_instances", _forget_terminated)
    mend(FakeTargetGroup, "health_for", _health)


def _registered(group: Any, target: Target) -> list[tuple[str, int]]:
    """Return the keys under which `target` is registered.

    A target that was registered with a port of its own is deregistered with that port only.
    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
    """
    wanted = (target["Id"], int(target.get("Port") or group.port))
    return [key for key in group.targets if key == wanted]


def _register(group: Any, targets: list[Target]) -> None:
    for target in targets:
        if target["Id"].startswith("i-"):
            _refuse_unless_running(group, target["Id"])
    for target in targets:
        key = (target["Id"], int(target.get("Port") or group.port))
        zone = target.get("AvailabilityZone")
        group.targets[key] = {
            "Id": key[0],
            "Port": key[1],
            **({"AvailabilityZone": zone} if zone else {}),
        }
        group.deregistered_targets.pop(key, None)


def _refuse_unless_running(group: Any, instance_id: str) -> None:
    instance = group.ec2_backend.get_instance_by_id(instance_id)
    if instance is None:
        raise ELBClientError("InvalidTarget", f"Instance ID '{instance_id}' is not valid")
    if instance.state != "running":
        raise ELBClientError("InvalidTarget", f"'{instance_id}' is not in a running state")


def _deregister(group: Any, targets: list[Target]) -> None:
    for target in targets:
        for key in _registered(group, target):
            group.deregistered_targets[key] = group.targets.pop(key)


def _forget_terminated(group: Any, instance_ids: list[str]) -> None:
    for key in [key for key in group.targets if key[0] in instance_ids]:
        group.terminated_targets[key] = group.targets.pop(key)


class _Health(FakeHealthStatus):
    """Moto's forgets the zone of the target."""

    def __init__(self, target: Target, health_port: str, *said: str) -> None:
        super().__init__(target["Id"], str(target["Port"]), health_port, *said)
        self._target = target

    @property
    def target(self) -> Target:
        return self._target


def _health(group: Any, target: Target, ec2_backend: Any) -> Any:
    keys = _registered(group, target)
    known = group.targets[keys[0]] if keys else {"Port": group.port, **target}

    def status(*said: str) -> Any:
        return _Health(known, group.health_check_port, *said)

    if not keys:
        return status("unused", "Target.NotRegistered", "It is not registered")
    is_instance = target["Id"].startswith("i-")
    instance = ec2_backend.get_instance_by_id(target["Id"]) if is_instance else None
    if instance and instance.state != "running":
        why = f"Target is in the {instance.state} state"
        return status("unused", "Target.InvalidState", why)
    return status("healthy")
