"""What each change of a step makes of an instance, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.steps.step import (
    Address,
    AllowKeys,
    Associate,
    Change,
    DenyKeys,
    Deregister,
    Disassociate,
    EnterStandby,
    ExitStandby,
    JoinBalancer,
    LeaveBalancer,
    Mark,
    Membership,
    Register,
    SetDeletion,
    SetProtection,
    SetShutdown,
    SetTokens,
    Target,
    Traits,
    Unmark,
)

# An instance that is in everything that a step may take it out of.
TIED = Traits(
    volumes={"/dev/xvda": True},
    marks={"i-0a1b2c3d4e5f60718": None, "eni-1": None, "vol-1": "theirs"},
    tokens="optional",
    fleet=Membership("web", "InService"),
    targets={
        "arn:web": (Target("i-0a1b2c3d4e5f60718", 80), Target("i-0a1b2c3d4e5f60718", 8080)),
        "arn:ip": (Target("10.0.0.5", 443, "eu-west-1a"),),
    },
    balancers=("old",),
    role="web",
    addresses=(Address("eipalloc-1", "198.51.100.7", "eni-1", "10.0.0.5", "eipassoc-1"),),
)


def changed(traits: Traits, change: Change) -> Traits:
    """Return what AWS would say after `change`."""
    return _CHANGES[type(change)](traits, change)


def _deregister(traits: Traits, change: Deregister) -> Traits:
    left = (each for each in traits.targets.get(change.group, ()) if each not in change.targets)
    return _with_targets(traits, change.group, tuple(left))


def _register(traits: Traits, change: Register) -> Traits:
    there = {*traits.targets.get(change.group, ()), *change.targets}
    return _with_targets(traits, change.group, tuple(sorted(there, key=str)))


def _with_targets(traits: Traits, group: str, targets: tuple[Target, ...]) -> Traits:
    """Return `traits` with its targets in `group`; a group without one is not among them."""
    others = {arn: each for arn, each in traits.targets.items() if arn != group}
    return replace(traits, targets={**others, group: targets} if targets else others)


def _leave(traits: Traits, change: LeaveBalancer) -> Traits:
    return replace(traits, balancers=tuple(e for e in traits.balancers if e != change.name))


def _join(traits: Traits, change: JoinBalancer) -> Traits:
    return replace(traits, balancers=tuple(sorted({*traits.balancers, change.name})))


def _disassociate(traits: Traits, change: Disassociate) -> Traits:
    return replace(traits, addresses=tuple(e for e in traits.addresses if e != change.address))


def _associate(traits: Traits, change: Associate) -> Traits:
    return replace(traits, addresses=tuple(sorted({*traits.addresses, change.address}, key=str)))


_CHANGES: Mapping[type, Callable[[Traits, Any], Traits]] = {
    SetProtection: lambda traits, change: replace(traits, is_protected=change.is_on),
    SetShutdown: lambda traits, change: replace(traits, on_shutdown=change.behaviour),
    SetDeletion: lambda traits, change: replace(
        traits, volumes={**traits.volumes, change.device: change.is_deleted}
    ),
    Mark: lambda traits, change: replace(
        traits, marks={**traits.marks, **dict.fromkeys(change.resources, change.value)}
    ),
    Unmark: lambda traits, change: replace(
        traits, marks={**traits.marks, **dict.fromkeys(change.resources)}
    ),
    SetTokens: lambda traits, change: replace(traits, tokens=change.tokens),
    EnterStandby: lambda traits, change: replace(traits, fleet=Membership(change.group, "Standby")),
    ExitStandby: lambda traits, change: replace(
        traits, fleet=Membership(change.group, "InService")
    ),
    Deregister: _deregister,
    Register: _register,
    LeaveBalancer: _leave,
    JoinBalancer: _join,
    DenyKeys: lambda traits, _: replace(traits, is_denied=True),
    AllowKeys: lambda traits, _: replace(traits, is_denied=False),
    Disassociate: _disassociate,
    Associate: _associate,
}
