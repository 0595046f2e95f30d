"""The record of a quarantine, and its life.

    CONTAINING ──> CONTAINED ──> RELEASING ──> RELEASED

The two -ING states are written before the network is touched: from then on the original groups
are safe, and a crash half-way leaves a record to resume from. A new quarantine of the same
instance is a new record, with the next number.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.quarantine.release import Release


class State(enum.StrEnum):
    """Where a quarantine stands; the value is what the table stores."""

    CONTAINING = "CONTAINING"
    CONTAINED = "CONTAINED"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"


class StepName(enum.StrEnum):
    """What a containment consists of, in the order in which it is done."""

    CUT = "cut"
    DRAIN = "drain"
    ANNOUNCE = "announce"
    EVIDENCE = "evidence"
    STOP = "stop"
    REPAIR = "repair"  # tells that somebody let the instance out, and it was cut off again


class StepStatus(enum.StrEnum):
    """How far a step got. Only a pending one is taken up again."""

    PENDING = "pending"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a containment; `detail` says what was done, or why it was not."""

    status: StepStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """The groups that an interface had before Cordon touched it, in EC2's order.

    Empty: unknown, since the interface carried nothing but Cordon's groups when first seen.
    """

    interface_id: str
    vpc_id: str
    group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline."""

    at: datetime  # UTC
    who: str  # "cordon", or the ARN of a person's role
    what: str  # one word: opened, contained, ...
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON; AWS request ids among it


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What Cordon did to an instance, and what it takes to undo it."""

    ref: InstanceRef
    number: int  # 1 for the first quarantine of this instance
    state: State
    version: int  # of this record; every write adds one
    opened_at: datetime  # UTC
    opened_by: str  # "guardduty", or the ARN of a person's role
    reason: str  # for people
    finding_id: str | None  # that caused it
    finding_type: str | None
    severity: Band  # of the finding
    originals: tuple[Original, ...]
    steps: Mapping[StepName, Step]
    release: Release | None = None  # the order; before RELEASING, a request to be confirmed
    released_at: datetime | None = None  # activity up to then was dealt with by the release
    workers: Mapping[str, datetime] = field(default_factory=dict)  # who may be changing EC2: until

    @property
    def id(self) -> str:
        return f"{self.ref.instance_id}-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state is not State.RELEASED

    def original(self, interface_id: str) -> Original | None:
        return next((o for o in self.originals if o.interface_id == interface_id), None)

    def pending(self, name: StepName) -> bool:
        return self.steps[name].status is StepStatus.PENDING

    @property
    def is_unfinished(self) -> bool:
        return any(step.status is StepStatus.PENDING for step in self.steps.values())

    def at_work(self, now: datetime) -> bool:
        """Whether a worker may still change the instance: one that is neither done nor out of time.

        A release waits for it: a change that comes late would undo what the release gave back.
        """
        return any(now < until for until in self.workers.values())

    def joined(self, worker: str, until: datetime) -> Quarantine:
        """Return the next version, in which `worker` may change EC2 until `until`."""
        return self.next(workers={**self.workers, worker: until})

    def without(self, worker: str) -> Mapping[str, datetime]:
        """Return who else is at work."""
        return {name: until for name, until in self.workers.items() if name != worker}

    def after(self, name: StepName, status: StepStatus, detail: str = "") -> Quarantine:
        """Return the next version of this record, in which step `name` has `status`."""
        return self.next(steps={**self.steps, name: Step(status, detail)})

    def next(self, **changes: Any) -> Quarantine:
        """Return the next version of this record, with `changes`."""
        return replace(self, version=self.version + 1, **changes)


def opened(  # noqa: PLR0913 - each is a fact of its own
    instance: Instance,
    *,
    number: int,
    at: datetime,
    by: str,
    reason: str,
    finding_id: str | None,
    finding_type: str | None,
    severity: Band,
    ours: frozenset[str],
    workers: Mapping[str, datetime],
) -> Quarantine:
    """Return the first version of a quarantine of `instance`, with its original groups.

    Args:
        instance: as EC2 describes it now, before anything was changed.
        number: one more than that of its last quarantine.
        at: now, UTC.
        by: who asks for it.
        reason: for people.
        finding_id: the finding that caused it, if one did.
        finding_type: of that finding.
        severity: of that finding; by hand, what a person's word weighs.
        ours: ids of Cordon's own groups, which are nobody's original ones.
        workers: who is about to cut the instance off, and until when.
    """
    return Quarantine(
        ref=instance.ref,
        number=number,
        state=State.CONTAINING,
        version=1,
        opened_at=at,
        opened_by=by,
        reason=reason,
        finding_id=finding_id,
        finding_type=finding_type,
        severity=severity,
        originals=originals(instance, ours),
        steps={
            **dict.fromkeys(StepName, Step(StepStatus.PENDING)),
            StepName.REPAIR: Step(StepStatus.SKIPPED, "nobody let it out"),
        },
        workers=workers,
    )


def originals(instance: Instance, ours: frozenset[str]) -> tuple[Original, ...]:
    """Return what each interface must be given back; never one of `ours`."""
    return tuple(
        Original(
            interface.id,
            interface.vpc_id,
            tuple(group for group in interface.group_ids if group not in ours),
        )
        for interface in instance.interfaces
    )


def with_new_interfaces(
    quarantine: Quarantine, instance: Instance, ours: frozenset[str]
) -> Quarantine:
    """Return the next version that also remembers interfaces attached since; or the same one.

    What is remembered already is never replaced: by now it carries Cordon's groups.
    """
    known = {original.interface_id for original in quarantine.originals}
    new = tuple(o for o in originals(instance, ours) if o.interface_id not in known)
    return quarantine.next(originals=(*quarantine.originals, *new)) if new else quarantine
