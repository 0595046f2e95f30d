"""Release: give an instance its network back, and prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    CordonError,
    DriftError,
    NotReleasedError,
    RecordMovedError,
)
from chalicelib.core.instance import Instance, seen_by_both
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.record import Line, Quarantine, State, StepName
from chalicelib.core.quarantine.release import Release, Verdict
from chalicelib.core.quarantine.suppression import Proposal, propose_suppression
from chalicelib.core.steps.drift import Drift, find_drift, referred_groups
from chalicelib.core.steps.network import Applied, Groups, by_vpc_and_role
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.recovery import left_to_release, plan_release
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut import changes_of, raise_refusal, raise_silence
from chalicelib.flows.quarantine.follow import last_look
from chalicelib.flows.quarantine.rounds import in_rounds
from chalicelib.flows.quarantine.settle import Undone, settle_back
from chalicelib.flows.quarantine.take_up import leave

_CALLED_FALSE = 50  # findings; GuardDuty is told in one call, whatever was added in weeks
_UNKNOWN = "InvalidGroup.NotFound"  # also: "two resources that belong to different networks"


@dataclass(frozen=True, slots=True)
class Scene:
    """The instance, Cordon's groups, and which of the original groups are left, as seen now."""

    instance: Instance | None
    groups: Groups
    existing: Mapping[str, str]  # of the original groups: id -> VPC


@dataclass(frozen=True, slots=True)
class Handover:
    """How far a release got: the record, what is not exact, and what may keep findings away."""

    quarantine: Quarantine
    drift: tuple[Drift, ...] = ()
    proposal: Proposal | None = None


def look_for(
    quarantine: Quarantine, instance: Instance | None, groups: Groups, to: Responder
) -> Scene:
    """Return the scene of a release; whether groups still exist is asked of EC2."""
    ref = quarantine.ref
    ours = to.site(ref).security_groups
    return Scene(instance, groups, ours.existing(referred_groups(quarantine)))


def give_back(
    quarantine: Quarantine, order: Release, scene: Scene, worker: str, to: Responder
) -> Handover:
    """Carry out a release that is RELEASING with `worker` at it, until EC2 reads back that it is.

    Recorded changes are undone in reverse order: the instance is started if Cordon stopped it,
    then every interface gets its groups back, also where it cannot be started now, and once it
    runs, what the other steps changed is as it was. While EC2 is starting it, it stays RELEASING.
    A worker that fails leaves the record, so that another can go on at once; not if a call of its
    own may still be carried out late.

    Raises:
        DriftError: it cannot be exact, and the order does not accept that.
        NotReleasedError: after several rounds EC2 still says otherwise.
        RecordMovedError: somebody else changed the record.
        AwsRefusedError: AWS refuses to change something.
    """
    try:
        stop = settle_back(quarantine, (StepName.STOP,), to)
        network = _undo(quarantine, order, scene, to)
        _refuse_late(stop, quarantine)
        _refuse_drift(stop.drift, quarantine, order)  # what does not run gets nothing else back
        if stop.waits:
            return Handover(leave(quarantine, worker, to))
        drift = _drift(quarantine, network.scene)
        rest = settle_back(stop.quarantine, (n for n in REVERSIBLE if n is not StepName.STOP), to)
        _refuse_late(rest, quarantine)
        refused = (*stop.drift, *rest.drift)
        _refuse_drift(refused, quarantine, order)
        how = {
            **changes_of(network.applied),
            "undone": {n.value: ids for n, ids in {**stop.requests, **rest.requests}.items()},
        }
        return _close(rest.quarantine, order, (*drift, *refused), how, to)
    except (AwsSilentError, RecordMovedError):
        raise
    except CordonError:
        leave(quarantine, worker, to)
        raise


def _refuse_drift(drift: tuple[Drift, ...], quarantine: Quarantine, order: Release) -> None:
    if drift and not order.accepts_drift:
        raise _not_exact(quarantine, drift)


def _refuse_late(undone: Undone, quarantine: Quarantine) -> None:
    if undone.late:
        raise NotReleasedError(quarantine.ref.instance_id, undone.late)


def _not_exact(quarantine: Quarantine, drift: tuple[Drift, ...]) -> DriftError:
    problems = tuple(f"{each.subject}: {each.detail}" for each in drift)
    return DriftError(quarantine.ref.instance_id, problems)


def _drift(quarantine: Quarantine, scene: Scene) -> tuple[Drift, ...]:
    return find_drift(quarantine, scene.instance, scene.groups, scene.existing)


