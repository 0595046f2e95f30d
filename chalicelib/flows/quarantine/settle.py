"""The steps after the cut that change the instance: remembered, read back, and undone.

A release undoes them by the same loop, with what each of them says is left to undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
)
from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.lease import for_step
from chalicelib.core.quarantine.record import Line, Quarantine, Step, StepName, StepStatus
from chalicelib.core.steps.drift import Drift, DriftKind
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import Change, Traits
from chalicelib.flows.ports.attributes import Attributes
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.rounds import in_rounds
from chalicelib.flows.quarantine.take_up import save_or_leave

_BACK = "EC2 was read back as it was before"
_GONE = "the instance is gone"

Left = Mapping[StepName, tuple[Change, ...]]
Before = Mapping[StepName, Mapping[str, Any]]  # what undoes each step


@dataclass(slots=True)
class _Settling:
    """Steps at work: how far they got."""

    instance_id: str
    attributes: Attributes
    left_of: Callable[[Traits], Left]
    before: Before
    seen: Traits  # by the last look
    is_gone: bool = False  # by the last look: nothing was read back
    requests: dict[StepName, list[str]] = field(default_factory=dict)  # ids of AWS's answers
    refused: dict[StepName, AwsRefusedError] = field(default_factory=dict)  # not tried again
    busy: dict[StepName, AwsBusyError] = field(default_factory=dict)  # by the last answer

    def __post_init__(self) -> None:
        self._see(self.seen)

    def left(self) -> Left:
        """Return what is left of the steps that AWS did not refuse."""
        found = {} if self.is_gone else self.left_of(self.seen)
        return {n: left for n, left in found.items() if left and n not in self.refused}

    def change(self) -> None:
        for name, changes in self.left().items():
            for change in changes:
                self._make(name, change)

    def look(self) -> None:
        now = self.attributes.see(self.instance_id, self.before)
        self.is_gone = now is None
        self._see(now or self.seen)

    def _see(self, now: Traits) -> None:
        """Go on with what is seen; a step that AWS does not let Cordon see is refused."""
        self.seen = now
        self.refused.update({n: why for n, why in now.hidden.items() if n in self.before})

    def said_of(self, name: StepName, what: str) -> str:
        """Return, for people, what is the case with a step, and what AWS said of it last."""
        return f"{name} {what}" + (f": {self.busy[name]}" if name in self.busy else "")

    def _make(self, name: StepName, change: Change) -> None:
        """Make one change; one that AWS has no time for now is left for the next round."""
        try:
            request = self.attributes.alter(self.instance_id, change)
            self.requests.setdefault(name, []).append(request)
        except AwsSilentError:
            raise
        except AwsRefusedError as error:
            self.refused[name] = error
        except AwsBusyError as error:
            self.busy[name] = error


def settle(
    quarantine: Quarantine, names: tuple[StepName, ...], worker: str, to: Responder
) -> tuple[Quarantine, tuple[str, ...]]:
    """Carry out the steps `names`; return the record after them, and what could not be done now.

    What undoes a step is written down, under a lease of `worker` for it, before its first change.
    One that AWS refuses has failed: people are told, and a person may order it again. One that
    needs more time stays due.

    Raises:
        RecordMovedError: somebody else changed the record; look again.
        CordonError: the instance could not be looked at, or people not be told.
    """
    attributes, instance_id = _attributes(quarantine, to), quarantine.ref.instance_id
    lease = for_step(worker, names[0])
    asked = {name: quarantine.step(name).before for name in names}
    try:
        seen = attributes.see(instance_id, asked)
    except AwsRefusedError as error:  # a member's role of an earlier version, for one
        return _fail(quarantine, dict.fromkeys(names, error), lease, to), ()
    if seen is None:
        return _record(quarantine, _gone(quarantine, names), lease, to), ()
    if seen.hidden:
        quarantine = _fail(quarantine, seen.hidden, lease, to)
    begun = {
        name: _begun(quarantine.step(name), name, seen) for name in names if name not in seen.hidden
    }
    before = {name: step.before for name, step in begun.items() if _is_open(step.status)}
    if not before:
        return (_record(quarantine, begun, lease, to) if begun else quarantine), ()
    earlier, quarantine = quarantine, _start(quarantine, begun, lease, to)
    return _carry_out(earlier, quarantine, before, seen, lease, to)


def _carry_out(  # noqa: PLR0913, PLR0917 - what was, what is begun, and by whom
    earlier: Quarantine,
    quarantine: Quarantine,
    before: Before,
    seen: Traits,
    lease: str,
    to: Responder,
) -> tuple[Quarantine, tuple[str, ...]]:
    """Carry out the steps that were just written down as started; return as `settle` does.

    Nothing is changed but what is remembered: not what came meanwhile.
    """

    def left_of(seen: Traits) -> Left:
        return {name: REVERSIBLE[name].left(was, seen) for name, was in before.items()}

    attributes, instance_id = _attributes(quarantine, to), quarantine.ref.instance_id
    settled = _Settling(instance_id, attributes, left_of, before, seen)
    try:
        in_rounds(settled, to.pause)
    except AwsSilentError as error:  # it may be carried out late: the lease lapses by itself
        return quarantine, (str(error),)
    if settled.is_gone:
        return _record(quarantine, _gone(quarantine, before), lease, to, settled.requests), ()
    after = {
        name: _after(quarantine.step(name), earlier.step(name), name, settled) for name in before
    }
    for name, refusal in settled.refused.items():
        to.notices.publish(about_quarantines.of_failed_step(quarantine, name, str(refusal)))
    problems = tuple(
        settled.said_of(name, "does not read back as done")
        for name in before
        if _is_open(after[name].status)
    )
    return _record(quarantine, after, lease, to, settled.requests), problems


@dataclass(frozen=True, slots=True)
class Undone:
    """How far steps were undone."""

    quarantine: Quarantine  # not saved: that closes the release
    drift: tuple[Drift, ...] = ()  # what cannot be undone
    late: tuple[str, ...] = ()  # for people: what did not go through yet
    waits: str = ""  # for people: what AWS is still at
    requests: Mapping[StepName, list[str]] = field(default_factory=dict)  # ids of AWS's answers


def settle_back(quarantine: Quarantine, names: Iterable[StepName], to: Responder) -> Undone:
    """Undo what was remembered of the steps `names`, the last one first.

    Raises:
        AwsSilentError: a change was not answered, and may be carried out late.
    """
    steps = {name: quarantine.step(name) for name in reversed(tuple(names))}
    known = {name: REVERSIBLE[name].remembered(step) for name, step in steps.items()}
    before = {name: was for name, was in known.items() if was}
    attributes, instance_id = _attributes(quarantine, to), quarantine.ref.instance_id
    seen = attributes.see(instance_id, before) if before else None
    if seen is None:
        return Undone(quarantine)

    def left_of(seen: Traits) -> Left:
        return {
            name: () if REVERSIBLE[name].not_undone(was, seen) else changes
            for name, was in before.items()
            for changes in (REVERSIBLE[name].left_to_undo(was, seen),)
        }

    settled = _Settling(instance_id, attributes, left_of, before, seen)
    in_rounds(settled, to.pause)
    if settled.is_gone:
        return Undone(quarantine)
    why_not = {name: REVERSIBLE[name].not_undone(was, settled.seen) for name, was in before.items()}
    why_not |= {name: str(error) for name, error in settled.refused.items()}
    late = tuple(settled.said_of(name, "is not undone yet") for name in settled.left())
    if StepName.STOP in before and seen.fell_back:
        late = (*late, f"EC2 stopped it again, since {seen.fell_back}")
    undone = {
        name: replace(quarantine.step(name), status=StepStatus.UNDONE, detail=_BACK)
        for name in before
        if not why_not[name]
    }
    return Undone(
        replace(quarantine, steps={**quarantine.steps, **undone}),
        tuple(Drift(DriftKind.NOT_UNDONE, n.value, why) for n, why in why_not.items() if why),
        late,
        "; ".join(filter(None, (REVERSIBLE[name].waits(settled.seen) for name in before))),
        settled.requests,
    )


def _fail(
    quarantine: Quarantine, refused: Mapping[StepName, AwsRefusedError], lease: str, to: Responder
) -> Quarantine:
    """Tell of steps that AWS does not even let Cordon look at, and record that they failed."""
    failed = {
        name: replace(quarantine.step(name), status=StepStatus.FAILED, detail=str(error))
        for name, error in refused.items()
    }
    for name, step in failed.items():
        to.notices.publish(about_quarantines.of_failed_step(quarantine, name, step.detail))
    return _record(quarantine, failed, lease, to)


def _gone(quarantine: Quarantine, names: Iterable[StepName]) -> dict[StepName, Step]:
    """Return the steps as skipped; what would undo them stays on record."""
    steps = {name: quarantine.step(name) for name in names}
    return {n: replace(s, status=StepStatus.SKIPPED, detail=_GONE) for n, s in steps.items()}


def _begun(step: Step, name: StepName, seen: Traits) -> Step:
    """Return how a step that is due begins: started, or done already, or it cannot be."""
    kind = REVERSIBLE[name]
    why_not, before = kind.unfit(seen), kind.remembered(step)
    if why_not and not before:
        return Step(StepStatus.SKIPPED, why_not)
    if not kind.left(before, seen):
        return Step(StepStatus.DONE, step.detail or "it was so already", before)
    return Step(StepStatus.STARTED, step.detail, before or kind.before(seen))


def _after(step: Step, earlier: Step, name: StepName, settled: _Settling) -> Step:
    """Return how a step stands that was begun; where AWS changed nothing, nothing undoes it."""
    if name in settled.refused:
        before = step.before if name in settled.requests else earlier.before
        return Step(StepStatus.FAILED, str(settled.refused[name]), before)
    if name in settled.left():
        return step
    return replace(step, status=StepStatus.DONE, detail="EC2 was read back")


def _is_open(status: StepStatus) -> bool:
    return status is StepStatus.STARTED


def _start(
    quarantine: Quarantine, begun: Mapping[StepName, Step], lease: str, to: Responder
) -> Quarantine:
    """Record that EC2 may change from now on, and what undoes it: a release waits for that."""
    started = replace(quarantine.joined(lease, to.now()), steps={**quarantine.steps, **begun})
    detail = {"worker": lease, "before": {n.value: dict(s.before) for n, s in begun.items()}}
    to.quarantines.save(started, Line(to.now(), CORDON, "steps_started", detail))
    return started


def _record(
    quarantine: Quarantine,
    steps: Mapping[StepName, Step],
    lease: str,
    to: Responder,
    requests: Mapping[StepName, list[str]] | None = None,
) -> Quarantine:
    after = quarantine.next(steps={**quarantine.steps, **steps}, workers=quarantine.without(lease))
    said = {
        name.value: {
            "status": step.status.value,
            "detail": step.detail,
            "requests": (requests or {}).get(name, []),
        }
        for name, step in steps.items()
    }
    save_or_leave(after, Line(to.now(), CORDON, "steps_settled", said), lease, to)
    return after


def _attributes(quarantine: Quarantine, to: Responder) -> Attributes:
    return to.site(quarantine.ref).attributes
