"""The words of the notices about a quarantine, from its record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.host import named
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import (
    LINE,
    command,
    finding_facts,
    found,
    give_back,
    label_of,
    notice_of,
    path_of,
    recorded,
)
from chalicelib.core.plain_text import one_line
from chalicelib.core.quarantine.record import Original, Quarantine, State, StepName, StepStatus
from chalicelib.core.steps.lasting import lasting
from chalicelib.core.steps.order import SENTENCES

if TYPE_CHECKING:  # a containment tells of none
    from chalicelib.core.steps.drift import Drift

_FEW = 3  # repairs, after which a message says how many

# What a security group cannot do; each is documented by AWS.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
_CLOSE = "--verdict remediated --accept-drift --reason '...'"
LIMITS = (
    "Connections from before that run through a NAT gateway, a Network Load Balancer or an",
    "interface endpoint may live on: EC2 always tracks them. DNS queries to the VPC's resolver",
    "pass every security group. Stopping the instance ends all of that, and loses its memory.",
)


def of_containment(quarantine: Quarantine, finding: Finding | None, reason: str) -> Notice:
    """Tell that an instance is cut off, what could not be cut, and how to give it back.

    Args:
        quarantine: its record.
        finding: that was responded to; None: a person asked, or the watcher finished the work.
        reason: one word for machines.
    """
    cause = (finding.type if finding else quarantine.finding_type) or "by hand"
    return notice_of(
        Kind.CONTAINMENT,
        "contained",
        quarantine,
        f"{label_of(finding)}CONTAINED {quarantine.ref.instance_id}: {cause}",
        [
            found(finding, quarantine.reason) if finding else recorded(quarantine),
            ("What was done", (*_step_lines(quarantine), *_original_lines(quarantine, " -> deny"))),
            ("What could not be cut", LIMITS),
            give_back(quarantine),
        ],
        severity=finding.band if finding else quarantine.severity,
        finding=finding_facts(finding) if finding else None,
        reasons=[reason],
        seconds_to_contain=quarantine.times.whole(quarantine.opened_at),
    )


def of_trouble(quarantine: Quarantine, problem: str, *, is_cut: bool = False) -> Notice:
    """Tell that what was begun could not be finished, and that the watcher goes on trying.

    `is_cut`: the instance is cut off all the same.
    """
    who = quarantine.ref.instance_id
    subject = f"UNFINISHED {quarantine.state} of {who}"
    if quarantine.state is State.CONTAINED:
        subject = f"LET OUT {who}, and it could not be cut off again yet"
    return notice_of(
        Kind.CONTAINMENT,
        "step_failed" if is_cut else "failed",
        quarantine,
        f"CONTAINED {who}, but a later step could not be done yet" if is_cut else subject,
        [
            recorded(quarantine),
            ("What went wrong", (one_line(problem, LINE),)),
            ("What comes next", ("The watcher tries again every five minutes.",)),
        ],
    )


def of_failed_step(quarantine: Quarantine, name: StepName, problem: str) -> Notice:
    """Tell that AWS refuses a step after the cut; it is not tried again by itself."""
    return notice_of(
        Kind.CONTAINMENT,
        "step_failed",
        quarantine,
        f"CONTAINED {quarantine.ref.instance_id}, but the step {name} failed",
        [
            recorded(quarantine),
            ("What went wrong", (one_line(problem, LINE),)),
            (
                "What comes next",
                ("The instance is cut off, and stays so. The step is not tried again by itself.",),
            ),
            (
                "To try it again, once its cause is mended",
                (f"POST {path_of(quarantine.ref, f'/steps/{name}')}", '{"reason": "..."}'),
            ),
        ],
        step=name.value,
    )


def of_release_request(quarantine: Quarantine, until: datetime) -> Notice:
    """Tell that a release waits for a second person."""
    asked = quarantine.release
    if asked is None:
        raise ValueError(f"nobody asked for the release of {quarantine.id}")
    by, drift = one_line(asked.by, LINE), " --accept-drift" if asked.accepts_drift else ""
    again = f"--verdict {asked.verdict}{drift} --reason '...'"
    same = {"reason": "...", "verdict": asked.verdict, "accept_drift": asked.accepts_drift}
    return notice_of(
        Kind.RELEASE,
        "requested",
        quarantine,
        f"Release of {quarantine.ref.instance_id} waits for a second person",
        [
            recorded(quarantine),
            ("What was asked", (f"{asked.verdict}, by {by}", one_line(asked.reason, LINE))),
            (
                f"To confirm it, before {until:%Y-%m-%d %H:%M:%S} UTC, as another person",
                (
                    command("release", quarantine.ref, again),
                    f"POST {path_of(quarantine.ref, '/release')}",
                    json.dumps(same),
                ),
            ),
        ],
    )


def of_release(quarantine: Quarantine, drift: tuple[Drift, ...], proposal: str) -> Notice:
    """Tell that an instance was given back, what was not exact, and what to do about repeats."""
    order = quarantine.release
    if order is None:
        raise ValueError(f"nobody ordered the release of {quarantine.id}")
    left = tuple(one_line(f"{each.subject}: {each.detail}", LINE) for each in drift)
    second = f"confirmed by {one_line(order.confirmed_by, LINE)}" if order.confirmed_by else ""
    lines = (
        f"by {one_line(order.by, LINE)}: {order.verdict}",
        second,
        one_line(order.reason, LINE),
    )
    return notice_of(
        Kind.RELEASE,
        "released",
        quarantine,
        f"RELEASED {quarantine.ref.instance_id}: {order.verdict}",
        [
            recorded(quarantine),
            ("Who released it", tuple(line for line in lines if line)),
            ("What was given back", _original_lines(quarantine)),
            ("What is not as it was", left or ("Nothing: EC2 reads back as it was.",)),
            ("What no release gives back", lasting(quarantine)),
            (
                "To keep such findings away: nothing does it by itself",
                (proposal,) if proposal else (),
            ),
        ],
        verdict=order.verdict.value,
        by=one_line(order.by, LINE),
        why=one_line(order.reason, LINE),
        drift=[each.as_json() for each in drift],
    )


def of_drift(quarantine: Quarantine, problems: tuple[str, ...], *, repaired: bool) -> Notice:
    """Tell that somebody let a contained instance out, and whether it is cut off again."""
    count = quarantine.repairs.count
    often = f", for the {count}th time" if count > _FEW else ""
    done = "It was cut off again." if repaired else "Nothing: Cordon only observes."
    more = tuple(_escalated_lines(quarantine))
    fold = ("The next equal ones are counted, and told when their number has doubled.",)
    return notice_of(
        Kind.DRIFT,
        "repaired" if repaired else "drifted",
        quarantine,
        f"DRIFT of {quarantine.ref.instance_id}"
        + (f", cut off again{often}" if repaired else ", NOT contained any more"),
        [
            recorded(quarantine),
            ("What had changed", tuple(one_line(each, LINE) for each in problems)),
            ("What was done", (done, *more, *(fold if often else ()))),
            give_back(quarantine),
        ],
        severity=quarantine.repairs.severity,
        repairs=count,
    )


def of_rival(quarantine: Quarantine, groups: tuple[str, ...]) -> Notice:
    """Tell that another Cordon cut the instance off as well, and that this one lets it be."""
    return notice_of(
        Kind.DRIFT,
        "yielded",
        quarantine,
        f"{quarantine.ref.instance_id} is held by another Cordon as well",
        [
            recorded(quarantine),
            ("What had changed", (f"It is on {', '.join(groups)}, which has no rules either.",)),
            (
                "What was done",
                ("Nothing: it is cut off. Two would undo each other every five minutes.",),
            ),
            ("What to do", ("Let one deployment alone enforce in an account and Region.",)),
        ],
        severity=Band.MEDIUM,
    )


def of_gone(quarantine: Quarantine) -> Notice:
    """Tell that an instance in quarantine is no more, and how to close its record."""
    return notice_of(
        Kind.DRIFT,
        "instance_gone",
        quarantine,
        f"{quarantine.ref.instance_id} is gone while in quarantine",
        [
            recorded(quarantine),
            ("What was done", ("Nothing: EC2 does not know the instance any more.",)),
            (
                "To close its record",
                (
                    command("release", quarantine.ref, _CLOSE),
                    f"POST {path_of(quarantine.ref, '/release')}",
                    '{"reason": "...", "verdict": "remediated", "accept_drift": true}',
                ),
            ),
        ],
    )


def of_review(quarantine: Quarantine, days: int, level: int) -> Notice:
    """Tell that a quarantine has been open for long; the higher the level, the more urgent."""
    return notice_of(
        Kind.REVIEW,
        "due",
        quarantine,
        f"Reminder {level}: {quarantine.ref.instance_id} is in quarantine for {days} days",
        [recorded(quarantine), give_back(quarantine)],
        severity=(Band.MEDIUM, Band.HIGH, Band.CRITICAL)[min(level, 3) - 1],
        level=level,
    )


def _original_lines(quarantine: Quarantine, then: str = "") -> tuple[str, ...]:
    return tuple(
        f"{original.interface_id}: {_groups(original, quarantine) or 'unknown groups'}{then}"
        for original in quarantine.originals
    )


def _escalated_lines(quarantine: Quarantine) -> Iterator[str]:
    """Yield how what is done against an intruder who has rights went."""
    for name in (StepName.CREDENTIALS, StepName.STOP):
        if quarantine.step(name).status is not StepStatus.SKIPPED:
            yield from (each for each in _step_lines(quarantine) if SENTENCES[name] in each)


def _groups(original: Original, quarantine: Quarantine) -> str:
    return one_line(named(original.group_ids, quarantine.group_names), LINE)


def _step_lines(quarantine: Quarantine) -> tuple[str, ...]:
    marks = {
        StepStatus.PENDING: "comes next",
        StepStatus.STARTED: "begun",
        StepStatus.WAITING: "under way",
        StepStatus.DONE: "done",
        StepStatus.SKIPPED: "not done",
        StepStatus.FAILED: "FAILED",
        StepStatus.UNDONE: "undone",
    }
    lines = []
    for name, word in SENTENCES.items():
        step = quarantine.step(name)
        detail = f": {one_line(step.detail, LINE)}" if step.detail else ""
        lines.append(f"{word}: {marks[step.status]}{detail}")
    return tuple(lines)
