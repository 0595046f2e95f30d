"""Detection to containment: one GuardDuty finding, start to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.core.decision.decision import Case, Decision, Verdict, decide
from chalicelib.core.decision.outcome import Answer, InstanceAnswer, Outcome
from chalicelib.core.errors import CordonError, RecordMovedError
from chalicelib.core.findings.finding import Finding, parse_finding
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.judgement import NOT_FOR_EXERCISES, Judgement, judge
from chalicelib.core.policy.place import facts_now
from chalicelib.core.policy.policy import TOUCHING
from chalicelib.core.steps.network import is_doubtful
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.cut_off import Attempt, cut_off
from chalicelib.flows.quarantine.look import Look, look_at_once, look_in_order
from chalicelib.flows.quarantine.tell import (
    tell_finding,
    tell_hold,
    tell_nothing_to_cut,
    tell_unseen,
)
from chalicelib.flows.quarantine.trace import traced

_TRIES = 5  # when others keep moving the same record; each loss is somebody's progress


def contain(event: Mapping[str, Any], to: Responder, *, again: bool = False) -> Answer:
    """Respond to a finding, `event` being what EventBridge delivers.

    EventBridge delivers at least once and GuardDuty repeats a finding for as long as it goes on,
    so this may run any number of times for one instance, also at once.

    Args:
        event: a finding.
        to: the world.
        again: it lay among the dead letters, who knows for how long.

    Raises:
        RejectedError: the event is no finding that can be read; nothing was touched.
        BusyError: something could not be carried out yet; the same event may be sent again.
        RefusedError: something cannot be carried out without a person.
    """
    finding = traced(parse_finding(event), to.threat_index)
    finding = replace(finding, is_replayed=True) if again else finding
    judgement = judge(finding, to.policy)
    if judgement.response in TOUCHING or judgement.depends:
        answer = Answer.of(_each_instance(finding, judgement, to))
    else:
        answer = tell_finding(finding, judgement, to)
    if finding.is_sample or (finding.is_exercise and answer.outcome is Outcome.CONTAINED):
        to.control.exercise(to.now())
    return answer


def _each_instance(
    finding: Finding, judgement: Judgement, to: Responder
) -> tuple[InstanceAnswer, ...]:
    """Respond for every instance of the finding; one that fails does not keep the others waiting.

    Raises:
        CordonError: the first failure, once all were tried.
    """
    answers: list[InstanceAnswer] = []
    failures: list[CordonError] = []
    for ref in judgement.instances:
        try:
            answers.append(_respond(finding, judgement, ref, to))
        except CordonError as error:
            failures.append(error)
    if failures:
        for other in failures[1:]:
            failures[0].add_note(str(other))
        raise failures[0]
    return tuple(answers)


def _respond(
    finding: Finding, judgement: Judgement, ref: InstanceRef, to: Responder
) -> InstanceAnswer:
    worker = to.name_worker()
    for turn in range(_TRIES):
        look = _look_or_tell(finding, judgement, ref, to)
        if finding.is_exercise and look.instance and not look.instance.is_for_exercises:
            return _tell_only(finding, replace(NOT_FOR_EXERCISES, instances=(ref,)), ref, to)
        if judgement.depends:
            judgement = _judge_there(finding, ref, look, to)
            if judgement.response not in TOUCHING:
                return _tell_only(finding, judgement, ref, to)
        case = Case(finding, judgement, ref, look.instance, look.dossier, to.bounds(ref))
        decision = _decide(case, to)
        if decision.verdict is Verdict.HOLD:
            return tell_hold(case, decision.reasons, to)
        if decision.verdict is Verdict.ALERT or look.instance is None:
            return tell_nothing_to_cut(case, decision.reasons, to)
        try:
            return cut_off(case, look.instance, look, Attempt(worker, turn), to)
        except RecordMovedError:
            continue
    raise RecordMovedError(ref.instance_id)


def _decide(case: Case, to: Responder) -> Decision:
    """Decide; if that depends on the others of its group, and on nothing else, look at them too."""
    decision, begun = decide(case), case.dossier.quarantine
    is_due = decision.verdict is Verdict.CONTAIN and not (begun and begun.is_open)
    if not (is_due and case.needs_a_look_around and case.instance):
        return decision
    around = to.site(case.ref).neighbourhood.around(case.instance)
    return decide(replace(case, around=around))


def _judge_there(finding: Finding, ref: InstanceRef, look: Look, to: Responder) -> Judgement:
    """Return what the finding deserves of this instance, now that EC2 says where it is."""
    judgement = judge(finding, to.policy, facts_now(ref, look.instance))
    return replace(judgement, instances=(ref,), depends=True)


def _tell_only(
    finding: Finding, judgement: Judgement, ref: InstanceRef, to: Responder
) -> InstanceAnswer:
    answer = tell_finding(finding, judgement, to)
    return InstanceAnswer(ref.instance_id, answer.outcome, (judgement.reason,))


def _look_or_tell(finding: Finding, judgement: Judgement, ref: InstanceRef, to: Responder) -> Look:
    try:
        return _look(ref, finding.id, to)
    except CordonError as error:
        tell_unseen(finding, judgement, ref, error, to)
        raise


def _look(ref: InstanceRef, finding_id: str, to: Responder) -> Look:
    """Look at everything at once, as fast as it goes; if that is in doubt, again and in order."""
    look = look_at_once(ref, to, finding_id)
    if look.instance is not None and is_doubtful(
        look.dossier.quarantine, look.instance, look.groups
    ):
        look = look_in_order(ref, to, finding_id)
    if look.instance is None or not (to.policy.protect_routers and look.instance.may_route):
        return look
    ec2 = to.site(ref).instances
    is_route = ec2.is_route(ref.instance_id)
    return replace(look, instance=replace(look.instance, is_route=is_route))
