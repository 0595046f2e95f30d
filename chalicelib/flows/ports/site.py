"""What the flows need from the account and region where an instance lives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.instance import Instance, Interface
    from chalicelib.core.steps.network import Applied, Group, GroupRole, Plan
    from chalicelib.flows.ports.attributes import Attributes, Forensics, Scans, Snapshots
    from chalicelib.flows.ports.surroundings import Neighbourhood


class Instances(Protocol):
    """The EC2 instances and interfaces of one account and region."""

    def find(self, instance_id: str) -> Instance | None:
        """Return the instance as it is now, with the interfaces that its description names.

        None if it is unknown.
        """

    def interfaces(self, instance_id: str) -> tuple[Interface, ...]:
        """Return every interface that is attached to the instance now."""

    def attached(self, interface_ids: frozenset[str], instance_id: str) -> frozenset[str]:
        """Return those of the interfaces that are attached to the instance, asked by their ids."""

    def holders(self, interface_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the instances that the interfaces are attached to."""

    def is_route(self, instance_id: str) -> bool:
        """Whether a route table points at the instance, or at an interface of it."""

    def apply(self, plan: Plan) -> tuple[Applied, ...]:
        """Carry out `plan`: interfaces all at once, the steps of one in their order.

        An interface that is gone needs nothing. A step that fails stops neither the other
        interfaces nor, if it is optional, the next step; it comes back with its error.
        """


class SecurityGroups(Protocol):
    """Cordon's security groups in one account and region."""

    def groups(self) -> tuple[Group, ...]:
        """Return them, of all VPCs, as they are now."""

    def prepare(self, vpc_id: str, role: GroupRole) -> None:
        """Make the VPC's group for `role`, or bring its rules back to what the role says.

        Safe to be done by several at once; there is one group in the end.
        """

    def impostors(self) -> tuple[str, ...]:
        """Return, for people, the groups that bear a name of Cordon's and are not Cordon's."""

    def rivals(self, group_ids: frozenset[str]) -> frozenset[str]:
        """Return those of `group_ids` that are the deny groups of another Cordon, without rules."""

    def existing(self, group_ids: frozenset[str]) -> Mapping[str, str]:
        """Return those of `group_ids`, groups of whomever, that still exist, with their VPC."""

    def vpcs(self) -> frozenset[str]:
        """Return every VPC of the account and region."""

    def is_in_use(self, vpc_id: str) -> bool:
        """Whether an instance lives in the VPC."""


class Site(Protocol):
    """One account and region, and all that a response changes or asks there."""

    @property
    def instances(self) -> Instances:
        """Its instances and their interfaces."""

    @property
    def security_groups(self) -> SecurityGroups:
        """Cordon's groups there."""

    @property
    def attributes(self) -> Attributes:
        """What its instances are, besides their network."""

    @property
    def snapshots(self) -> Snapshots:
        """Its snapshots."""

    @property
    def scans(self) -> Scans:
        """GuardDuty's malware scans there."""

    @property
    def forensics(self) -> Forensics:
        """What its instances leave behind."""

    @property
    def neighbourhood(self) -> Neighbourhood:
        """Who shares something with an instance there."""
