"""Containment: take an instance off the network, and prove it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.errors import AwsRefusedError, CordonError, NotContainedError
from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.dossier import Dossier
from chalicelib.core.quarantine.record import (
    Line,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
    opened,
    with_new_interfaces,
)
from chalicelib.core.steps.network import (
    Applied,
    GroupRole,
    Groups,
    by_vpc_and_role,
    kept_by_others,
    left_to_cut,
    missing_groups,
    plan_containment,
    plan_stop,
)
from chalicelib.flows.ports.responder import Instances, Responder, SecurityGroups

# Longer than any function of Cordon's may run: a worker that is silent for so long is dead.
LEASE = timedelta(seconds=90)

_ROUNDS = 4  # EC2 may answer with what was; and an attacker may attach interfaces meanwhile
_PAUSE = 0.5  # seconds, times the round


@dataclass(frozen=True, slots=True)
class Cut:
    """How far the network cut got: the record, the instance read back, all steps tried."""

    quarantine: Quarantine
    instance: Instance
    applied: tuple[Applied, ...] = ()
    drain_problem: str = ""


def open_quarantine(  # noqa: PLR0913, PLR0917 - all that a first version is made of
    cause: Cause, instance: Instance, groups: Groups, dossier: Dossier, worker: str, to: Responder
) -> Quarantine:
    """Record the quarantine, with the original groups, before anything is changed.

    Only what no person asked for counts in the breaker.

    Raises:
        RecordMovedError: somebody else opened it; look again.
        BreakerOpenError: no more containments for now.
    """
    now, last, finding = to.now(), dossier.quarantine, cause.finding
    quarantine = opened(
        instance,
        number=last.number + 1 if last else 1,
        at=now,
        by=cause.by,
        reason=cause.why,
        finding_id=finding.id if finding else None,
        finding_type=finding.type if finding else None,
        severity=cause.severity,
        ours=_ids(groups),
        workers={worker: now + LEASE},
    )
    originals = {o.interface_id: list(o.group_ids) for o in quarantine.originals}
    caused = {"finding": finding.id, "type": finding.type} if finding else {"reason": cause.why}
    line = Line(now, cause.who, "opened", {**caused, "originals": originals})
    breaker = dossier.breaker if finding else None
    to.quarantines.open(quarantine, line, instance.as_described, breaker, to.policy)
    return quarantine


def join(
    quarantine: Quarantine, worker: str, to: Responder, found: tuple[str, ...] = ()
) -> Quarantine:
    """Record that `worker` takes up a containment; from then on a release waits for it.

    Args:
        quarantine: its record.
        worker: who takes it up.
        to: the world.
        found: what is not cut off. If it was before, that is still to be told: this is written
            down now, since whoever comes after a crash finds it cut off again.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
    """
    if worker in quarantine.workers:
        return quarantine
    joined = quarantine.joined(worker, to.now() + LEASE)
    if found and quarantine.state is State.CONTAINED:
        repair = Step(StepStatus.PENDING, "; ".join(found))
        joined = replace(joined, steps={**joined.steps, StepName.REPAIR: repair})
    to.quarantines.save(joined, Line(to.now(), CORDON, "taken_up", {"worker": worker}))
    return joined


def leave(quarantine: Quarantine, worker: str, to: Responder) -> Quarantine:
    """Record that `worker` changes nothing any more, if the record still says that it might."""
    if worker not in quarantine.workers:
        return quarantine
    left = quarantine.next(workers=quarantine.without(worker))
    to.quarantines.save(left, Line(to.now(), CORDON, "left", {"worker": worker}))
    return left


def cut_network(quarantine: Quarantine, instance: Instance, groups: Groups, to: Responder) -> Cut:
    """Put every interface on the deny group of its VPC, until EC2 reads back that it is so.

    Each round acts on what was read last, so that the last reading is the proof. Interfaces that
    an AWS service keeps are left; the caller asks `kept_by_others`.

    Raises:
        NotContainedError: after several rounds EC2 still says otherwise.
        AwsRefusedError: AWS refuses to change an interface or a group; the others are changed.
    """
    ref = instance.ref
    ec2 = to.instances(ref.account_id, ref.region)
    ours = to.security_groups(ref.account_id, ref.region)
    cut = Cut(quarantine, instance)
    failed: CordonError | None = None
    for turn in range(_ROUNDS):
        if not left_to_cut(cut.instance, groups):
            return cut
        cut = _remember_new_interfaces(cut, groups, to)
        drain = to.policy.drain and turn == 0
        groups, no_deny, no_drain = _ready_groups(cut.instance, groups, ours, drain=drain)
        applied = ec2.apply(plan_containment(cut.instance, groups, drain=drain))
        to.pause(_PAUSE * turn)
        instance, groups = _read_back(cut.instance, ec2, ours, to)
        problem = cut.drain_problem or no_drain or _drain_error(applied)
        applied = (*cut.applied, *applied)
        cut = replace(cut, instance=instance, applied=applied, drain_problem=problem)
        raise_refusal(applied)
        failed = no_deny
        if isinstance(failed, AwsRefusedError):
            raise failed
    if problems := left_to_cut(cut.instance, groups):
        raise failed or NotContainedError(ref.instance_id, problems)
    return cut


def close_cut(cut: Cut, worker: str, to: Responder) -> Quarantine:
    """Record that the instance is contained, which was read back, with the changes that did it.

    A quarantine that was contained before keeps its steps: the cut was only repaired.
    """
    changes, workers = changes_of(cut.applied), cut.quarantine.without(worker)
    if cut.quarantine.state is State.CONTAINED:
        contained = cut.quarantine.next(workers=workers)
        to.quarantines.save(contained, Line(to.now(), CORDON, "cut_again", changes))
        return contained
    steps = {
        **cut.quarantine.steps,
        StepName.CUT: Step(StepStatus.DONE, "every interface was read back on the deny group"),
        StepName.DRAIN: _drain_step(cut, to),
        StepName.STOP: plan_stop(cut.instance, wanted=to.policy.stop_after_cut),
    }
    contained = cut.quarantine.next(state=State.CONTAINED, steps=steps, workers=workers)
    to.quarantines.save(contained, Line(to.now(), CORDON, "contained", changes))
    return contained


def record_partial_cut(cut: Cut, worker: str, to: Responder) -> None:
    """Record which interfaces could not be cut, and which were; the quarantine stays unfinished."""
    left = list(kept_by_others(cut.instance))
    line = Line(to.now(), CORDON, "partly_cut", {"left": left, **changes_of(cut.applied)})
    to.quarantines.save(cut.quarantine.next(workers=cut.quarantine.without(worker)), line)


def _remember_new_interfaces(cut: Cut, groups: Groups, to: Responder) -> Cut:
    quarantine = with_new_interfaces(cut.quarantine, cut.instance, _ids(groups))
    if quarantine is cut.quarantine:
        return cut
    added = quarantine.originals[len(cut.quarantine.originals) :]
    detail = {"originals": {o.interface_id: list(o.group_ids) for o in added}}
    to.quarantines.save(quarantine, Line(to.now(), CORDON, "interface_found", detail))
    return replace(cut, quarantine=quarantine)


def _ready_groups(
    instance: Instance, groups: Groups, ours: SecurityGroups, *, drain: bool
) -> tuple[Groups, CordonError | None, str]:
    """Return the groups, once the VPCs of the instance have theirs, and what could not be had.

    A VPC whose deny group cannot be had keeps no other VPC waiting. The drain hop is optional:
    that it cannot be had is told, and keeps nobody waiting either.
    """
    no_deny: CordonError | None = None
    no_drain = ""
    missing_deny = missing_groups(instance, groups, GroupRole.DENY)
    missing_drain = missing_groups(instance, groups, GroupRole.DRAIN) if drain else ()
    for vpc_id in missing_deny:
        try:
            ours.prepare(vpc_id, GroupRole.DENY)
        except CordonError as error:
            no_deny = error
    for vpc_id in missing_drain:
        try:
            ours.prepare(vpc_id, GroupRole.DRAIN)
        except CordonError as error:
            no_drain = str(error)
    changed = missing_deny or missing_drain
    return (by_vpc_and_role(ours.groups()) if changed else groups), no_deny, no_drain


def _read_back(
    instance: Instance, ec2: Instances, ours: SecurityGroups, to: Responder
) -> tuple[Instance, Groups]:
    interfaces, groups = to.together(lambda: ec2.interfaces(instance.ref.instance_id), ours.groups)
    return replace(instance, interfaces=interfaces), by_vpc_and_role(groups)


def raise_refusal(applied: tuple[Applied, ...]) -> None:
    """Raise the first refusal of a step that matters."""
    for each in applied:
        if isinstance(each.error, AwsRefusedError) and not each.step.is_optional:
            raise each.error


def _drain_error(applied: tuple[Applied, ...]) -> str:
    return next((str(a.error) for a in applied if a.error and a.step.is_optional), "")


def _drain_step(cut: Cut, to: Responder) -> Step:
    """Return how the drain went; it is done only where this very try saw every interface hop."""
    if not to.policy.drain:
        return Step(StepStatus.SKIPPED, "the policy does not drain")
    if cut.drain_problem:
        return Step(StepStatus.FAILED, cut.drain_problem)
    hopped = {each.step.interface_id for each in cut.applied if each.step.is_optional}
    others = [each.id for each in cut.instance.interfaces if each.id not in hopped]
    if others:
        why = "attached meanwhile, or cut by an earlier try: not known to be drained"
        return Step(StepStatus.SKIPPED, f"{', '.join(others)}: {why}")
    return Step(StepStatus.DONE, "all interfaces hopped over the drain group")


def changes_of(applied: tuple[Applied, ...]) -> dict[str, list[dict[str, str]]]:
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


def _ids(groups: Groups) -> frozenset[str]:
    return frozenset(group.id for group in groups.values())
