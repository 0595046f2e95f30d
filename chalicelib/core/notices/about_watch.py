"""The words of the notices about what the watcher cannot do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.core.decision.outcome import Answer
from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import LINE, notice_of, recorded
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.quarantine.record import Quarantine
from chalicelib.core.steps.step import MARK

_MOST = 50  # groups that a message names

# What a person can do about a refusal, by a word of AWS's answer.
_CURES = {
    "SecurityGroupLimitExceeded": "Raise the quota of security groups in that account and Region.",
    "UnauthorizedOperation": "Allow Cordon's role to make and mend its own groups there; where a "
    "policy of the organisation forbids open groups, set drain = false.",
}


def of_unseen(quarantine: Quarantine, problem: str) -> Notice:
    """Tell that an instance in quarantine cannot be looked at: nobody knows whether it is cut off.

    Told once, until it could be looked at again.
    """
    ref = quarantine.ref
    return Notice(
        kind=Kind.DRIFT,
        outcome="unseen",
        severity=Band.HIGH.value,
        account_id=ref.account_id,
        subject=subject_line(f"{ref.instance_id} is in quarantine and cannot be looked at"),
        sections=(
            ("What went wrong", (one_line(problem, LINE),)),
            ("What comes next", ("The watcher tries again every five minutes.",)),
        ),
        facts={
            "instance_id": ref.instance_id,
            "quarantine_id": quarantine.id,
            "region": ref.region,
        },
    )


def of_unmarked(quarantine: Quarantine, *, repaired: bool) -> Notice:
    """Tell that somebody took away the tag by which a policy knows what is held; once a day."""
    instance_id = quarantine.ref.instance_id
    done = "Cordon sets it again, with all else that keeps the instance and its volumes."
    return notice_of(
        Kind.DRIFT,
        "unmarked",
        quarantine,
        f"Somebody took the tag {MARK} from {instance_id}, which is cut off",
        [
            recorded(quarantine),
            ("What was done", (done if repaired else "Nothing: Cordon only observes.",)),
            (
                "What that means",
                (
                    "Without it the service control policy of infra/guard-scp.json lets others",
                    "change the instance. Who took it has rights in the account: see CloudTrail.",
                ),
            ),
        ],
        severity=Band.HIGH,
    )


def of_handed_back(answers: Sequence[Answer], account_id: str, region: str) -> Notice:
    """Tell of findings that had failed for good, and how they ended now."""
    lines = [
        f"{each.instance_id}: {each.outcome}, {', '.join(each.reasons)}"
        for answer in answers
        for each in answer.instances
    ]
    more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return Notice(
        kind=Kind.FINDING,
        outcome="handed_back",
        severity=Band.MEDIUM.value,
        account_id=account_id,
        subject=subject_line(f"{len(answers)} finding(s) that had failed were answered after all"),
        sections=(
            ("How they ended", (*(one_line(line, LINE) for line in lines[:_MOST]), *more)),
            ("What that means", ("They waited in the dead letters until their cause was over.",)),
        ),
        facts={"region": region, "findings": len(answers)},
    )


def of_seen_again(quarantine: Quarantine) -> Notice:
    """Tell that an instance in quarantine that could not be looked at can be again."""
    return notice_of(
        Kind.DRIFT,
        "seen_again",
        quarantine,
        f"{quarantine.ref.instance_id} is in quarantine and looked at again",
        [
            recorded(quarantine),
            ("What that means", ("It is seen to every five minutes, as before.",)),
        ],
        severity=Band.LOW,
    )


def of_planted(name: str, of: Quarantine | Finding) -> Notice:
    """Tell that somebody else had put something where a piece of evidence belongs.

    Args:
        name: of the piece.
        of: what it is evidence of; people are told under its incident.
    """
    facts: dict[str, str] = {"incident": of.id}
    if isinstance(of, Quarantine):
        facts = {"instance_id": of.ref.instance_id, "quarantine_id": of.id}
    place = of.ref if isinstance(of, Quarantine) else of
    return Notice(
        kind=Kind.DRIFT,
        outcome="evidence_planted",
        severity=Band.HIGH.value,
        account_id=place.account_id,
        subject=subject_line("Somebody else wrote into the evidence"),
        sections=(
            (
                "What was found",
                (one_line(f"{name} holds what Cordon did not put.", LINE),),
            ),
            (
                "What was done",
                (
                    "The true piece is kept as the newest version; the other stays below it.",
                    "CloudTrail's data events say who put it, if they are on for the bucket.",
                ),
            ),
        ),
        facts={**facts, "region": place.region, "evidence": name},
    )


def of_groups(problems: Mapping[str, str], account_id: str, region: str) -> Notice:
    """Tell which of Cordon's groups AWS refuses to make or mend, before an incident needs them.

    Args:
        problems: the group, in words, and what is wrong.
        account_id: Cordon's own.
        region: Cordon's own.
    """
    lines = [one_line(f"{group}: {problem}", LINE) for group, problem in problems.items()]
    more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    said = " ".join(problems.values())
    return Notice(
        kind=Kind.DRIFT,
        outcome="groups_refused",
        severity=Band.HIGH.value,
        account_id=account_id,
        subject=subject_line(f"{len(lines)} security group(s) of Cordon's cannot be made ready"),
        sections=(
            ("Refused", (*lines[:_MOST], *more)),
            ("What to do", tuple(cure for code, cure in _CURES.items() if code in said)),
            (
                "What that means",
                ("Without a deny group no instance of that VPC can be cut off.",),
            ),
        ),
        facts={"region": region, "groups": list(problems)[:_MOST]},
    )
