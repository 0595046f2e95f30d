"""Auto Scaling: who may leave a group and how, and what a health check does to those who stay."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    autoscaling_backends,
)

from sandbox.faithful.mending import mend

# With one of these suspended a group keeps its unhealthy members.
# Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
_REPLACING = {"HealthCheck", "ReplaceUnhealthy", "Terminate"}


def install() -> None:
    """Mend moto's Auto Scaling for this process."""
    mend(AutoScalingBackend, "update_attached_target_groups", _give_new_members)
    _standby()
    _detach()
    _attach()
    _scale_in_spares_standby()


def health_check_tick(account_id: str, region: str) -> list[str]:
    """Do what the health check does some time later; return whom it terminated and replaced.

    It terminates every InService member that does not run, whatever protects it from termination.
    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html
    """
    backend = autoscaling_backends[account_id][region]
    terminated = []
    for group in list(backend.autoscaling_groups.values()):
        if _REPLACING & {process["ProcessName"] for process in group.suspended_processes}:
            continue
        for state in [s for s in group.instance_states if _is_unhealthy(s)]:
            backend.detach_instances(group.name, [state.instance.id], should_decrement=False)
            state.instance.disable_api_termination = False
            backend.ec2_backend.terminate_instances([state.instance.id])
            terminated.append(state.instance.id)
    return terminated


def _is_unhealthy(state: Any) -> bool:
    runs = state.instance.state == "running" and state.health_status != "Unhealthy"
    return state.lifecycle_state == "InService" and not runs


def _group(backend: Any, name: str) -> Any:
    if name not in backend.autoscaling_groups:
        raise ValidationError(f"AutoScalingGroup name not found - {name}")
    return backend.autoscaling_groups[name]


def _member(group: Any, instance_id: str) -> Any:
    return next((s for s in group.instance_states if s.instance.id == instance_id), None)


def _need_members(group: Any, instance_ids: list[str], lifecycle: str) -> None:
    for instance_id in instance_ids:
        state = _member(group, instance_id)
        if state is None:
            raise ValidationError(f"The instance {instance_id} is not part of {group.name}.")
        if state.lifecycle_state != lifecycle:
            raise ValidationError(f"The instance {instance_id} is not in {lifecycle}.")


def _need_room_below(group: Any, count: int) -> None:
    if group.desired_capacity - count < group.min_size:
        why = f"The desired capacity would fall below the min size {group.min_size}."
        raise ValidationError(why)


def _need_to_be_let_go(group: Any, instance_ids: list[str], *, should_decrement: bool) -> None:
    _need_members(group, instance_ids, "InService")
    if should_decrement:
        _need_room_below(group, len(instance_ids))


def _given(group: Any) -> dict[str, set[str]]:
    """Return which members each target group was given once: it is not given them again."""
    given: dict[str, set[str]] = vars(group).setdefault("_given_to_target_groups", {})
    return given


def _give_new_members(backend: Any, name: str) -> None:
    group = backend.autoscaling_groups[name]
    for arn in group.target_group_arns:
        target_group = backend.elbv2_backend.target_groups.get(arn)
        if target_group is None:
            continue
        given = _given(group).setdefault(arn, set())
        new = [
            s.instance.id
            for s in group.instance_states
            if s.lifecycle_state == "InService"
            and s.instance.state == "running"
            and s.instance.id not in given
        ]
        given.update(new)
        if new:
            target_group.register([{"Id": instance_id} for instance_id in new])


def _take_from_target_groups(backend: Any, group: Any, instance_ids: list[str]) -> None:
    for arn in group.target_group_arns:
        targets = [{"Id": instance_id} for instance_id in instance_ids]
        backend.elbv2_backend.deregister_targets(arn, targets)
    for given in _given(group).values():
        given.difference_update(instance_ids)


def _standby() -> None:
    enter, leave = (
        AutoScalingBackend.enter_standby_instances,
        AutoScalingBackend.exit_standby_instances,
    )

    def enter_standby(
        backend: Any,
        group_name: str,
        instance_ids: list[str],
        should_decrement: bool,  # noqa: FBT001 - moto's signature
    ) -> Any:
        group = _group(backend, group_name)
        _need_to_be_let_go(group, instance_ids, should_decrement=should_decrement)
        result = enter(backend, group_name, instance_ids, should_decrement)
        _take_from_target_groups(backend, group, instance_ids)
        return result

    def exit_standby(backend: Any, group_name: str, instance_ids: list[str]) -> Any:
        group = _group(backend, group_name)
        _need_members(group, instance_ids, "Standby")
        if (group.desired_capacity or 0) + len(instance_ids) > group.max_size:
            raise ValidationError(f"{group_name} has max-size={group.max_size}.")
        result = leave(backend, group_name, instance_ids)
        _give_new_members(backend, group_name)
        return result

    mend(AutoScalingBackend, "enter_standby_instances", enter_standby)
    mend(AutoScalingBackend, "exit_standby_instances", exit_standby)


def _detach() -> None:
    original = AutoScalingBackend.detach_instances

    def detach(
        backend: Any,
        group_name: str,
        instance_ids: list[str],
        should_decrement: bool,  # noqa: FBT001 - moto's signature
    ) -> Any:
        group = _group(backend, group_name)
        _need_to_be_let_go(group, instance_ids, should_decrement=should_decrement)
        result = original(backend, group_name, instance_ids, should_decrement)
        _take_from_target_groups(backend, group, instance_ids)
        backend.update_attached_elbs(group_name)
        for instance_id in instance_ids:
            instance = backend.ec2_backend.get_instance_by_id(instance_id)
            if instance is not None:
                vars(instance).pop("autoscaling_group", None)
        return result

    mend(AutoScalingBackend, "detach_instances", detach)


def _attach() -> None:
    original = AutoScalingBackend.attach_instances

    def attach(backend: Any, group_name: str, instance_ids: list[str]) -> Any:
        group = _group(backend, group_name)
        for instance_id in instance_ids:
            _need_attachable(backend, instance_id)
        wanted = len(group.active_instances()) + len(instance_ids)
        if wanted > group.max_size:
            raise ValidationError(f"{group_name} has max-size={group.max_size}.")
        result = original(backend, group_name, instance_ids)
        group.desired_capacity = wanted
        return result

    mend(AutoScalingBackend, "attach_instances", attach)


def _need_attachable(backend: Any, instance_id: str) -> None:
    instance = backend.ec2_backend.get_instance_by_id(instance_id)
    if instance is None:
        raise ValidationError(f"Invalid Instance ID(s): [{instance_id}] do not exist.")
    if instance.state != "running":
        raise ValidationError(f"Instance {instance_id} is not in correct state.")
    for group in backend.autoscaling_groups.values():
        if _member(group, instance_id):
            raise ValidationError(f"Instance {instance_id} is already part of {group.name}.")


def _scale_in_spares_standby() -> None:
    """Moto terminates whichever member is first, one in standby too, and shuffles those it keeps.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
    """
    original = FakeAutoScalingGroup.set_desired_capacity

    def set_desired_capacity(group: Any, new_capacity: int | None) -> None:
        before = list(group.instance_states)
        standby = [state for state in before if state.lifecycle_state == "Standby"]
        group.instance_states = [state for state in before if state not in standby]
        try:
            original(group, new_capacity)
        finally:
            kept = [*standby, *group.instance_states]
            old = [state for state in before if state in kept]
            group.instance_states = old + [state for state in kept if state not in before]

    mend(FakeAutoScalingGroup, "set_desired_capacity", set_desired_capacity)
