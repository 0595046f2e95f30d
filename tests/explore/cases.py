"""Containment, release and a newer finding at once, from every state a crash leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.core.api.request import ReleaseRequest, StepRequest
from chalicelib.core.decision.outcome import Answer, Outcome
from chalicelib.core.errors import ConflictError, CordonError, RecordMovedError, RejectedError
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import (
    Line,
    Original,
    Quarantine,
    State,
    StepName,
    StepStatus,
)
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.recovery import plan_release
from chalicelib.flows.attend import attend
from chalicelib.flows.contain import contain
from chalicelib.flows.order_step import order_step
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.release import release
from tests.builders import (
    MINUTE,
    NOON,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    a_release,
    an_event,
    an_instance,
    an_interface,
    groups_of,
)
from tests.explore.schedule import Ended, Job, Schedule, Steps, run
from tests.fakes import World
from tests.fakes.ec2 import AS_LAUNCHED

REF = a_ref()
ORIGINALS = {"eni-1": ("sg-web", "sg-ssh")}
CUT = {"eni-1": ("sg-deny-vpc-1",)}
ORDERS = StepRequest("arn:aws:iam::111122223333:user/ada", "it must not run", WEB, StepName.STOP)
ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "cleaned", Verdict.REMEDIATED)

# One was seen before any release of this hour, one after it.
OLD = an_event(finding_id="old", last_seen=NOON.isoformat())
NEW = an_event(finding_id="new", last_seen=(NOON + timedelta(hours=1)).isoformat())

_OFF = {"protection": False, "fleet": False, "metadata": False, "snapshots": False}
_PLAIN = a_policy(max_containments=100, **_OFF)  # nothing but the cut, its words and its evidence
FOUR_EYES = a_policy(max_containments=100, four_eyes=True, **_OFF)
# Each that changes what is done.
POLICIES = {
    "as shipped": a_policy(max_containments=100),
    "every step": a_policy(max_containments=100, stop_after_cut=True),
    "stop": a_policy(max_containments=100, stop_after_cut=True, **_OFF),
    "no drain": a_policy(max_containments=100, drain=False, **_OFF),
    "no drain, stop": a_policy(max_containments=100, drain=False, stop_after_cut=True, **_OFF),
}

Release = Callable[[Responder], object]


def real_release(to: Responder) -> object:
    return release(REF, ASKS, to)


def release_by_two(to: Responder) -> object:
    """Ask, and let another person confirm it, as four eyes want it."""
    first = release(REF, ASKS, to)
    if first.quarantine.state is not State.CONTAINED:
        return first
    return release(REF, replace(ASKS, by="arn:aws:iam::111122223333:user/bob"), to)


def naive_release(to: Responder) -> object:
    """Give back what is on record, and say so afterwards: what one writes first."""
    quarantine = to.quarantines.dossier(REF.key, REF.account_id).quarantine
    if quarantine is None or not quarantine.is_open:
        return None
    ec2 = to.site(REF).instances
    instance = ec2.find(WEB)
    assert instance is not None
    seen = replace(instance, interfaces=ec2.interfaces(WEB))
    existing = frozenset(g for o in quarantine.originals for g in o.group_ids)
    ec2.apply(plan_release(quarantine, seen, existing))
    done = quarantine.next(
        state=State.RELEASED, release=a_release(at=to.now()), released_at=to.now()
    )
    with suppress(RecordMovedError):
        to.quarantines.save(done, Line(to.now(), "you", "released"))
    return None


@dataclass
class Case:
    """A state of the world, and who is let loose on it."""

    start: str
    workers: tuple[str, ...]  # old, new, release, order
    release: Release = real_release
    policy: Policy = _PLAIN
    mode: Mode = Mode.ENFORCE
    violations: list[str] = field(default_factory=list)

    def run(self, schedule: Schedule) -> tuple[list[str], bytes]:
        """Run the case once; return what it violated, and whose turn each step was."""
        calls = Steps()
        world = World(now=NOON + MINUTE, calls=calls, policy=self.policy, mode=self.mode)
        STARTS[self.start](world)
        self._watch_saves(world)
        self.violations = []
        jobs = [self._job(name, world) for name in self.workers]
        ended, trace = run(jobs, schedule, calls)
        self._recover(jobs, ended, world)
        self.violations.extend(self._wrong(ended, world))
        # Who dies between the drain and the deny group leaves the instance open: a drift like any.
        if "repaired" in world.notices.outcomes and schedule.crash is None:
            self.violations.append("nobody let it out, and yet people are told so")
        return self.violations, trace

    def _job(self, name: str, world: World) -> Job:
        to = world.responder
        if name == "release":
            return lambda: self.release(to)
        if name == "order":
            return lambda: order_step(REF, ORDERS, to)
        event = OLD if name == "old" else NEW
        return lambda: contain(event, to)

    def _watch_saves(self, world: World) -> None:
        """Look at EC2 at the very moment at which the record says how it is there."""
        save = world.quarantines.save

        def watched(quarantine: Quarantine, line: Line) -> None:
            groups = world.ec2.groups_on(WEB)
            save(quarantine, line)
            # While another is at work the record says so: it may hop over the drain group yet.
            settled = not quarantine.at_work(world.now)
            if quarantine.state is State.CONTAINED and settled and groups != CUT:
                self.violations.append(f"CONTAINED was recorded while {groups}")
            if quarantine.state is State.RELEASED and groups != ORIGINALS:
                self.violations.append(f"RELEASED was recorded while {groups}")
            if quarantine.state is State.RELEASED and world.ec2.traits_of(WEB) != AS_LAUNCHED:
                self.violations.append(f"RELEASED was recorded while {world.ec2.traits_of(WEB)}")

        world.quarantines.save = watched  # type: ignore[method-assign]  # a witness, not a fake

    def _recover(self, jobs: list[Job], ended: list[Ended], world: World) -> None:
        """Deliver again what failed, as AWS does, and let the watcher look, until all is quiet."""
        left = list(zip(jobs, ended, strict=True))
        for _ in range(4):
            left = [(job, end) for job, end in left if _is_unfinished(end)]
            last = world.quarantines.last(REF.key)
            if not left and (last is None or last.state in _QUIET):
                return
            world.now += LEASE
            with suppress(CordonError):
                attend(REF, world.responder)
            for job, end in left:
                end.error = None
                try:
                    end.result = job()
                except CordonError as error:
                    end.error = error
        self.violations.append(f"never quiet: {[end.error for _, end in left]}")

    def _wrong(self, ended: list[Ended], world: World) -> Iterator[str]:
        """Yield how the world at its end is not as it must be."""
        last = world.quarantines.last(REF.key)
        if last is None:
            yield from self._wrong_if_never_opened(world)
            return
        if self.mode is Mode.OBSERVE and last.number > _FIRST_NUMBER[self.start]:
            yield "it was told to observe, and opened another quarantine"
        for number in range(1, last.number + 1):
            originals = world.quarantines.record(REF.key, number).originals
            if originals != (Original("eni-1", "vpc-1", ORIGINALS["eni-1"]),):
                yield f"quarantine {number} lost its originals: {originals}"
        groups = world.ec2.groups_on(WEB)
        if groups != (CUT if last.state is State.CONTAINED else ORIGINALS):
            yield f"{last.state} at last, and {groups}"
        if last.number > 1 and "new" not in self.workers:
            yield "an old finding contained again after a release"
        yield from _unlike(last, world)
        yield from self._wrong_answers(ended)

    def _wrong_answers(self, ended: list[Ended]) -> Iterator[str]:
        for name, end in zip(self.workers, ended, strict=True):
            if name == "new" and not _contained_it(end) and not self._was_held(end):
                yield f"the newer finding ended with {end}"

    def _wrong_if_never_opened(self, world: World) -> Iterator[str]:
        if self.mode is Mode.ENFORCE:
            yield "no quarantine was ever opened"
        if world.ec2.groups_on(WEB) != ORIGINALS or world.ec2.state_of(WEB) != "running":
            yield "it was told to observe, and changed the instance"
        if "held" not in world.notices.outcomes:
            yield "held, and nobody was told"

    def _was_held(self, end: Ended) -> bool:
        is_held = isinstance(end.result, Answer) and end.result.outcome is Outcome.HELD
        return is_held and self.mode is Mode.OBSERVE


def _unlike(last: Quarantine, world: World) -> Iterator[str]:
    """Yield what is not as the last record says: the running state, steps, words, evidence."""
    state, stop = world.ec2.state_of(WEB), last.step(StepName.STOP).status
    stopped = last.state is State.CONTAINED and stop is StepStatus.DONE
    if (state == "stopped") is not stopped:
        yield f"{last.state} at last, stop is {stop}, and it is {state}"
    if last.at_work(world.now):
        yield f"somebody is still at work: {last.workers}"
    kept = last.state is State.CONTAINED and _is_done(last, StepName.PROTECTION)
    if world.ec2.traits_of(WEB).is_protected is not kept:
        yield f"{last.state} at last, and protected is not {kept}"
    if last.state is State.RELEASED and "released" not in world.notices.outcomes:
        yield "released, and nobody was told"
    if last.state is State.CONTAINED:
        yield from _unlike_contained(last, world)


def _unlike_contained(last: Quarantine, world: World) -> Iterator[str]:
    if last.is_unfinished:
        yield f"unfinished at last: {last.steps}"
    if last.finding_id in ("old", "new") and "contained" not in world.notices.outcomes:
        yield "contained, and nobody was told"
    done = last.step(StepName.EVIDENCE).status is StepStatus.DONE
    kept = f"quarantines/{last.ref.key}/{last.number}/"
    if done and last.opened_at > NOON and not any(n.startswith(kept) for n in world.evidence.kept):
        yield "its evidence is not kept"


def _is_done(quarantine: Quarantine, name: StepName) -> bool:
    """Whether a step was done; that of a record without what undoes it was never begun."""
    step = quarantine.step(name)
    return step.status is StepStatus.DONE and bool(step.before)


def _contained_it(end: Ended) -> bool:
    return isinstance(end.result, Answer) and end.result.outcome in (
        Outcome.CONTAINED,
        Outcome.ALREADY_CONTAINED,
    )


def _is_unfinished(end: Ended) -> bool:
    """Whether it is to be delivered, or asked for, again."""
    if end.error is not None:
        return not isinstance(end.error, (ConflictError, RejectedError))
    if isinstance(end.result, Answer):
        return False
    state = getattr(getattr(end.result, "quarantine", None), "state", None)
    return state is State.RELEASING


def _fresh(world: World) -> None:
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)
    world.launch(an_instance())


def _contained(world: World) -> None:
    _fresh(world)
    world.quarantines.put(a_quarantine(State.CONTAINED))
    world.ec2.attach(WEB, an_interface(groups=CUT["eni-1"]))


def _half_cut(world: World) -> None:
    _fresh(world)
    world.quarantines.put(a_quarantine(workers={"dead": NOON}))


def _half_released(world: World) -> None:
    _fresh(world)
    releasing = a_quarantine(State.RELEASING, release=a_release(at=NOON), workers={"dead": NOON})
    world.quarantines.put(releasing)


# Of the quarantine that there is; what was begun is finished, also by who only observes.
_FIRST_NUMBER = {"fresh": 0, "contained": 1, "half cut": 1, "half released": 1}
STARTS: Mapping[str, Callable[[World], None]] = {
    "fresh": _fresh,
    "contained": _contained,
    "half cut": _half_cut,
    "half released": _half_released,
}
_QUIET = (State.CONTAINED, State.RELEASED)