@dataclass(slots=True)
class _Return:
    """Giving each interface its groups back: how far it got.

    Raises:
        DriftError: it cannot be exact, and the order does not accept that.
    """

    quarantine: Quarantine
    order: Release
    scene: Scene
    to: Responder
    applied: list[Applied] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)  # groups that are there, and no longer fit

    def left(self) -> tuple[str, ...]:
        drift = _drift(self.quarantine, self.scene)
        if drift and not self.order.accepts_drift:
            raise _not_exact(self.quarantine, drift)
        return left_to_release(self.quarantine, self.scene.instance, self.scene.existing)

    def change(self) -> None:
        plan = plan_release(self.quarantine, self.scene.instance, self.scene.existing)
        applied = self.to.site(self.quarantine.ref).instances.apply(plan)
        self.applied.extend(applied)
        raise_silence(applied)
        unusable = _unusable(applied, self.scene)
        if not unusable:
            raise_refusal(applied)
        self.unusable |= unusable

    def look(self) -> None:
        self.scene = _read_back(self.quarantine, self.unusable, self.to)


def _undo(quarantine: Quarantine, order: Release, scene: Scene, to: Responder) -> _Return:
    """Give the network back, as far as it can be, and see that it is."""
    network = _Return(quarantine, order, scene, to)
    in_rounds(network, to.pause)
    if left := network.left():
        raise NotReleasedError(quarantine.ref.instance_id, left)
    return network


def _unusable(applied: Sequence[Applied], scene: Scene) -> set[str]:
    """Return groups of another VPC that EC2 does not let an interface have any more.

    A group may be associated with further VPCs, and that may be taken away.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html
    """
    interfaces = scene.instance.interfaces if scene.instance else ()
    vpcs = {interface.id: interface.vpc_id for interface in interfaces}
    return {
        group_id
        for each in applied
        if _is_said_of_groups(each.error)
        for group_id in each.step.group_ids
        if scene.existing.get(group_id, "") not in ("", vpcs.get(each.step.interface_id))
    }


def _close(
    quarantine: Quarantine,
    order: Release,
    drift: tuple[Drift, ...],
    how: Mapping[str, Any],
    to: Responder,
) -> Handover:
    """Tell people, and then close the record: a crash in between repeats a message, loses none."""
    quarantine = last_look(quarantine, to)
    proposal, feedback = _learn(quarantine, order, to)
    command = proposal.command if proposal else ""
    to.notices.publish(about_quarantines.of_release(quarantine, drift, command))
    released = quarantine.next(state=State.RELEASED, released_at=order.at, workers={})
    detail = {
        **how,
        "drift": [each.as_json() for each in drift],
        "feedback": feedback,
    }
    to.quarantines.save(released, Line(to.now(), CORDON, "released", detail))
    return Handover(released, drift, proposal)


def _learn(quarantine: Quarantine, order: Release, to: Responder) -> tuple[Proposal | None, str]:
    """Tell GuardDuty of a false positive, and propose to suppress it; keeps no release waiting."""
    if order.verdict is not Verdict.FALSE_POSITIVE:
        return None, ""
    detector = to.detector(quarantine.ref.region)
    try:
        finding_ids = _findings(quarantine, to)
        request_id = detector.call_false(finding_ids) if finding_ids else ""
        return propose_suppression(quarantine, detector.id()), request_id
    except CordonError as error:
        return propose_suppression(quarantine, "DETECTOR_ID"), str(error)


def _findings(quarantine: Quarantine, to: Responder) -> tuple[str, ...]:
    """Return the finding that caused the quarantine, and the last ones that were added to it."""
    lines = to.quarantines.timeline(quarantine)
    added = [str(line.detail["finding"]) for line in reversed(lines) if line.what == "finding"]
    cause = [quarantine.finding_id] if quarantine.finding_id else []
    return tuple(dict.fromkeys((*cause, *added)))[:_CALLED_FALSE]


def _is_said_of_groups(error: AwsBusyError | AwsRefusedError | None) -> bool:
    return isinstance(error, AwsRefusedError) or (error is not None and error.code == _UNKNOWN)


def _read_back(quarantine: Quarantine, unusable: set[str], to: Responder) -> Scene:
    ref = quarantine.ref
    ec2 = to.site(ref).instances
    ours = to.site(ref).security_groups
    instance, interfaces, groups, existing = to.together(
        lambda: ec2.find(ref.instance_id),
        lambda: ec2.interfaces(ref.instance_id),
        ours.groups,
        lambda: ours.existing(referred_groups(quarantine)),
    )
    usable = {group_id: vpc for group_id, vpc in existing.items() if group_id not in unusable}
    return Scene(seen_by_both(instance, interfaces), by_vpc_and_role(groups), usable)
