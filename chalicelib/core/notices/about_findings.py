"""The words of the notices about a finding, written from data by pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.decision.decision import HOLDS_IN_WORDS, Hold
from chalicelib.core.errors import CordonError, OpenToEverythingError, StepFailedError, UnseenError
from chalicelib.core.findings.finding import Finding
from chalicelib.core.host import NOBODY, Host
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import (
    LINE,
    command,
    finding_facts,
    found,
    give_back,
    host_section,
    label_of,
    path_of,
)
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.policy.judgement import Judgement
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import Quarantine


def of_finding(finding: Finding, judgement: Judgement, outcome: str) -> Notice:
    """Tell of a finding that touches nothing."""
    ids = [ref.instance_id for ref in judgement.instances]
    more = f" and {len(ids) - 1} more" if ids[1:] else ""
    where = f"{ids[0]}{more}" if ids else finding.account_id
    return _notice(
        Kind.FINDING,
        outcome,
        finding,
        f"{label_of(finding)}{finding.band}: {finding.type} on {where}",
        [
            found(finding, judgement.why),
            ("What was done", ("Nothing was touched.",)),
            ("Which instances", tuple(ids) if more else ()),
        ],
        reasons=[judgement.reason],
        instance_ids=ids,
        **_of_one(ids),
    )


def _of_one(ids: list[str]) -> dict[str, Any]:
    return {"instance_id": ids[0]} if len(ids) == 1 else {}


def of_nothing_to_cut(  # noqa: PLR0913 - what there is to tell
    finding: Finding,
    judgement: Judgement,
    ref: InstanceRef,
    reason: str,
    incident: str = "",
    *,
    host: Host = NOBODY,
    ends: bool = False,
) -> Notice:
    """Tell of an instance that deserves to be cut off and has nothing left to cut.

    It `ends` the incident if people were told before that it was held, or could not be cut off.
    """
    return _notice(
        Kind.FINDING,
        "alerted",
        finding,
        f"{finding.band}: {finding.type} on {ref.instance_id}, which has nothing to cut",
        [
            found(finding, judgement.why),
            ("What was done", (f"Nothing: {reason.replace('_', ' ')}.",)),
        ],
        host=host,
        reasons=[reason],
        instance_id=ref.instance_id,
        incident=incident,
        ends=ends,
    )


def of_hold(  # noqa: PLR0913 - what was found, why it is held, and since when
    finding: Finding,
    judgement: Judgement,
    ref: InstanceRef,
    reasons: tuple[str, ...],
    incident: str = "",
    *,
    exemption: Exemption | None = None,
    host: Host = NOBODY,
) -> Notice:
    """Tell that an instance was not cut off, every reason why, and how to do it after all."""
    return _notice(
        Kind.HOLD,
        "held",
        finding,
        f"{label_of(finding)}HELD {ref.instance_id}, not contained: {finding.type}",
        [
            found(finding, judgement.why),
            ("Why it was held", tuple(_why_held(Hold(reason), exemption) for reason in reasons)),
            (
                "To contain it all the same",
                (
                    command("approve", ref, "--reason '...'"),
                    f'POST {path_of(ref)} {{"reason": "..."}}',
                ),
            ),
        ],
        host=host,
        reasons=list(reasons),
        instance_id=ref.instance_id,
        incident=incident,
    )


def _why_held(hold: Hold, exemption: Exemption | None) -> str:
    if hold is Hold.EXEMPT and exemption is not None:
        return one_line(f"{HOLDS_IN_WORDS[hold]} {exemption.words}", LINE)
    return HOLDS_IN_WORDS[hold]


def of_repeat(finding: Finding, judgement: Judgement, quarantine: Quarantine) -> Notice:
    """Tell of another finding about an instance that is cut off already."""
    ref = quarantine.ref
    return _notice(
        Kind.FINDING,
        "already_contained",
        finding,
        f"{ref.instance_id} is contained already: {finding.type}",
        [
            found(finding, judgement.why),
            ("What was done", (f"The finding was added to quarantine {quarantine.id}.",)),
            give_back(quarantine),
        ],
        host=quarantine.host,
        instance_id=ref.instance_id,
        quarantine_id=quarantine.id,
        reasons=[judgement.reason],
    )


def of_failure(  # noqa: PLR0913 - what was tried, and where
    finding: Finding,
    judgement: Judgement,
    ref: InstanceRef,
    error: CordonError,
    incident: str = "",
    *,
    host: Host = NOBODY,
) -> Notice:
    """Tell that a containment, or a step after it, could not be carried out."""
    verdict, next_ = _VERDICTS.get(type(error), _FAILED)
    return _notice(
        Kind.CONTAINMENT,
        "step_failed" if isinstance(error, StepFailedError) else "failed",
        finding,
        f"{verdict.format(ref.instance_id)}: {finding.type}",
        [
            found(finding, judgement.why),
            ("What went wrong", (one_line(str(error), LINE),)),
            ("What comes next", (next_,)),
        ],
        host=host,
        instance_id=ref.instance_id,
        reasons=[judgement.reason],
        incident=incident,
    )


# What the subject says, and what comes next.
_AGAIN = (
    "It is tried again twice; then it waits in the dead letters. "
    "The watcher answers it once its cause is over."
)
_FAILED = ("FAILED to contain {}", _AGAIN)
_VERDICTS: Mapping[type[CordonError], tuple[str, str]] = {
    OpenToEverythingError: ("OPEN TO EVERYTHING: {}", f"{_AGAIN} The watcher tries as well."),
    UnseenError: (
        "CANNOT LOOK at {}",
        f"Nobody knows whether it is to be contained. {_AGAIN}",
    ),
    StepFailedError: (
        "CONTAINED {}, but a later step failed",
        "The instance is cut off, and stays so. What failed is tried again.",
    ),
}


def _notice(  # noqa: PLR0913 - the fields of a notice
    kind: Kind,
    outcome: str,
    finding: Finding,
    subject: str,
    sections: list[Section],
    *,
    host: Host = NOBODY,
    **facts: Any,
) -> Notice:
    known = {"host": dict(host)} if host else {}
    return Notice(
        kind=kind,
        outcome=outcome,
        severity=finding.band.value,
        account_id=finding.account_id,
        subject=subject_line(subject),
        sections=(*sections[:1], *host_section(host), *sections[1:]),
        facts={**facts, **known, "region": finding.region, "finding": finding_facts(finding)},
    )
