"""What a containment would do now, and whom it would hurt, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.core.decision.decision import (
    ALL_OF_A_GROUP,
    HOLDS_IN_WORDS,
    Bounds,
    Hold,
    standing_holds,
)
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.quarantine.dossier import Dossier
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.core.steps.lasting import of_steps
from chalicelib.core.steps.network import (
    GroupRole,
    Groups,
    kept_by_others,
    left_to_cut,
    ours_to_change,
)
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.stop import foreseen
from chalicelib.core.surroundings import Surroundings

_NEW = "a new group without rules"  # it is made when it is first needed

Would = tuple[StepName, bool, str]  # a step, whether it would be carried out, and what, or why not


@dataclass(frozen=True, slots=True)
class Preview:
    """One instance as it is now, and all that bears on a containment of it."""

    ref: InstanceRef
    instance: Instance
    groups: Groups  # Cordon's own
    dossier: Dossier
    bounds: Bounds
    around: Surroundings

    def as_json(self) -> dict[str, Any]:
        """Return what a containment by hand would do; `holds` is what keeps a finding from it."""
        begun, holds = self.dossier.quarantine, (*standing_holds(self), *self._is_missed())
        return {
            "instance_id": self.ref.instance_id,
            "account_id": self.ref.account_id,
            "region": self.ref.region,
            "instance_state": self.instance.state,
            "for_exercises": self.instance.is_for_exercises,
            "quarantine": begun
            and {"quarantine_id": begun.id, "state": begun.state.value, "version": begun.version},
            "holds": [hold.value for hold in holds],
            "holds_in_words": [HOLDS_IN_WORDS[hold] for hold in holds],
            "interfaces": list(self._interfaces()),
            "steps": [
                {"step": name.value, "would_run": runs, "detail": detail}
                for name, runs, detail in self._steps()
            ],
            "cannot_be_undone": list(of_steps(name for name, runs, _ in self._steps() if runs)),
            "hurts": list(self.around.hurts()),
            "shares": list(self.around.shares()),
            "blast_radius": self.around.as_json(),
        }

    def _is_missed(self) -> Iterator[Hold]:
        """Yield what holds all findings about it but critical ones: its group needs it."""
        most = self.bounds.policy.most_of_group
        if most < ALL_OF_A_GROUP and self.around.cannot_spare_it(most):
            yield Hold.CANNOT_BE_SPARED

    def _interfaces(self) -> Iterator[dict[str, Any]]:
        ours = {interface.id for interface in ours_to_change(self.instance)}
        for each in self.instance.interfaces:
            deny = self.groups.get((each.vpc_id, GroupRole.DENY))
            then = [deny.id if deny else _NEW] if each.id in ours else list(each.group_ids)
            yield {
                "interface_id": each.id,
                "vpc_id": each.vpc_id,
                "groups_now": list(each.group_ids),
                "groups_then": then,
            }

    def _changed(self) -> Iterator[Would]:
        nothing = dict(self._nothing_for())
        for name, step in REVERSIBLE.items():
            if name is StepName.STOP:  # after all others
                continue
            if not step.is_wanted(self.bounds.policy):
                yield name, False, "the policy leaves it off"
            elif name in nothing:
                yield name, False, nothing[name]
            else:
                yield name, True, step.sentence

    def _nothing_for(self) -> Iterator[tuple[StepName, str]]:
        """Yield the steps that have nothing to do, in the words that they would say it with."""
        if self.instance.auto_scaling_group is None:
            yield StepName.FLEET, "it is in no Auto Scaling group"
        if self.around.balancers == ():
            yield StepName.TARGETS, "it is behind no load balancer"
        if not self.around.role:
            yield StepName.CREDENTIALS, "it has no role"
        if self.around.addresses == ():
            yield StepName.ADDRESS, "it has no Elastic IP"

    def _steps(self) -> Iterator[Would]:
        begun, policy = self.dossier.quarantine, self.bounds.policy
        if begun is not None and begun.state is State.RELEASING:
            yield StepName.CUT, False, "the instance is being released: nothing may be cut"
            return
        left = left_to_cut(self.instance, self.groups)
        kept = kept_by_others(self.instance)
        count = len(ours_to_change(self.instance))
        done = "every interface is on a group without rules already"
        verb = "moves" if count == 1 else "move"
        cut = (
            f"{count} of {len(self.instance.interfaces)} interfaces {verb} to a group without rules"
        )
        yield StepName.CUT, bool(left), "; ".join((cut if left else done, *kept))
        if begun is not None and begun.is_open and not left:
            return
        drains = bool(left) and policy.drain
        hop = "connections that EC2 tracks are ended" if drains else "the policy does not drain"
        yield StepName.DRAIN, drains, hop
        yield from self._changed()
        yield StepName.ANNOUNCE, True, "people are told"
        taken = "one of all volumes, kept" if policy.snapshots else "the policy leaves it off"
        yield StepName.SNAPSHOTS, policy.snapshots, taken
        yield StepName.EVIDENCE, True, "EC2's description is kept"
        stop = foreseen(self.instance, policy, begun.finding_type if begun else None)
        runs = stop.status is StepStatus.PENDING
        yield StepName.STOP, runs, stop.detail or "the instance is stopped: its memory is lost"
