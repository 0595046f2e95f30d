"""Containment: take an instance off the network, and prove it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from chalicelib.core.errors import (
    AwsRefusedError,
    AwsSilentError,
    CordonError,
    NotContainedError,
    OpenToEverythingError,
    RecordMovedError,
)
from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.steps.network import (
    Applied,
    GroupRole,
    Groups,
    kept_by_others,
    open_interfaces,
    plan_containment,
)
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut import Cut, raise_refusal, raise_silence
from chalicelib.flows.quarantine.drain import drain
from chalicelib.flows.quarantine.rounds import in_rounds
from chalicelib.flows.quarantine.take_up import join, leave, leave_overtaken


def cut_network(  # noqa: PLR0913, PLR0917 - who cuts what off, and why
    quarantine: Quarantine,
    worker: str,
    instance: Instance,
    groups: Groups,
    found: tuple[str, ...],
    to: Responder,
) -> tuple[Quarantine, tuple[str, ...]]:
    """Cut `instance` off under a lease, and record it; return the record, and what others keep.

    An interface that only an AWS service may change is left as it is: the quarantine stays
    unfinished then.

    Args:
        quarantine: its record.
        worker: who does it.
        instance: as it was seen last.
        groups: Cordon's own, as they were seen then.
        found: what is not cut off; of a contained instance, somebody let it out.
        to: the world.

    Raises as `_cut` does; RecordMovedError if somebody else changed the record: look again.
    """
    cut = _cut(join(quarantine, worker, to, found), worker, instance, groups, to)
    left = kept_by_others(cut.instance)
    from chalicelib.flows.quarantine.close import close, record_part  # noqa: PLC0415 - it says why

    try:
        return (record_part(cut, worker) if left else close(cut, worker)), left
    except RecordMovedError:
        _leave_overtaken(cut, worker)
        raise


def _cut(
    quarantine: Quarantine, worker: str, instance: Instance, groups: Groups, to: Responder
) -> Cut:
    """Put every interface on the deny group of its VPC, until EC2 reads back that it is so.

    Then, if the policy says so, each interface that was just cut hops over the drain group, which
    ends connections from before. The hop opens it to everything for a moment: so the cut comes
    first, and there is no hop where AWS is slow to answer. A worker that fails leaves the record,
    so that a release need not wait for it; not if a call of its own may still be carried out late.

    Raises:
        NotContainedError: after several rounds EC2 still says otherwise.
        OpenToEverythingError: an interface does not come off the drain group.
        UnknownInstanceError: the instance was terminated meanwhile.
        AwsRefusedError: AWS refuses to change an interface or a group; the others are changed.
    """
    cut = Cut(quarantine, instance, groups, to)
    try:
        _deny(cut, cut.left())
        if cut.policy.drain and drain(cut):
            _deny(cut, cut.read_back())
    except AwsSilentError:
        raise
    except RecordMovedError:
        _leave_overtaken(cut, worker)
        raise
    except CordonError:
        if not cut.may_arrive:
            with suppress(CordonError):  # its lease lapses all the same
                leave(cut.quarantine, worker, to)
        raise
    return cut


def _leave_overtaken(cut: Cut, worker: str) -> None:
    if not cut.may_arrive:
        leave_overtaken(cut.quarantine, worker, cut.to)


@dataclass(slots=True)
class _Denial:
    """Cutting off what is not: the last reading is the proof.

    A change that EC2 does not answer was tried three times by then, for as long as a run can wait:
    another round would leave no time to tell people.
    """

    cut: Cut
    problems: tuple[str, ...]  # for people: what is not cut off
    failed: CordonError | None = None  # why a group cannot be had
    applied: list[Applied] = field(default_factory=list)  # in this round

    def left(self) -> tuple[str, ...]:
        return self.problems

    def change(self) -> None:
        cut = self.cut
        cut.remember_new_interfaces()
        first = plan_containment(cut.instance, cut.groups)
        self.applied = cut.apply(first)
        self.failed = cut.make(GroupRole.DENY)  # those whose group is there do not wait for it
        rest = plan_containment(cut.instance, cut.groups)
        self.applied += cut.apply(tuple(steps for steps in rest if steps not in first))

    def look(self) -> None:
        self.problems = self.cut.read_back()
        if open_interfaces(self.cut.instance, self.cut.groups):
            return
        if self.problems:
            raise_silence(self.applied)
        raise_refusal(self.applied)
        if isinstance(self.failed, AwsRefusedError):
            raise self.failed


def _deny(cut: Cut, problems: tuple[str, ...]) -> None:
    denial = _Denial(cut, problems)
    in_rounds(denial, cut.to.pause)
    if not denial.problems:
        return
    if open_interfaces(cut.instance, cut.groups):
        raise OpenToEverythingError(cut.quarantine.ref.instance_id, denial.problems)
    raise denial.failed or NotContainedError(cut.quarantine.ref.instance_id, denial.problems)
