"""The words of the notices about the central list of exemptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import LINE, command
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.quarantine.exemption import Exemption, Wish

_MEANS = (
    "What it is exempt from: a finding that deserves a containment is held, and told.",
    "A quarantine by hand goes past it.",
)


def of_entry(ref: InstanceRef, exemption: Exemption, *, ends: bool) -> Notice:
    """Tell that an instance is on the list, until when and why; or that it no longer is."""
    if ends:
        did = ("What was done", ("It is on the list no more: the next finding may contain it.",))
        return _notice(
            ref, "exemption_ended", Band.LOW, f"{ref.instance_id} is exempt no more", exemption, did
        )
    subject = f"EXEMPT {ref.instance_id}: Cordon does not contain it by itself"
    means = ("What it means", _MEANS)
    return _notice(ref, "exempted", Band.MEDIUM, subject, exemption, means, _to_end(ref))


def of_wish(ref: InstanceRef, wish: Wish, within: timedelta) -> Notice:
    """Tell that a second person must confirm it."""
    minutes = round(within / timedelta(minutes=1))
    end = f"until {wish.until.isoformat()}" if wish.until else "that its exemption ends"
    verb = f"exempt --until {wish.until.isoformat()}" if wish.until else "unexempt"
    wanted = Exemption(wish.reason, wish.until or wish.at, wish.by, wish.at)
    confirm = (
        f"Another person confirms it within {minutes} minutes, with the same end ({end}):",
        command(verb, ref, "--reason '...'"),
    )
    subject = f"ASKED to {'exempt' if wish.until else 'end the exemption of'} {ref.instance_id}"
    said = ("To confirm it", confirm)
    return _notice(ref, "exemption_asked", Band.MEDIUM, subject, wanted, said)


def of_reminder(ref: InstanceRef, exemption: Exemption) -> Notice:
    """Tell that an exemption is about to end."""
    again = (
        "To have it go on",
        (command("exempt", ref, "--until '...' --reason '...'"),),
    )
    subject = f"The exemption of {ref.instance_id} ends soon"
    return _notice(ref, "exemption_ends", Band.MEDIUM, subject, exemption, again)


def of_fault(ref: InstanceRef, exemption: Exemption) -> Notice:
    """Tell that an exemption has no end that can be read, and holds until somebody mends it."""
    mend = (
        "To mend it",
        (
            command("exempt", ref, "--until '...' --reason '...'"),
            command("unexempt", ref, "--reason '...'"),
        ),
    )
    subject = f"FAULT: the exemption of {ref.instance_id} has no readable end, and holds"
    return _notice(ref, "exemption_faulty", Band.HIGH, subject, exemption, mend)


def of_lapse(ref: InstanceRef, exemption: Exemption) -> Notice:
    """Tell that an exemption is over."""
    did = ("What it means", ("The next finding that deserves it contains the instance.",))
    subject = f"The exemption of {ref.instance_id} is over"
    return _notice(ref, "exemption_ended", Band.LOW, subject, exemption, did)


def _to_end(ref: InstanceRef) -> Section:
    return ("To end it before", (command("unexempt", ref, "--reason '...'"),))


def _notice(
    ref: InstanceRef,
    outcome: str,
    severity: Band,
    subject: str,
    exemption: Exemption,
    *sections: Section,
) -> Notice:
    until = exemption.until
    said: dict[str, Any] = {
        "instance_id": ref.instance_id,
        "region": ref.region,
        "by": one_line(exemption.by, LINE),
        "until": until and until.isoformat(),
    }
    confirmed = exemption.confirmed_by
    lines = (
        f"account {ref.account_id}, {ref.region}",
        one_line(exemption.words, LINE),
        one_line(f"confirmed by {confirmed}", LINE) if confirmed else "",
    )
    about = ("The exemption", tuple(line for line in lines if line))
    return Notice(
        kind=Kind.HOLD,
        outcome=outcome,
        severity=severity.value,
        account_id=ref.account_id,
        subject=subject_line(subject),
        sections=(about, *sections),
        facts=said,
    )
