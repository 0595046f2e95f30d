"""The words of the notices about what was held."""

from __future__ import annotations

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import LINE
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.quarantine.held import Held


def of_dismissal(held: Held, by: str, reason: str, incident: str = "") -> Notice:
    """Tell that a person decided not to contain what was held: the `incident` is over."""
    who = one_line(by, LINE)
    return Notice(
        kind=Kind.HOLD,
        outcome="dismissed",
        severity=Band.of(held.score).value,
        account_id=held.ref.account_id,
        subject=subject_line(f"DISMISSED {held.ref.instance_id}: {held.finding_type}"),
        sections=(
            ("What was held", (f"{held.finding_type}, finding {held.finding_id}",)),
            ("What was decided", (f"Not to contain it, by {who}", one_line(reason, LINE))),
        ),
        facts={
            "instance_id": held.ref.instance_id,
            "region": held.ref.region,
            "reasons": list(held.reasons),
            "by": who,
            "incident": incident,
        },
    )


def of_lapse(held: Held, incident: str) -> Notice:
    """Tell that what was held is forgotten, since nobody decided in all the time there was."""
    return Notice(
        kind=Kind.HOLD,
        outcome="lapsed",
        severity=Band.of(held.score).value,
        account_id=held.ref.account_id,
        subject=subject_line(f"LAPSED {held.ref.instance_id}: {held.finding_type}"),
        sections=(
            ("What was held", (f"{held.finding_type}, finding {held.finding_id}",)),
            (
                "What that means",
                (
                    f"It was held on {held.at:%Y-%m-%d}, and nobody approved or dismissed it.",
                    "The next finding is decided anew.",
                ),
            ),
        ),
        facts={
            "instance_id": held.ref.instance_id,
            "region": held.ref.region,
            "reasons": list(held.reasons),
            "incident": incident,
        },
    )
