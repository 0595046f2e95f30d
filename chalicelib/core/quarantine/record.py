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
from chalicelib.core.host import Host
from chalicelib.core.instance import Instance, InstanceRef
from chalicelib.core.quarantine.lease import Leases, end, take
from chalicelib.core.quarantine.release import Release
from chalicelib.core.quarantine.repairs import Repairs
from chalicelib.core.quarantine.times import Times


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
    PROTECTION = "protection"
    FLEET = "fleet"
    TARGETS = "targets"
    METADATA = "metadata"
    CREDENTIALS = "credentials"
    ADDRESS = "address"
    ANNOUNCE = "announce"
    SNAPSHOTS = "snapshots"
    EVIDENCE = "evidence"
    MALWARE_SCAN = "malware_scan"
    STOP = "stop"
    REPAIR = "repair"  # tells that somebody let the instance out, and it was cut off again


class StepStatus(enum.StrEnum):
    """How far a step got. One that is pending, or was started, is taken up again."""

    PENDING = "pending"
    STARTED = "started"  # recorded before its first call: a release undoes it as if it were done
    WAITING = "waiting"  # AWS is at work on it by itself: the watcher looks, until a release
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"  # AWS refused it: told, and tried again only if a person orders it
    UNDONE = "undone"  # given back by the release


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a containment; `detail` says what was done, or why it was not."""

    status: StepStatus
    detail: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)  # what undoes it, JSON; written once


_SKIPPED = Step(StepStatus.SKIPPED, "the version that opened the quarantine did not know it")


@dataclass(frozen=True, slots=True)
class Original:
    """The groups that an interface had before Cordon touched it, in EC2's order.

    Empty: unknown, since the interface carried nothing but Cordon's groups when first seen.
    """

    interface_id: str
    vpc_id: str
    group_ids: tuple[str, ...]
    since: datetime | None = None  # attached to an instance that was in quarantine already, UTC


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
    workers: Leases = field(default_factory=dict)  # who may be changing EC2: until when
    repairs: Repairs = field(
        default_factory=Repairs
    )  # of the cut, when somebody let the instance out
    times: Times = field(default_factory=Times)  # for the time to contain
    host: Host = field(default_factory=dict)  # as it was when the record was opened, for people
    group_names: Mapping[str, str] = field(default_factory=dict)  # then, by their ids, for people
    unknown: Mapping[str, Any] = field(default_factory=dict)  # what another version wrote: kept
    unknown_steps: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.ref.instance_id}-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state is not State.RELEASED

    def original(self, interface_id: str) -> Original | None:
        return next((o for o in self.originals if o.interface_id == interface_id), None)

    def step(self, name: StepName) -> Step:
        """Return a step; one that the record does not have was not known to who opened it."""
        return self.steps.get(name, _SKIPPED)

    def is_due(self, name: StepName) -> bool:
        """Whether somebody must take up the step `name`."""
        return self.step(name).status in (StepStatus.PENDING, StepStatus.STARTED)

    def is_waiting(self, name: StepName) -> bool:
        """Whether AWS is at work on the step `name`; the watcher follows it to its end."""
        return self.step(name).status is StepStatus.WAITING

    @property
    def is_unfinished(self) -> bool:
        return any(self.is_due(name) for name in self.steps)

    def at_work(self, now: datetime) -> bool:
        """Whether a worker may still change the instance: one that is neither done nor out of time.

        A release waits for it: a change that comes late would undo what the release gave back.
        """
        return any(now < until for until in self.workers.values())

    def joined(self, worker: str, now: datetime) -> Quarantine:
        """Return the next version, in which `worker` has a lease from `now` on."""
        return self.next(workers=take(self.workers, worker, now))

    def without(self, worker: str) -> Leases:
        """Return who else is at work."""
        return end(self.workers, worker)

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
    worker: str,
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
        worker: who is about to cut the instance off.
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
        workers=take({}, worker, at),
    )


def originals(
    instance: Instance, ours: frozenset[str], since: datetime | None = None
) -> tuple[Original, ...]:
    """Return what each interface must be given back; never one of `ours`."""
    return tuple(
        Original(
            interface.id,
            interface.vpc_id,
            tuple(group for group in interface.group_ids if group not in ours),
            since,
        )
        for interface in instance.interfaces
    )


def with_new_interfaces(
    quarantine: Quarantine, instance: Instance, ours: frozenset[str], now: datetime
) -> Quarantine:
    """Return the next version that also remembers interfaces attached since; or the same one.

    What is remembered already is never replaced: by now it carries Cordon's groups. Of those
    attached since, the ones that are gone again are forgotten: who attaches and detaches all day
    must not fill the record.
    """
    known = {original.interface_id for original in quarantine.originals}
    live = {interface.id for interface in instance.interfaces}
    new = tuple(o for o in originals(instance, ours, now) if o.interface_id not in known)
    if not new:
        return quarantine
    kept = tuple(o for o in quarantine.originals if o.since is None or o.interface_id in live)
    return quarantine.next(originals=(*kept, *new))
