"""How to cut an instance off, and how to tell that it is: plans and checks, as data."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import Instance, Interface
from chalicelib.core.quarantine.record import Quarantine, State


class GroupRole(enum.StrEnum):
    """What a security group of Cordon's is for; it ends the group's name."""

    DENY = "deny"  # no rule at all: nothing in, nothing out
    DRAIN = "drain"  # everything both ways: flows stop being tracked


@dataclass(frozen=True, slots=True)
class Group:
    """One of Cordon's security groups, as EC2 describes it now."""

    id: str
    vpc_id: str
    role: GroupRole
    is_ready: bool  # its rules are exactly what its role says


Groups = Mapping[tuple[str, GroupRole], Group]  # by VPC and role


def by_vpc_and_role(groups: Iterable[Group]) -> Groups:
    """Return `groups` by VPC and role; EC2 allows one group of a name in a VPC."""
    return {(group.vpc_id, group.role): group for group in groups}


@dataclass(frozen=True, slots=True)
class SetGroups:
    """Replace all security groups on one interface."""

    interface_id: str
    group_ids: tuple[str, ...]
    role: GroupRole | None = None  # None: gives groups back

    @property
    def is_optional(self) -> bool:
        """The drain hop is: without it the cut still stands."""
        return self.role is GroupRole.DRAIN


