"""How to give an instance back, and how to tell that it is: plans and checks, as data."""

from __future__ import annotations

from collections.abc import Container

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.steps.drift import left_of, same_groups
from chalicelib.core.steps.network import Plan, SetGroups, ours_to_change


def plan_release(
    quarantine: Quarantine, instance: Instance | None, existing: Container[str]
) -> Plan:
    """Return the steps that give every interface back what is left of its original groups.

    An interface that has them already needs no step; one of whose groups none is left has none
    either, and stays where it is: nothing is guessed. Of an instance that is gone nothing is left.
    """
    if instance is None or instance.is_gone:
        return ()
    live = {interface.id: interface for interface in ours_to_change(instance)}
    return tuple(
        (SetGroups(original.interface_id, target),)
        for original in quarantine.originals
        if (interface := live.get(original.interface_id)) is not None
        and (target := left_of(original, existing))
        and not same_groups(interface.group_ids, target)
    )


def left_to_release(
    quarantine: Quarantine, instance: Instance | None, existing: Container[str]
) -> tuple[str, ...]:
    """Return, for people, all groups that are left to give back; empty: as far as it can be."""
    return tuple(
        f"{steps[0].interface_id} is not back on {', '.join(steps[0].group_ids)}"
        for steps in plan_release(quarantine, instance, existing)
    )
