"""How to give an instance back, and how to tell that it is: plans and checks, as data."""

from __future__ import annotations

from collections.abc import Container

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Quarantine, StepName, StepStatus
from chalicelib.core.steps.drift import left_of, same_groups
from chalicelib.core.steps.network import Plan, SetGroups, ours_to_change


def plan_release(quarantine: Quarantine, instance: Instance, existing: Container[str]) -> Plan:
    """Return the steps that give every interface back what is left of its original groups.

    An interface that has them already needs no step; one of whose groups none is left has none
    either, and stays where it is: nothing is guessed.
    """
    live = {interface.id: interface for interface in ours_to_change(instance)}
    return tuple(
        (SetGroups(original.interface_id, target),)
        for original in quarantine.originals
        if (interface := live.get(original.interface_id)) is not None
        and (target := left_of(original, existing))
        and not same_groups(interface.group_ids, target)
    )


def left_to_release(
    quarantine: Quarantine, instance: Instance, existing: Container[str]
) -> tuple[str, ...]:
    """Return, for people, all that is left to give back; empty: it is as far as it can be."""
    groups = tuple(
        f"{steps[0].interface_id} is not back on {', '.join(steps[0].group_ids)}"
        for steps in plan_release(quarantine, instance, existing)
    )
    if not must_start(quarantine, instance):
        return groups
    why = f", since {instance.state_reason}" if instance.fell_back else ""
    return (*groups, f"it is {instance.state}{why}, and must be started")


def is_starting(quarantine: Quarantine, instance: Instance) -> bool:
    """Whether Cordon stopped `instance`, and EC2 has not started it wholly yet."""
    return _was_stopped(quarantine) and instance.state == "pending"


def must_start(quarantine: Quarantine, instance: Instance) -> bool:
    """Whether Cordon stopped `instance`, and it does not run yet."""
    is_off = instance.state not in ("pending", "running") and not instance.is_gone
    return _was_stopped(quarantine) and is_off


def _was_stopped(quarantine: Quarantine) -> bool:
    return quarantine.step(StepName.STOP).status in (StepStatus.STARTED, StepStatus.DONE)
