"""Parts that several notices share."""

from __future__ import annotations

from typing import Any

from chalicelib.core.findings.finding import Finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.host import Host, in_words
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.quarantine.record import Quarantine

LINE = 400  # characters
_REMOTES = 10  # other ends that a message names


def path_of(ref: InstanceRef, action: str = "") -> str:
    """Return the path of the API by which people reach `ref`, such as its `/release`."""
    where = f"account_id={ref.account_id}&region={ref.region}"
    return f"/quarantines/{ref.instance_id}{action}?{where}"


def command(verb: str, ref: InstanceRef, options: str) -> str:
    """Return the operator's command that does `verb` to `ref`, to be pasted as it is."""
    named = f"{ref.instance_id} --account {ref.account_id} --in-region {ref.region}"
    return f"cordon {verb} {named} {options}"


def found(finding: Finding, why: str) -> Section:
    """Return what GuardDuty found, and why it matters."""
    seen = f", last {finding.last_seen:%Y-%m-%d %H:%M:%S} UTC" if finding.last_seen else ""
    lines = [
        f"{finding.type}, {finding.band} ({finding.score:g}), seen {finding.count} time(s){seen}",
        f"account {finding.account_id}, {finding.region}, finding {finding.id}",
        one_line(finding.title, LINE),
        f"The other end: {one_line(_remotes(finding), LINE)}" if finding.remotes else "",
        one_line(finding.origin.words, LINE) if finding.origin else "",
        one_line(why, LINE),
    ]
    return ("What was found", tuple(line for line in lines if line))


def label_of(finding: Finding | None) -> str:
    """Return what a subject begins with if nobody needs to be frightened; else nothing."""
    if finding is None:
        return ""
    return "[SAMPLE] " if finding.is_sample else "[EXERCISE] " if finding.is_exercise else ""


def _remotes(finding: Finding) -> str:
    more = len(finding.remotes) - _REMOTES
    return ", ".join(finding.remotes[:_REMOTES]) + (f" and {more} more" if more > 0 else "")


def finding_facts(finding: Finding) -> dict[str, Any]:
    """Return what machines read of `finding`."""
    return {
        "id": finding.id,
        "arn": one_line(finding.arn, LINE),
        "type": finding.type,
        "title": one_line(finding.title, LINE),
        "severity": finding.score,
        "count": finding.count,
        "remote": finding.remote and one_line(finding.remote, LINE),
        "remotes": [one_line(each, LINE) for each in finding.remotes[:_REMOTES]],
        "last_seen": finding.last_seen.isoformat() if finding.last_seen else None,
        "sample": finding.is_sample,
        "threat_list": finding.origin and finding.origin.as_json(),
    }


def recorded(quarantine: Quarantine) -> Section:
    """Return why the instance is in quarantine, as its record has it."""
    ref = quarantine.ref
    by = one_line(quarantine.opened_by, LINE)
    cause = f"{quarantine.finding_type}, finding {quarantine.finding_id}"
    lines = (
        f"account {ref.account_id}, {ref.region}, quarantine {quarantine.id}",
        cause if quarantine.finding_id else "",
        f"since {quarantine.opened_at:%Y-%m-%d %H:%M:%S} UTC, by {by}",
        one_line(quarantine.reason, LINE),
    )
    return ("Why it was quarantined", tuple(line for line in lines if line))


def host_section(host: Host) -> tuple[Section, ...]:
    """Return what people know the instance by; none: nothing is known."""
    said = in_words(host)
    return (("Which host", (one_line(said, LINE),)),) if said else ()


def give_back(quarantine: Quarantine) -> Section:
    """Return the command, and the call, that release the instance."""
    return (
        "To give it back exactly as it was",
        (
            command("release", quarantine.ref, "--verdict remediated --reason '...'"),
            f"POST {path_of(quarantine.ref, '/release')}",
            '{"reason": "...", "verdict": "false_positive | remediated | accepted_risk"}',
        ),
    )


def notice_of(  # noqa: PLR0913, PLR0917 - the fields of a notice
    kind: Kind,
    outcome: str,
    quarantine: Quarantine,
    subject: str,
    sections: list[Section],
    severity: Band | None = None,
    **facts: Any,
) -> Notice:
    """Return a notice about `quarantine`; without a `severity`, as urgent as it is itself."""
    ref = quarantine.ref
    return Notice(
        kind=kind,
        outcome=outcome,
        severity=(severity or quarantine.severity).value,
        account_id=ref.account_id,
        subject=subject_line(subject),
        sections=(*sections[:1], *host_section(quarantine.host), *sections[1:]),
        facts={
            "instance_id": ref.instance_id,
            "quarantine_id": quarantine.id,
            "region": ref.region,
            **({"host": dict(quarantine.host)} if quarantine.host else {}),
            **facts,
        },
    )
