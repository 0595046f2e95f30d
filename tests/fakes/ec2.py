"""EC2 in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.evidence.snapshots import Snapshot
from chalicelib.core.instance import Instance, Interface
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.network import Applied, Group, GroupRole, Plan, SetGroups
from chalicelib.core.steps.step import MARK, Change, Membership, SetRunning, Traits
from tests.fakes.calls import Calls
from tests.fakes.traits import changed

AS_LAUNCHED = Traits(volumes={"/dev/xvda": True}, tokens="optional")


class FakeEc2:
    """The instances, interfaces and security groups of one account and region.

    Interfaces are changed one after the other, in the plan's order, so that a test can say where
    the process dies.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lock = threading.RLock()
        self._instances: dict[str, Instance] = {}
        self._interfaces: dict[str, tuple[str, Interface]] = {}  # with the instance's id
        self._groups: dict[str, Group] = {}  # Cordon's
        self._traits: dict[str, Traits] = {}
        self.hidden: dict[StepName, AwsRefusedError] = {}  # steps that may not be looked at
        self.left_behind = ("", "")  # on the console; user data
        self.shows = b""  # on its screen
        self.snapshots: dict[str, tuple[Snapshot, ...]] = {}  # by case
        self.copies_at_once = True  # or the snapshots are pending until somebody says otherwise
        self.locked: dict[str, int] = {}  # snapshots: days
        self.shared: dict[str, frozenset[str]] = {}  # snapshots: with which accounts
        self._vpcs: dict[str, str] = {}  # of everybody else's groups
        self._empty_vpcs: list[str] = []
        self._stale: dict[str, tuple[str, Interface]] = {}
        self._stale_readings = 0
        self._hidden: set[str] = set()
        self.routes: set[str] = set()  # instances that a route table points at
        self._starting: set[str] = set()  # pending at the next look, and running at the one after
        self._shared: set[tuple[str, str]] = set()  # a group, and a further VPC it is good for
        self.fell_back: dict[str, str] = {}  # instances that EC2 stopped by itself, and why
        self.of_rivals: frozenset[str] = frozenset()
        self.named_like_ours: tuple[str, ...] = ()

    # As people and attackers have it.

    def launch(self, instance: Instance) -> None:
        """Start `instance` with its interfaces; their groups come to be with them."""
        self._instances[instance.ref.instance_id] = replace(instance, interfaces=())
        for interface in instance.interfaces:
            self.attach(instance.ref.instance_id, interface)

    def attach(self, instance_id: str, interface: Interface) -> None:
        with self._lock:
            for group_id in set(interface.group_ids) - set(self._groups):
                self._vpcs[group_id] = interface.vpc_id
            self._interfaces[interface.id] = (instance_id, interface)

    def detach(self, interface_id: str) -> None:
        del self._interfaces[interface_id]

    def hide(self, interface_id: str) -> None:
        """Let both of EC2's lists leave an interface out, from the first change on."""
        self._calls.before("ec2.apply", lambda: self._hidden.add(interface_id))

    def change(self, instance_id: str, **changes: object) -> None:
        self._instances[instance_id] = replace(self._instances[instance_id], **changes)  # type: ignore[arg-type]  # any field

    def add_group(self, group: Group) -> None:
        """Put one of Cordon's groups there, or in the place of the one with its id."""
        self._groups[group.id] = group

    def delete_group(self, group_id: str) -> None:
        """Delete a group, Cordon's or another."""
        if self._groups.pop(group_id, None) is None:
            del self._vpcs[group_id]

    def add_vpc(self, vpc_id: str) -> None:
        """Make a VPC in which nothing lives."""
        self._empty_vpcs.append(vpc_id)

    def groups_on(self, instance_id: str) -> dict[str, tuple[str, ...]]:
        """Return the groups of each interface, as they are."""
        with self._lock:
            return {
                interface.id: interface.group_ids
                for owner, interface in self._interfaces.values()
                if owner == instance_id
            }

    def traits_of(self, instance_id: str) -> Traits:
        """Return what else an instance is, as it is."""
        instance, traits = self._instances[instance_id], self._traits.get(instance_id, AS_LAUNCHED)
        group = instance.auto_scaling_group
        return replace(
            traits,
            is_spot=traits.is_spot or instance.is_spot,
            root_device_type=max(traits.root_device_type, instance.root_device_type),
            fleet=traits.fleet or (Membership(group, "InService") if group else None),
            state=instance.state,
            fell_back=self.fell_back.get(instance_id, ""),
        )

    def has_been(self, instance_id: str, traits: Traits) -> None:
        """Let the instance be so from the start."""
        self._traits[instance_id] = traits

    def has(self, instance_id: str, **traits: object) -> None:
        """Let the instance be so, whatever it was."""
        self._traits[instance_id] = replace(self.traits_of(instance_id), **traits)  # type: ignore[arg-type]  # any field

    def state_of(self, instance_id: str) -> str:
        """Return the state of an instance, as it is."""
        return self._instances[instance_id].state

    def answers_stale(self, readings: int) -> None:
        """Let EC2 answer the next `readings` of interfaces with what is now, whatever changes."""
        self._stale, self._stale_readings = dict(self._interfaces), readings

    # As Cordon sees it.

    def find(self, instance_id: str) -> Instance | None:
        with self._calls.call("ec2.find", instance_id), self._lock:
            instance = self._seen(instance_id)
            named = tuple(e for e in self._attached(instance_id) if e.id not in self._hidden)
            mark = self._traits.get(instance_id, AS_LAUNCHED).marks.get(instance_id)
            marks = {} if mark is None else {MARK: mark}
            return instance and replace(instance, interfaces=named, tags={**instance.tags, **marks})

    def _seen(self, instance_id: str) -> Instance | None:
        """Return the instance; one that was just started is seen as pending, once."""
        instance = self._instances.get(instance_id)
        if instance is not None and instance_id in self._starting:
            self._starting.discard(instance_id)
            self._instances[instance_id] = replace(instance, state="running")
        return instance

    def attached(self, interface_ids: frozenset[str], instance_id: str) -> frozenset[str]:
        with self._calls.call("ec2.attached", instance_id), self._lock:
            return interface_ids & {each.id for each in self._attached(instance_id)}

    def holders(self, interface_ids: tuple[str, ...]) -> tuple[str, ...]:
        with self._calls.call("ec2.holders"), self._lock:
            held = (self._interfaces[each][0] for each in interface_ids if each in self._interfaces)
            return tuple(dict.fromkeys(held))

    def is_route(self, instance_id: str) -> bool:
        with self._calls.call("ec2.is_route", instance_id):
            return instance_id in self.routes

    def _attached(self, instance_id: str) -> tuple[Interface, ...]:
        return tuple(each for owner, each in self._interfaces.values() if owner == instance_id)

    def interfaces(self, instance_id: str) -> tuple[Interface, ...]:
        with self._calls.call("ec2.interfaces", instance_id), self._lock:
            seen = self._interfaces
            if self._stale_readings:
                self._stale_readings -= 1
                seen = self._stale
            return tuple(
                each
                for owner, each in seen.values()
                if owner == instance_id and each.id not in self._hidden
            )

    def apply(self, plan: Plan) -> tuple[Applied, ...]:
        applied: list[Applied] = []
        with self._calls.call("ec2.apply"):
            for steps in plan:
                for step in steps:
                    applied.append(self._try(step))
                    if applied[-1].error is not None and not step.is_optional:
                        break
        return tuple(applied)

    def _stop(self, instance_id: str) -> None:
        instance = self._instances.get(instance_id)
        if instance is None:
            raise AwsRefusedError(f"stop {instance_id}", "InvalidInstanceID.NotFound")
        if instance.is_gone:
            raise AwsRefusedError(f"stop {instance_id}", "IncorrectInstanceState")
        self._instances[instance_id] = replace(instance, state="stopped")

    def _start(self, instance_id: str) -> None:
        instance = self._instances[instance_id]
        if instance.state == "stopping":
            raise AwsBusyError(f"start {instance_id}", "IncorrectInstanceState")
        self._instances[instance_id] = replace(instance, state="pending")
        self.fell_back.pop(instance_id, None)
        self._starting.add(instance_id)

    def see(self, instance_id: str, asked: Mapping[StepName, Mapping[str, Any]]) -> Traits | None:
        with self._calls.call("ec2.see", instance_id), self._lock:
            instance = self._seen(instance_id)
            if instance is None or instance.is_gone:
                return None
            hidden = {name: error for name, error in self.hidden.items() if name in asked}
            return replace(self.traits_of(instance_id), state=instance.state, hidden=hidden)

    def alter(self, instance_id: str, change: Change) -> str:
        name, about = "ec2.alter", f"{type(change).__name__} {instance_id}"
        if isinstance(change, SetRunning):
            name, about = ("ec2.start" if change.is_on else "ec2.stop"), instance_id
        with self._calls.call(name, about), self._lock:
            if isinstance(change, SetRunning):
                (self._start if change.is_on else self._stop)(instance_id)
            else:
                self._traits[instance_id] = changed(self.traits_of(instance_id), change)
            return f"request-{len(self._calls.made)}"

    def take(self, instance_id: str, case: str) -> tuple[Snapshot, ...]:
        with self._calls.call("ec2.take", f"{instance_id} {case}"), self._lock:
            state = "completed" if self.copies_at_once else "pending"
            new = Snapshot(f"snap-{len(self.snapshots) + 1}", state)
            return self.snapshots.setdefault(case, (new,))

    def taken(self, case: str) -> tuple[Snapshot, ...]:
        with self._calls.call("ec2.taken", case), self._lock:
            return self.snapshots.get(case, ())

    def lock(self, snapshot_id: str, days: int) -> None:
        with self._calls.call("ec2.lock", snapshot_id), self._lock:
            self.locked[snapshot_id] = days

    def let_use(self, snapshot_id: str, account_ids: frozenset[str]) -> None:
        with self._calls.call("ec2.let_use", snapshot_id), self._lock:
            self.shared[snapshot_id] = account_ids

    def copied(self, state: str = "completed", problem: str = "") -> None:
        """Let EC2 come to the end of copying every snapshot."""
        self.snapshots = {
            case: tuple(replace(each, state=state, problem=problem) for each in taken)
            for case, taken in self.snapshots.items()
        }

    def console(self, instance_id: str) -> str:
        with self._calls.call("ec2.console", instance_id):
            return self.left_behind[0]

    def user_data(self, instance_id: str) -> str:
        with self._calls.call("ec2.user_data", instance_id):
            return self.left_behind[1]

    def screenshot(self, instance_id: str) -> bytes:
        with self._calls.call("ec2.screenshot", instance_id):
            return self.shows

    def surroundings(self, described: str) -> tuple[bytes, tuple[str, ...]]:
        with self._calls.call("ec2.surroundings"):
            return f'{{"of":{described}}}'.encode(), ()

    def existing(self, group_ids: frozenset[str]) -> Mapping[str, str]:
        with self._calls.call("ec2.existing"), self._lock:
            ours = {group.id: group.vpc_id for group in self._groups.values()}
            known = {**self._vpcs, **ours}
            return {group_id: known[group_id] for group_id in group_ids if group_id in known}

    def rivals(self, group_ids: frozenset[str]) -> frozenset[str]:
        with self._calls.call("ec2.rivals"):
            return group_ids & self.of_rivals

    def impostors(self) -> tuple[str, ...]:
        with self._calls.call("ec2.impostors"):
            return self.named_like_ours

    def vpcs(self) -> frozenset[str]:
        with self._calls.call("ec2.vpcs"), self._lock:
            used = (interface.vpc_id for _, interface in self._interfaces.values())
            return frozenset((*used, *self._empty_vpcs))

    def is_in_use(self, vpc_id: str) -> bool:
        with self._calls.call("ec2.is_in_use", vpc_id), self._lock:
            return any(each.vpc_id == vpc_id for _, each in self._interfaces.values())

    def share(self, group_id: str, vpc_id: str, *with_vpcs: str) -> None:
        """Let a group of one VPC be good for others too; for none any more, without them."""
        self._vpcs[group_id] = vpc_id
        self._shared = {(group_id, other) for other in with_vpcs}

    def _shared_with(self, group_id: str) -> Iterator[str]:
        return (vpc_id for shared, vpc_id in self._shared if shared == group_id)

    def groups(self) -> tuple[Group, ...]:
        with self._calls.call("ec2.groups"), self._lock:
            return tuple(self._groups.values())

    def prepare(self, vpc_id: str, role: GroupRole) -> None:
        with self._calls.call("ec2.prepare", f"{role} {vpc_id}"), self._lock:
            group_id = f"sg-{role}-{vpc_id}"
            self._groups[group_id] = Group(group_id, vpc_id, role, is_ready=True)

    def _try(self, step: SetGroups) -> Applied:
        try:
            self._set_groups(step)
        except (AwsBusyError, AwsRefusedError) as error:
            return Applied(step, error=error)
        return Applied(step, f"request-{len(self._calls.made)}")

    def _set_groups(self, step: SetGroups) -> None:
        about = f"{step.interface_id} {step.role}"
        doing = f"set the groups of {step.interface_id}"
        with self._calls.call("ec2.set_groups", about), self._lock:
            if step.interface_id not in self._interfaces:
                return
            owner, interface = self._interfaces[step.interface_id]
            if interface.requester is not None:
                raise AwsRefusedError(doing, "OperationNotPermitted")
            for group_id in step.group_ids:
                ours = self._groups.get(group_id)
                vpc_id = ours.vpc_id if ours else self._vpcs.get(group_id)
                if vpc_id is None:
                    raise AwsBusyError(doing, "InvalidGroup.NotFound")
                if interface.vpc_id not in (vpc_id, *self._shared_with(group_id)):
                    raise AwsRefusedError(doing, "InvalidParameter")
            changed = replace(interface, group_ids=step.group_ids)
            self._interfaces[step.interface_id] = (owner, changed)
