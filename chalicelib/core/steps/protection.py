"""Keep the instance and its disks: whoever terminates it takes the evidence along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import (
    HELD,
    Change,
    Mark,
    ReversibleStep,
    SetDeletion,
    SetProtection,
    SetShutdown,
    Traits,
    Unmark,
)

_KEPT = "stop"


class Protection(ReversibleStep):
    """No call and no shutdown from the inside terminates it, and its volumes outlive it.

    A Spot instance can have no protection, and one with an instance store as its root cannot stop:
    there the volumes alone are kept. Auto Scaling heeds none of it. A tag on all of it tells a
    policy of the owner's, `infra/guard-scp.json`, what nobody else may touch.

    Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingInstanceInitiatedShutdownBehavior.html
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-root-volume-delete-on-termination.html
    """

    name = StepName.PROTECTION
    sentence = "Keeping the instance and its volumes"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.protection

    def unfit(self, seen: Traits) -> str:
        return "" if self.before(seen) else "nothing of it can be protected"

    def before(self, seen: Traits) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        if not seen.is_spot:
            found["is_protected"] = seen.is_protected
        if _can_stop(seen):
            found["on_shutdown"] = seen.on_shutdown
        if seen.volumes:
            found["volumes"] = dict(seen.volumes)
        if seen.marks:
            found["marks"] = dict(seen.marks)
        return found

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        known = before or self.before(seen)
        wanted = {
            **self.before(seen),
            **({} if seen.is_spot else {"is_protected": True}),
            **({"on_shutdown": _KEPT} if _can_stop(seen) else {}),
            "volumes": dict.fromkeys(known.get("volumes", ()), False),
            "marks": dict.fromkeys(known.get("marks", ()), HELD),
        }
        return tuple(_changes(wanted, seen))

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return tuple(_changes(before, seen))


def _can_stop(seen: Traits) -> bool:
    return not seen.is_spot and seen.root_device_type == "ebs"


def _changes(wanted: Mapping[str, Any], seen: Traits) -> Iterator[Change]:
    """Yield what makes the instance as it is `wanted`; what is gone needs nothing."""
    protected, behaviour = wanted.get("is_protected"), wanted.get("on_shutdown")
    if protected is not None and protected != seen.is_protected:
        yield SetProtection(protected)
    if behaviour is not None and behaviour != seen.on_shutdown:
        yield SetShutdown(behaviour)
    for device, is_deleted in wanted.get("volumes", {}).items():
        if seen.volumes.get(device, is_deleted) != is_deleted:
            yield SetDeletion(device, is_deleted)
    marks = wanted.get("marks", {})
    others = {name: value for name, value in marks.items() if seen.marks.get(name, value) != value}
    for value in dict.fromkeys(others.values()):
        resources = tuple(sorted(name for name, each in others.items() if each == value))
        yield Unmark(resources) if value is None else Mark(resources, value)
