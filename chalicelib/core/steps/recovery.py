"""How to give an instance back, and how to tell that it is: plans and checks, as data."""

from __future__ import annotations

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Quarantine, StepName, StepStatus
from chalicelib.core.steps.drift import left_of, same_groups
from chalicelib.core.steps.network import Plan, SetGroups, ours_to_change


def plan_release(quarantine: Quarantine, instance: Instance, existing: frozenset[str]) -> Plan:
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
    quarantine: Quarantine, instance: Instance, existing: frozenset[str]
) -> tuple[str, ...]:
    """Return, for people, all that is left to give back; empty: it is as far as it can be."""
    groups = tuple(
        f"{steps[0].interface_id} is not back on {', '.join(steps[0].group_ids)}"
        for steps in plan_release(quarantine, instance, existing)
    )
    state = f"it is {instance.state} and must be started"
    return (*groups, state) if must_start(quarantine, instance) else groups


def must_start(quarantine: Quarantine, instance: Instance) -> bool:
    """Whether Cordon stopped `instance`, and it does not run yet."""
    stopped = quarantine.step(StepName.STOP).status in (StepStatus.STARTED, StepStatus.DONE)
    return stopped and instance.state not in ("pending", "running") and not instance.is_gone
