"""Target groups: a target is an instance and a port; what left, left."""

from __future__ import annotations

import time
from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from sandbox.faithful.mending import mend

Target = dict[str, Any]

_FLOWS = ("TCP", "TCP_UDP", "TLS", "UDP")  # of a Network Load Balancer


def install() -> None:
    """Mend moto's target groups for this process."""
    mend(FakeTargetGroup, "register", _register)
    mend(FakeTargetGroup, "deregister", _deregister)
    mend(FakeTargetGroup, "deregister_terminated_instances", _forget_terminated)
    mend(FakeTargetGroup, "health_for", _health)
    _draining_targets_are_named()


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
        _left_at(group).pop(key, None)


def _left_at(group: Any) -> dict[tuple[str, int], float]:
    """Return when each target left that was deregistered: in seconds, by a clock of no date."""
    left: dict[tuple[str, int], float] = vars(group).setdefault("_left_at", {})
    return left


def _is_draining(group: Any, key: tuple[str, int]) -> bool:
    """Whether a target that was deregistered still ends what it has begun.

    Behind a Network Load Balancer it takes its delay; others are done once nothing runs, and
    nothing ever runs here.
    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#deregistration-delay
    """
    if group.protocol not in _FLOWS or not group.load_balancer_arns:
        return False
    delay = float(group.attributes["deregistration_delay.timeout_seconds"])
    return key in _left_at(group) and time.monotonic() - _left_at(group)[key] < delay


def _draining_targets_are_named() -> None:
    original = ELBv2Backend.describe_target_health

    def describe(backend: Any, arn: str, targets: list[Target]) -> Any:
        group = backend.target_groups.get(arn)
        found = original(backend, arn, targets)
        if group is None or targets:
            return found
        draining = [
            group.health_for(target, backend.ec2_backend)
            for key, target in group.deregistered_targets.items()
            if _is_draining(group, key)
        ]
        return [*found, *draining]

    mend(ELBv2Backend, "describe_target_health", describe)


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
            _left_at(group)[key] = time.monotonic()


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

    key = (target["Id"], int(target.get("Port") or group.port))
    if not keys and _is_draining(group, key):
        known = group.deregistered_targets[key]
        return status("draining", "Target.DeregistrationInProgress", "It is deregistering")
    if not keys:
        return status("unused", "Target.NotRegistered", "It is not registered")
    is_instance = target["Id"].startswith("i-")
    instance = ec2_backend.get_instance_by_id(target["Id"]) if is_instance else None
    if instance and instance.state != "running":
        why = f"Target is in the {instance.state} state"
        return status("unused", "Target.InvalidState", why)
    return status("healthy")
