"""The words of the notices about what was held."""

from __future__ import annotations

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import LINE, command
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.quarantine.held import Held

_MOST = 20  # instances that a reminder names


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
            "why": one_line(reason, LINE),
            "incident": incident,
        },
    )


def of_reminder(held: tuple[Held, ...], account_id: str, region: str) -> Notice:
    """Tell again, in one message, of everything that waits for a person for so long.

    Args:
        held: the strongest first.
        account_id: Cordon's own.
        region: likewise.
    """
    first, left = held[0], len(held) - _MOST
    who = first.ref.instance_id if len(held) == 1 else f"{len(held)} instances"
    more = (f"and {left} more: cordon held",) if left > 0 else ()
    return Notice(
        kind=Kind.HOLD,
        outcome="waiting",
        severity=Band.of(first.score).value,
        account_id=account_id,
        subject=subject_line(f"STILL HELD, not contained: {who}"),
        sections=(
            ("What waits for a person", (*(_waiting(each) for each in held[:_MOST]), *more)),
            (
                "To decide: contain it, or not",
                (
                    command("approve", first.ref, "--reason '...'"),
                    command("dismiss", first.ref, "--reason '...'"),
                ),
            ),
        ),
        facts={"region": region, "instance_ids": [each.ref.instance_id for each in held[:_MOST]]},
    )


def _waiting(held: Held) -> str:
    why = ", ".join(held.reasons)
    said = f"{held.ref.instance_id}, {held.ref.where}: {held.finding_type} ({held.score:g})"
    return one_line(f"{said}, held since {held.at:%Y-%m-%d %H:%M} UTC: {why}", LINE)


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