# What to do, interface by interface; the steps of one interface in their order, interfaces at once.
Plan = tuple[tuple[SetGroups, ...], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """One step that was tried: `request_id` of AWS's answer, or the error instead."""

    step: SetGroups
    request_id: str = ""
    error: AwsBusyError | AwsRefusedError | None = None
    retries: int = 0  # how often AWS asked for patience before it answered

    @property
    def was_slowed(self) -> bool:
        """Whether AWS just throttles, or answers nothing at all."""
        return self.retries > 0 or isinstance(self.error, AwsBusyError)


def ids_of(groups: Groups) -> frozenset[str]:
    """Return the ids of Cordon's own groups."""
    return frozenset(group.id for group in groups.values())


def missing_groups(instance: Instance, groups: Groups, role: GroupRole) -> tuple[str, ...]:
    """Return the VPCs of `instance` whose group for `role` does not exist or is not ready."""
    vpcs = dict.fromkeys(interface.vpc_id for interface in ours_to_change(instance))
    return tuple(
        vpc for vpc in vpcs if (group := groups.get((vpc, role))) is None or not group.is_ready
    )


def plan_containment(instance: Instance, groups: Groups) -> Plan:
    """Return the steps that cut `instance` off; an interface that is cut off already has none.

    An interface has no step either while its VPC has no deny group that is ready: on one with
    rules it would look cut off and not be.
    """
    return tuple(
        (SetGroups(interface.id, (deny.id,), GroupRole.DENY),)
        for interface in ours_to_change(instance)
        if (deny := _ready(groups, interface, GroupRole.DENY)) is not None
        and not _is_on(interface, deny)
    )


def plan_drain(instance: Instance, groups: Groups, which: frozenset[str]) -> Plan:
    """Return the hop of the interfaces `which` over the drain group of their VPC, and back.

    On the deny group alone, connections that EC2 tracks would live on. Flows through a NAT
    gateway, a Network Load Balancer or an interface endpoint stay tracked all the same. The hop
    opens an interface to everything: one that is not cut off already has none.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
    """
    return tuple(
        (
            SetGroups(interface.id, (drain.id,), GroupRole.DRAIN),
            SetGroups(interface.id, (deny.id,), GroupRole.DENY),
        )
        for interface in ours_to_change(instance)
        if interface.id in which
        and (drain := _ready(groups, interface, GroupRole.DRAIN)) is not None
        and (deny := _ready(groups, interface, GroupRole.DENY)) is not None
        and _is_on(interface, deny)
    )


def _ready(groups: Groups, interface: Interface, role: GroupRole) -> Group | None:
    group = groups.get((interface.vpc_id, role))
    return group if group is not None and group.is_ready else None


def _is_on(interface: Interface, group: Group) -> bool:
    """Whether EC2 says, in each answer that names it, that the interface is on `group` alone."""
    return interface.group_ids == (group.id,) and interface.doubted in ((), (group.id,))


def ours_to_change(instance: Instance) -> tuple[Interface, ...]:
    """Return the interfaces that the account may change; an AWS service keeps the others."""
    return tuple(interface for interface in instance.interfaces if interface.requester is None)


def kept_by_others(instance: Instance) -> tuple[str, ...]:
    """Return, for people, the interfaces that only an AWS service may change."""
    return tuple(
        f"{interface.id} belongs to {interface.requester}, which alone may change it"
        for interface in instance.interfaces
        if interface.requester is not None
    )


def left_to_cut(instance: Instance, groups: Groups) -> tuple[str, ...]:
    """Return, for people, all that keeps `instance` from being cut off; empty: it is.

    Cut off means that each interface carries exactly the deny group, and that group no rule. An
    instance of which EC2 names no interface is not: an empty answer proves nothing.
    """
    if not instance.interfaces:
        return ("EC2 names no interface of it",)
    problems = []
    for interface in ours_to_change(instance):
        deny = groups.get((interface.vpc_id, GroupRole.DENY))
        if deny is None or interface.group_ids != (deny.id,):
            problems.append(_where(interface, groups))
        elif not _is_on(interface, deny):
            problems.append(f"{interface.id} is on {', '.join(interface.doubted)}, or was just now")
        elif not deny.is_ready:
            problems.append(f"the deny group {deny.id} has rules")
    return tuple(dict.fromkeys(problems))


def strange_groups(instance: Instance, groups: Groups) -> frozenset[str]:
    """Return the groups of others that are alone on an interface."""
    ours = ids_of(groups)
    alone = {each.group_ids[0] for each in ours_to_change(instance) if len(each.group_ids) == 1}
    return frozenset(alone - ours)


def is_held_by(rivals: frozenset[str], instance: Instance, groups: Groups) -> bool:
    """Whether each interface is on our deny group, or on that of a rival, and on nothing else."""
    return bool(rivals) and all(
        (len(each.group_ids) == 1 and each.group_ids[0] in rivals and not each.doubted)
        or ((deny := _ready(groups, each, GroupRole.DENY)) is not None and _is_on(each, deny))
        for each in ours_to_change(instance)
    )


def open_interfaces(instance: Instance, groups: Groups) -> tuple[str, ...]:
    """Return the interfaces on a drain group, which is open to everything, both ways."""
    return tuple(
        interface.id
        for interface in instance.interfaces
        if (drain := groups.get((interface.vpc_id, GroupRole.DRAIN))) is not None
        and drain.id in interface.group_ids
    )


def _where(interface: Interface, groups: Groups) -> str:
    on = ", ".join(interface.group_ids) or "no group"
    drain = groups.get((interface.vpc_id, GroupRole.DRAIN))
    is_open = drain is not None and drain.id in interface.group_ids
    return f"{interface.id} is on {on}" + (", OPEN TO EVERYTHING" if is_open else "")


def is_doubtful(quarantine: Quarantine | None, instance: Instance, groups: Groups) -> bool:
    """Whether EC2 and the record, read at the same time, do not go together.

    One may be older than the other: a containment or a release came between. Or the world is so
    indeed, and somebody let the instance out; looking again, in order, tells.
    """
    left = left_to_cut(instance, groups)
    if quarantine is not None and quarantine.state is State.CONTAINED:
        return bool(left)
    if quarantine is not None and quarantine.state is State.CONTAINING:
        return not left
    ours = {group.id for group in groups.values()}
    return any(not ours.isdisjoint(each.group_ids) for each in instance.interfaces)
