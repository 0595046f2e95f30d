"""A network cut in the making: what EC2 says of the instance, and what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.errors import (
    AwsRefusedError,
    AwsSilentError,
    CordonError,
    UnknownInstanceError,
)
from chalicelib.core.instance import Instance, seen_by_both
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import Line, Quarantine, with_new_interfaces
from chalicelib.core.steps.network import (
    Applied,
    GroupRole,
    Groups,
    Plan,
    by_vpc_and_role,
    ids_of,
    left_to_cut,
    missing_groups,
)
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ports.site import Instances, SecurityGroups


@dataclass(slots=True)
class Cut:
    """How far a network cut got: the record, the instance as it was read last, all steps tried."""

    quarantine: Quarantine
    instance: Instance
    groups: Groups
    to: Responder
    applied: list[Applied] = field(default_factory=list)
    drain_problem: str = ""  # why open connections could not be ended
    drain_skipped: str = ""  # why it was not tried
    cut_at: datetime | None = None  # when EC2 had answered to the first change of all

    @property
    def policy(self) -> Policy:
        """That of the account: nothing else says how this cut is made."""
        return self.to.policy_of(self.quarantine.ref)

    def apply(self, plan: Plan) -> list[Applied]:
        if not plan:
            return []
        applied = list(self._ec2.apply(plan))
        self.cut_at = self.cut_at or self.to.now()
        self.applied.extend(applied)
        return applied

    @property
    def may_arrive(self) -> bool:
        """Whether a change had no answer, and may still be carried out."""
        return any(isinstance(each.error, AwsSilentError) for each in self.applied)

    def make(self, role: GroupRole) -> CordonError | None:
        """Make the groups for `role` that are missing; return why one of them could not be made.

        A VPC whose group cannot be had keeps no other VPC waiting.
        """
        failed: CordonError | None = None
        missing = missing_groups(self.instance, self.groups, role)
        for vpc_id in missing:
            try:
                self._ours.prepare(vpc_id, role)
            except CordonError as error:
                failed = error
        if missing:
            self.groups = by_vpc_and_role(self._ours.groups())
        return failed

    def remember_new_interfaces(self) -> None:
        """Record the groups of interfaces that were attached meanwhile, before they change."""
        now, known = self.to.now(), self.quarantine.originals
        ours = ids_of(self.groups)
        quarantine = with_new_interfaces(self.quarantine, self.instance, ours, now)
        if quarantine is self.quarantine:
            return
        added = {o.interface_id: list(o.group_ids) for o in quarantine.originals if o not in known}
        line = Line(now, CORDON, "interface_found", {"originals": added})
        self.to.quarantines.save(quarantine, line)
        self.quarantine = quarantine

    def read_back(self) -> tuple[str, ...]:
        """Look again; return, for people, what keeps the instance from being cut off.

        Raises:
            UnknownInstanceError: the instance is no more.
        """
        instance_id = self.quarantine.ref.instance_id
        instance, listed, groups = self.to.together(
            lambda: self._ec2.find(instance_id),
            lambda: self._ec2.interfaces(instance_id),
            self._ours.groups,
        )
        seen = seen_by_both(instance, listed)
        if seen is None or seen.is_gone:
            raise UnknownInstanceError(instance_id, "was terminated while it was being contained")
        self.instance, self.groups = seen, by_vpc_and_role(groups)
        return self.left()

    def left(self) -> tuple[str, ...]:
        """Return, for people, what keeps the instance, as it was read last, from being cut off.

        An interface that is on record, and that EC2 did not name, counts as cut off only if it is
        proven to have left the instance.
        """
        known = frozenset(original.interface_id for original in self.quarantine.originals)
        unseen = known - {interface.id for interface in self.instance.interfaces}
        instance_id = self.instance.ref.instance_id
        hidden = self._ec2.attached(unseen, instance_id) if unseen else frozenset[str]()
        return (
            *left_to_cut(self.instance, self.groups),
            *(f"EC2 does not say on which groups {each} is" for each in sorted(hidden)),
        )

    @property
    def _ec2(self) -> Instances:
        return self.to.site(self.instance.ref).instances

    @property
    def _ours(self) -> SecurityGroups:
        return self.to.site(self.instance.ref).security_groups


def raise_refusal(applied: Iterable[Applied]) -> None:
    """Raise the first refusal of a step that matters."""
    for each in applied:
        if isinstance(each.error, AwsRefusedError) and not each.step.is_optional:
            raise each.error


def raise_silence(applied: Iterable[Applied]) -> None:
    """Raise the first step that matters and had no answer: it may be carried out late."""
    for each in applied:
        if isinstance(each.error, AwsSilentError) and not each.step.is_optional:
            raise each.error


def changes_of(applied: Iterable[Applied]) -> dict[str, list[dict[str, str]]]:
    """Return what a line of the timeline keeps of the steps that were tried."""
    return {
        "changes": [
            {
                "interface": each.step.interface_id,
                "groups": ",".join(each.step.group_ids),
                "role": str(each.step.role),
                "request_id": each.request_id,
                "error": str(each.error) if each.error else "",
            }
            for each in applied
        ]
    }
