"""Low and medium findings of a channel that wants them once a day, folded and counted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.lines import fitted, place_of, strings, tame
from chalicelib.core.notices.notice import Kind, Notice

# How much of a message there is for the lines of a digest, well within what each service takes.
_LARGE = 9_000
_ROOM = {ChannelKind.Q_DEVELOPER: 2_200}
_FRAME = 110  # what a service adds to a line
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
    """Whether `notice` is told with the next digest, and not by itself.

    Who keeps alerts is told of each: there is no alert of a digest.
    """
    is_low = notice.kind is Kind.FINDING and notice.severity in _WAIT
    return channel.tells_digest and is_low and channel.wants(notice)


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
        where=place_of(notice) or notice.account_id,
        count=count if isinstance(count, int) else 1,
    )


def with_findings(
    notice: Notice, findings: Iterable[Kept], channel: Channel
) -> tuple[Notice, tuple[Kept, ...]]:
    """Return the digest `notice` as `channel` is told it, and which of the findings it shows.

    What was kept comes first, a line for each type of finding at each place, as many as there is
    room for; the others are told with the next digest. A channel that lets no digest through gets
    what was kept for it, and nothing else.
    """
    room, shown, lines = _ROOM.get(channel.kind, _LARGE), list[Kept](), list[str]()
    groups = _grouped(findings)
    left = room // 2
    for (what, where), some in groups:
        line = _line(what, where, some)
        left -= _size(line)
        if left < 0:
            lines.append(f"and {len(groups) - len(lines)} more, with the next digest")
            break
        lines.append(line)
        shown += some
    section = ("Low and medium findings since the last digest", tuple(lines) or ("None.",))
    if not channel.wants(notice):
        subject = f"Cordon: {len(shown)} low and medium finding(s)"
        return replace(notice, subject=subject, severity=Band.LOW, sections=(section,)), (*shown,)
    rest = fitted(notice.sections, room - sum(map(_size, (section[0], *lines))), _size)
    return replace(notice, sections=(section, *rest)), (*shown,)


def _grouped(findings: Iterable[Kept]) -> list[tuple[tuple[str, str], list[Kept]]]:
    groups: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for each in findings:
        groups[each.what, each.where].append(each)
    return sorted(groups.items())


def _line(what: str, where: str, findings: Iterable[Kept]) -> str:
    seen: dict[str, int] = {}
    for each in findings:
        # GuardDuty counts up: the last count of a finding holds the ones before.
        seen[each.finding_id] = max(each.count, seen.get(each.finding_id, 0))
    count = f"{len(seen)} finding(s), seen {sum(seen.values())} time(s)"
    return tame(f"{what} on {where}: {count}")


def _size(line: str) -> int:
    return len(json.dumps(line)) + _FRAME
