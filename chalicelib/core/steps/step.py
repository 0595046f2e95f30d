"""What a step after the cut is: a change of the instance that is remembered, and can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import Step, StepName

MARK, HELD = "cordon:quarantine", "held"  # a tag, and its value on what is in quarantine


@dataclass(frozen=True, slots=True)
class Membership:
    """The Auto Scaling group that an instance is in, and how it stands there, in AWS's words."""

    group: str
    state: str  # InService, Standby, ...


@dataclass(frozen=True, slots=True)
class Target:
    """What a target group sends traffic to: an instance or an address, by a port of it."""

    id: str
    port: int
    zone: str = ""  # of an address, in AWS's word; "all": of no zone
    quic_id: str = ""  # by which QUIC tells it from others

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Target:
        return cls(said["id"], int(said["port"]), said["zone"], said["quic_id"])

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "port": self.port, "zone": self.zone, "quic_id": self.quic_id}


@dataclass(frozen=True, slots=True)
class Address:
    """An Elastic IP, and the private address of an interface that it stands for."""

    allocation_id: str
    public: str
    interface_id: str  # "": it stands for none
    private: str
    association_id: str = field(default="", compare=False)  # another one each time

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Address:
        return cls(said["allocation_id"], said["public"], said["interface_id"], said["private"])

    def as_json(self) -> dict[str, Any]:
        return {
            "allocation_id": self.allocation_id,
            "public": self.public,
            "interface_id": self.interface_id,
            "private": self.private,
        }


@dataclass(frozen=True, slots=True)
class Traits:
    """What AWS says of an instance now, of all that a step may change; in AWS's own words."""

    is_protected: bool = False  # nobody may terminate it by a call
    on_shutdown: str = "stop"  # or "terminate": what a shutdown from the inside does
    volumes: Mapping[str, bool] = field(default_factory=dict)  # by device: is deleted with it
    # The value of the tag `MARK`, if it has one, by each of its resources.
    marks: Mapping[str, str | None] = field(default_factory=dict)
    tokens: str = "required"  # or "optional": what its metadata are given for
    endpoint: str = "enabled"  # or "disabled": of its metadata
    is_spot: bool = False
    root_device_type: str = "ebs"  # or "instance-store"
    fleet: Membership | None = None  # in an Auto Scaling group
    state: str = "running"  # pending, running, stopping, stopped
    fell_back: str = ""  # why EC2 stopped it by itself after it was started; empty: it did not
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)  # by target group
    balancers: tuple[str, ...] = ()  # classic load balancers
    role: str = ""  # whose keys it is given, by name
    is_denied: bool = False  # what asks with the keys that were given to it
    addresses: tuple[Address, ...] = ()  # Elastic IPs
    # Steps of which AWS does not let Cordon see how they stand, and why.
    hidden: Mapping[StepName, AwsRefusedError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetProtection:
    """Let nobody terminate the instance by a call, or let them."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class SetShutdown:
    """Say what a shutdown from the inside does: `stop` or `terminate`."""

    behaviour: str


@dataclass(frozen=True, slots=True)
class SetDeletion:
    """Say whether the volume at a device is deleted when the instance is terminated."""

    device: str
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Give resources the tag by which a policy can tell what is held."""

    resources: tuple[str, ...]
    value: str = HELD


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take that tag away."""

    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetTokens:
    """Say whether the metadata service asks for a token: `required` or `optional`."""

    tokens: str


@dataclass(frozen=True, slots=True)
class EnterStandby:
    """Take the instance out of its group's service; the group launches another."""

    group: str


@dataclass(frozen=True, slots=True)
class ExitStandby:
    """Put the instance back into its group's service."""

    group: str


@dataclass(frozen=True, slots=True)
class SetRunning:
    """Start the instance, or stop it."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class Deregister:
    """Let a target group send no traffic to some of its targets any more."""

    group: str  # its ARN
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Let a target group send traffic to some targets again."""

    group: str  # its ARN
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class LeaveBalancer:
    """Take the instance out of a classic load balancer."""

    name: str


@dataclass(frozen=True, slots=True)
class JoinBalancer:
    """Put the instance back into a classic load balancer."""

    name: str


@dataclass(frozen=True, slots=True)
class DenyKeys:
    """Let the keys of a role do nothing, where they were given to the instance."""

    role: str


@dataclass(frozen=True, slots=True)
class AllowKeys:
    """Take that away."""

    role: str


@dataclass(frozen=True, slots=True)
class Disassociate:
    """Let an Elastic IP stand for nothing."""

    address: Address


@dataclass(frozen=True, slots=True)
class Associate:
    """Let an Elastic IP stand for what it stood for, unless it stands for something else."""

    address: Address


Change = (
    SetProtection
    | SetShutdown
    | SetDeletion
    | Mark
    | Unmark
    | SetTokens
    | EnterStandby
    | ExitStandby
    | SetRunning
    | Deregister
    | Register
    | LeaveBalancer
    | JoinBalancer
    | DenyKeys
    | AllowKeys
    | Disassociate
    | Associate
)


class ReversibleStep(Protocol):
    """One step: what it remembers, what is left to do, and what is left to undo."""

    name: StepName
    sentence: str  # of what is done, for people
    undone: str = "gives it back"  # what a release does about it, for people
    lasting: str = ""  # what a release cannot give back of it, for people

    def is_wanted(self, policy: Policy) -> bool:
        """Whether the policy lets it be done without a person's order."""

    def unfit(self, seen: Traits) -> str:
        """Return, for people, why it cannot be done to such an instance; empty: it can."""

    def before(self, seen: Traits) -> Mapping[str, Any]:
        """Return what undoes it, as JSON; it is written down before the first change."""

    def remembered(self, step: Step) -> Mapping[str, Any]:
        """Return what was written down to undo it; empty: nothing was done."""
        return step.before

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        """Return what is left to do; empty: it reads back as done.

        `before` is what was remembered, of which nothing else is changed; empty: nothing yet.
        """

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        """Return what is left to undo; empty: it reads back as it was `before`, or AWS is at it."""

    def not_undone(self, before: Mapping[str, Any], seen: Traits) -> str:  # noqa: ARG002 - a default
        """Return, for people, why it must not be undone now, or cannot be; empty: it can."""
        return ""

    def waits(self, seen: Traits) -> str:  # noqa: ARG002 - a default
        """Return, for people, what AWS is still at where nothing is left to undo; or nothing."""
        return ""
