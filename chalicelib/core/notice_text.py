"""The words of each notice, written from data by pure functions."""

from __future__ import annotations

from typing import Any

from chalicelib.core.decision import HOLDS_IN_WORDS, Hold
from chalicelib.core.finding import Finding
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notice import Kind, Notice, Section
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.policy import Judgement
from chalicelib.core.quarantine import Quarantine, StepName, StepStatus

_LINE = 400  # characters

# What a security group cannot do; each is documented by AWS.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
_LIMITS = (
    "Connections from before that run through a NAT gateway, a Network Load Balancer or an",
    "interface endpoint may live on: EC2 always tracks them. DNS queries to the VPC's resolver",
    "pass every security group. Stopping the instance ends all of that, and loses its memory.",
)


def of_finding(finding: Finding, judgement: Judgement, outcome: str) -> Notice:
    """Tell of a finding that touches nothing."""
    sample = "[SAMPLE] " if finding.is_sample else ""
    where = finding.instances[0].instance_id if finding.instances else finding.account_id
    return _notice(
        Kind.FINDING,
        outcome,
        finding,
        f"{sample}{finding.band}: {finding.type} on {where}",
        [_found(finding, judgement.why), ("What was done", ("Nothing was touched.",))],
        reasons=[judgement.reason],
        instance_ids=[ref.instance_id for ref in judgement.instances],
    )


def of_nothing_to_cut(
    finding: Finding, judgement: Judgement, ref: InstanceRef, reason: str
) -> Notice:
    """Tell of an instance that deserves to be cut off and has nothing left to cut."""
    return _notice(
        Kind.FINDING,
        "alerted",
        finding,
        f"{finding.band}: {finding.type} on {ref.instance_id}, which has nothing to cut",
        [
            _found(finding, judgement.why),
            ("What was done", (f"Nothing: {reason.replace('_', ' ')}.",)),
        ],
        reasons=[reason],
        instance_id=ref.instance_id,
    )


def of_hold(
    finding: Finding, judgement: Judgement, ref: InstanceRef, reasons: tuple[str, ...]
) -> Notice:
    """Tell that an instance was not cut off, every reason why, and how to do it after all."""
    return _notice(
        Kind.HOLD,
        "held",
        finding,
        f"HELD {ref.instance_id}, not contained: {finding.type}",
        [
            _found(finding, judgement.why),
            ("Why it was held", tuple(HOLDS_IN_WORDS[Hold(reason)] for reason in reasons)),
            (
                "To contain it all the same",
                (f'POST /quarantines/{ref.instance_id} {{"reason": "..."}}',),
            ),
        ],
        reasons=list(reasons),
        instance_id=ref.instance_id,
    )


def of_containment(finding: Finding, judgement: Judgement, quarantine: Quarantine) -> Notice:
    """Tell that an instance is cut off, what could not be cut, and how to give it back."""
    ref = quarantine.ref
    return _notice(
        Kind.CONTAINMENT,
        "contained",
        finding,
        f"CONTAINED {ref.instance_id}: {finding.type}",
        [
            _found(finding, judgement.why),
            ("What was done", (*_original_lines(quarantine), *_step_lines(quarantine))),
            ("What could not be cut", _LIMITS),
            _give_back(quarantine),
        ],
        instance_id=ref.instance_id,
        quarantine_id=quarantine.id,
        reasons=[judgement.reason],
    )


def of_repeat(finding: Finding, judgement: Judgement, quarantine: Quarantine) -> Notice:
    """Tell of another finding about an instance that is cut off already."""
    ref = quarantine.ref
    return _notice(
        Kind.FINDING,
        "already_contained",
        finding,
        f"{ref.instance_id} is contained already: {finding.type}",
        [
            _found(finding, judgement.why),
            ("What was done", (f"The finding was added to quarantine {quarantine.id}.",)),
            _give_back(quarantine),
        ],
        instance_id=ref.instance_id,
        quarantine_id=quarantine.id,
        reasons=[judgement.reason],
    )


def of_failure(finding: Finding, judgement: Judgement, ref: InstanceRef, problem: str) -> Notice:
    """Tell that a containment could not be carried out; it will be tried again."""
    return _notice(
        Kind.CONTAINMENT,
        "failed",
        finding,
        f"FAILED to contain {ref.instance_id}: {finding.type}",
        [
            _found(finding, judgement.why),
            ("What went wrong", (one_line(problem, _LINE),)),
            ("What comes next", ("It is tried again twice; then it waits in the dead letters.",)),
        ],
        instance_id=ref.instance_id,
        reasons=[judgement.reason],
    )


def _notice(
    kind: Kind,
    outcome: str,
    finding: Finding,
    subject: str,
    sections: list[Section],
    **facts: Any,
) -> Notice:
    return Notice(
        kind=kind,
        outcome=outcome,
        severity=finding.band.value,
        account_id=finding.account_id,
        subject=subject_line(subject),
        sections=tuple(sections),
        facts={**facts, "region": finding.region, "finding": _finding_facts(finding)},
    )


def _finding_facts(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "type": finding.type,
        "title": one_line(finding.title, _LINE),
        "severity": finding.score,
        "count": finding.count,
        "remote": finding.remote and one_line(finding.remote, _LINE),
        "last_seen": finding.last_seen.isoformat() if finding.last_seen else None,
        "sample": finding.is_sample,
    }


def _found(finding: Finding, why: str) -> Section:
    seen = f", last {finding.last_seen:%Y-%m-%d %H:%M:%S} UTC" if finding.last_seen else ""
    lines = [
        f"{finding.type}, {finding.band} ({finding.score:g}), seen {finding.count} time(s){seen}",
        f"account {finding.account_id}, {finding.region}, finding {finding.id}",
        one_line(finding.title, _LINE),
        f"The other end: {one_line(finding.remote, _LINE)}" if finding.remote else "",
        one_line(why, _LINE),
    ]
    return ("What was found", tuple(line for line in lines if line))


def _original_lines(quarantine: Quarantine) -> tuple[str, ...]:
    return tuple(
        f"{original.interface_id}: {', '.join(original.group_ids) or 'unknown groups'} -> deny"
        for original in quarantine.originals
    )


def _step_lines(quarantine: Quarantine) -> tuple[str, ...]:
    words = {
        StepName.DRAIN: "Cutting open connections",
        StepName.STOP: "Stopping the instance",
    }
    marks = {
        StepStatus.PENDING: "comes next",
        StepStatus.DONE: "done",
        StepStatus.SKIPPED: "not done",
        StepStatus.FAILED: "FAILED",
    }
    lines = []
    for name, word in words.items():
        step = quarantine.steps[name]
        detail = f": {one_line(step.detail, _LINE)}" if step.detail else ""
        lines.append(f"{word}: {marks[step.status]}{detail}")
    return tuple(lines)


def _give_back(quarantine: Quarantine) -> Section:
    return (
        "To give it back exactly as it was",
        (
            f"POST /quarantines/{quarantine.ref.instance_id}/release",
            '{"reason": "...", "verdict": "false_positive | remediated | accepted_risk"}',
        ),
    )
