"""Low and medium findings of a channel that wants them once a day, folded and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.lines import strings
from chalicelib.core.notices.notice import Kind, Notice

_WAIT = frozenset({Band.LOW.value, Band.MEDIUM.value})


@dataclass(frozen=True, slots=True)
class Kept:
    """What the digest says of one notice."""

    notice_id: str
    at: datetime  # UTC; when it was published
    finding_id: str
    what: str  # severity and type of the finding
    where: str  # the instance, or the account
    count: int  # how often GuardDuty had seen it by then


def waits(channel: Channel, notice: Notice) -> bool:
    """Whether `notice` is told with the next digest, and not by itself."""
    return channel.digest and notice.kind is Kind.FINDING and notice.severity in _WAIT


def kept(notice: Notice, at: datetime) -> Kept:
    """Return what to keep of a finding until the digest."""
    facts = notice.facts
    said = facts.get("finding")
    finding = said if isinstance(said, dict) else {}
    count = finding.get("count")
    return Kept(
        notice_id=notice.id,
        at=at,
        finding_id=next(strings(finding.get("id")), notice.id),
        what=f"{notice.severity}: {next(strings(finding.get('type')), notice.subject)}",
        where=next(strings(facts.get("instance_id")), notice.account_id),
        count=count if isinstance(count, int) else 1,
    )


def with_findings(notice: Notice, findings: Iterable[Kept]) -> Notice:
    """Return the digest `notice` with a line for each type of finding at each place."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for each in findings:
        # GuardDuty counts up: the last count of a finding holds the ones before.
        seen = counts[each.what, each.where]
        seen[each.finding_id] = max(each.count, seen.get(each.finding_id, 0))
    lines = tuple(
        f"{what} on {where}: {len(seen)} finding(s), seen {sum(seen.values())} time(s)"
        for (what, where), seen in sorted(counts.items())
    )
    section = ("Low and medium findings since the last digest", lines or ("None.",))
    return replace(notice, sections=(*notice.sections, section))
