"""What is not as Cordon left it, or keeps a release from being exact."""

from __future__ import annotations

import enum
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from chalicelib.core.instance import Instance, Interface
from chalicelib.core.quarantine.record import Original, Quarantine, State, StepName, StepStatus
from chalicelib.core.steps.network import Groups, left_to_cut, ours_to_change
from chalicelib.core.steps.step import HELD, MARK


class DriftKind(enum.StrEnum):
    """What is not as Cordon left it."""

    INSTANCE_GONE = "instance_gone"
    INTERFACE_GONE = "interface_gone"
    INTERFACE_NEW = "interface_new"
    GROUPS_CHANGED = "groups_changed"
    GROUP_DELETED = "group_deleted"
    ORIGINAL_UNKNOWN = "original_unknown"
    NOT_CUT_OFF = "not_cut_off"
    NOT_MARKED = "not_marked"
    NOT_UNDONE = "not_undone"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as Cordon left it; `detail` is for people."""

    kind: DriftKind
    subject: str  # an interface, or the instance
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind.value, "subject": self.subject, "detail": self.detail}


def referred_groups(quarantine: Quarantine) -> frozenset[str]:
    """Return every group that a release of `quarantine` would give back."""
    return frozenset(group for original in quarantine.originals for group in original.group_ids)


def find_drift(
    quarantine: Quarantine, instance: Instance | None, groups: Groups, existing: Container[str]
) -> tuple[Drift, ...]:
    """Return all that keeps a release of `quarantine` from being exact; empty: nothing does.

    An interface may be on the deny group, where Cordon put it, on a drain group, where a crash
    left it, or on its original groups, where an earlier try of the release put it.

    Args:
        quarantine: with the original groups.
        instance: as EC2 describes it now; None if it is gone.
        groups: Cordon's own groups.
        existing: those of the `referred_groups` that still exist.
    """
    if instance is None or instance.is_gone:
        gone = Drift(DriftKind.INSTANCE_GONE, quarantine.ref.instance_id, "the instance is gone")
        return (gone,)
    return tuple(_drift(quarantine, instance, groups, existing))


def _drift(
    quarantine: Quarantine, instance: Instance, groups: Groups, existing: Container[str]
) -> Iterator[Drift]:
    ours = frozenset(group.id for group in groups.values())
    live = {interface.id: interface for interface in instance.interfaces}
    for original in quarantine.originals:
        interface = live.get(original.interface_id)
        if original.since is not None:
            if interface is not None:
                yield _attached_since(original)
        elif interface is None:
            yield Drift(DriftKind.INTERFACE_GONE, original.interface_id, "no longer attached")
        elif interface.requester is None:
            yield from _interface_drift(original, interface, ours, existing)
    for interface in ours_to_change(instance):
        if quarantine.original(interface.id) is None:
            now = ", ".join(interface.group_ids)
            yield Drift(
                DriftKind.INTERFACE_NEW, interface.id, f"attached since; it is on {now} and stays"
            )


def _attached_since(original: Original) -> Drift:
    """An interface that came during the quarantine: whose groups it brought, nobody knows."""
    was = ", ".join(original.group_ids) or "unknown groups"
    said = f"attached since, then on {was}; it gets them back only if drift is accepted"
    return Drift(DriftKind.INTERFACE_NEW, original.interface_id, said)


def _interface_drift(
    original: Original, interface: Interface, ours: frozenset[str], existing: Container[str]
) -> Iterator[Drift]:
    if same_groups(interface.group_ids, original.group_ids):
        return
    if not original.group_ids:
        yield Drift(DriftKind.ORIGINAL_UNKNOWN, interface.id, "it was on Cordon's groups only")
    deleted = [group for group in original.group_ids if group not in existing]
    if deleted:
        names = ", ".join(deleted)
        said = f"{names} no longer exists, or cannot be put on it any more"
        yield Drift(DriftKind.GROUP_DELETED, interface.id, said)
    if not ours.issuperset(interface.group_ids) and not same_groups(
        interface.group_ids, left_of(original, existing)
    ):
        now = ", ".join(interface.group_ids)
        yield Drift(DriftKind.GROUPS_CHANGED, interface.id, f"somebody moved it to {now}")


def drift_now(
    quarantine: Quarantine, instance: Instance | None, groups: Groups, existing: Container[str]
) -> tuple[Drift, ...]:
    """Return what is not as the state of `quarantine` says it is, and what stands in a release.

    While the instance is contained, an interface that has its original groups back has drifted
    too: somebody let it out past Cordon; and so has one whose tag somebody took away. Of a
    quarantine that is over nothing is expected.
    """
    if not quarantine.is_open:
        return ()
    found = find_drift(quarantine, instance, groups, existing)
    if quarantine.state is not State.CONTAINED or instance is None or instance.is_gone:
        return found
    known = {drift.subject for drift in found if drift.kind is DriftKind.GROUPS_CHANGED}
    out = (
        Drift(DriftKind.NOT_CUT_OFF, interface.id, f"it is on {', '.join(interface.group_ids)}")
        for interface in ours_to_change(instance)
        if interface.id not in known
        and left_to_cut(replace(instance, interfaces=(interface,)), groups)
    )
    ref, said = quarantine.ref, f"the tag {MARK} is not on it any more"
    mark = (Drift(DriftKind.NOT_MARKED, ref.instance_id, said),)
    return (*found, *out, *(mark if has_lost_mark(quarantine, instance) else ()))


def has_lost_mark(quarantine: Quarantine, instance: Instance) -> bool:
    """Whether the instance lacks the tag that the step `protection` was read back to have set."""
    step = quarantine.step(StepName.PROTECTION)
    is_marked = step.status is StepStatus.DONE
    was_set = is_marked and quarantine.ref.instance_id in step.before.get("marks", {})
    return was_set and instance.tags.get(MARK) != HELD


def same_groups(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether both name the same groups; EC2 keeps no order of them."""
    return sorted(some) == sorted(others)


def left_of(original: Original, existing: Container[str]) -> tuple[str, ...]:
    """Return those of the original groups that still exist."""
    return tuple(group for group in original.group_ids if group in existing)
