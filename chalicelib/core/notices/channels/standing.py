"""How one receiver stands to one incident: what it was told, and what is open there.

Notices arrive in any order, twice, or late. What was published last decides, whatever comes when;
what ended stays ended. It is written down before a notice is sent, so that a try that is cut short
is made good by the next: that of the same notice, or that of any later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.incident import (
    GROUPS,
    INCIDENT,
    REFUSED,
    is_change,
    is_end,
    is_numbered,
    is_release,
    is_well,
    loud,
    opens_none,
    settled_by,
    worries_of,
)
from chalicelib.core.notices.delivery import Delivery
from chalicelib.core.notices.notice import Kind, Notice

LATE = timedelta(hours=1)  # after which a notice is no news, if there is a newer one


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, as the notice that decided about it last left it."""

    at: datetime  # UTC; when that notice was published
    by: str  # its id
    is_open: bool
    is_told: bool = True  # or there is nothing to tell: it was not open, and is not


@dataclass(frozen=True, slots=True)
class Standing:
    """What one channel was told of one incident."""

    incident: str
    channel: str
    version: int = 0  # of this record; every write adds one
    busy_until: datetime | None = None  # UTC; one worker at a time tells the channel of it
    began_at: datetime | None = None  # UTC; when the first of its notices was published
    newest_at: datetime | None = None  # UTC; and the last that came, delivered or not
    severity: str = ""  # the strongest band, as long as it is open
    over_at: datetime | None = None  # UTC; when what ended it was published
    is_final: bool = False  # nothing opens it again: the next one has another name
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    thread: str = ""  # the message that began the conversation
    opening: str = ""  # its blocks, in JSON

    def is_over(self, at: datetime) -> bool:
        """Whether what was published at `at` is about something that has ended."""
        return self.over_at is not None and (self.is_final or at <= self.over_at)

    def decided(self, by: str) -> Mapping[str, Alert]:
        """Return the alerts that the notice of this id decided: what has to be told of them."""
        return {name: a for name, a in self.alerts.items() if a.by == by and a.is_told}

    def without_ended(self, by: str) -> Standing:
        """Return the standing once what the notice of this id ended was told: it is forgotten."""
        left = {name: a for name, a in self.alerts.items() if a.is_open or a.by != by}
        return replace(self, alerts=left)

    def is_overtaken(self, at: datetime, now: datetime) -> bool:
        """Whether a notice of `at` comes late, and a newer one says how things stand."""
        return self.newest_at is not None and at < self.newest_at and now - at > LATE


def moved(standing: Standing, notice: Notice, delivery: Delivery, channel: Channel) -> Standing:
    """Return the standing once `notice` came for `channel`, as `delivery` has it."""
    at = delivery.published_at
    after = _ended(standing, notice, at)
    if channel.keeps_alerts:
        after = _alerted(after, notice, delivery, channel)
    return replace(
        after,
        began_at=min(filter(None, (standing.began_at, at))),
        newest_at=max(filter(None, (standing.newest_at, at))),
    )


def _ended(standing: Standing, notice: Notice, at: datetime) -> Standing:
    if not is_end(notice):
        return standing
    over_at = max(filter(None, (standing.over_at, at)))
    # What has a number is over for good; the next has another.
    is_final = is_release(notice) and bool(notice.facts.get("quarantine_id"))
    return replace(standing, over_at=over_at, is_final=standing.is_final or is_final)


def _alerted(standing: Standing, notice: Notice, delivery: Delivery, channel: Channel) -> Standing:
    alerts, at, by = dict(standing.alerts), delivery.published_at, delivery.notice_id
    closes = standing.is_final and is_end(notice)  # also what was published after it
    for name, is_open in _asked(standing, notice, by, channel).items():
        before = alerts.get(name)
        if is_open and (standing.is_over(at) or not channel.wants(notice)):
            continue
        if before is not None and before.by != by and before.at > at and not closes:
            continue
        was_told = before is not None and before.is_told
        is_told = is_open or was_told or (name == INCIDENT and _ends_blindly(notice, channel))
        alerts[name] = Alert(at, by, is_open, is_told)
    whole = standing.alerts.get(INCIDENT)
    so_far = standing.severity if whole is not None and whole.is_open else ""
    return replace(standing, alerts=alerts, severity=strongest((so_far, notice.severity)))


def _ends_blindly(notice: Notice, channel: Channel) -> bool:
    """Whether an end is told of what the ledger does not know: an earlier version may have told it.

    To resolve what is not there changes nothing at PagerDuty. Security Hub would make a finding of
    it, under a name that nothing was ever told under, unless the incident has a number.
    """
    return is_end(notice) and (is_numbered(notice) or channel.kind is ChannelKind.PAGERDUTY)


def _asked(standing: Standing, notice: Notice, by: str, channel: Channel) -> dict[str, bool]:
    """Return which alerts `notice` opens, and which it ends."""
    alerts = standing.alerts
    whole = alerts.get(INCIDENT)
    is_mine = whole is not None and whole.by == by
    is_open = whole is not None and whole.is_open
    if is_end(notice):
        return dict.fromkeys((INCIDENT, *alerts), False)
    if (about_cordon := _asked_of_cordon(notice, alerts)) is not None:
        return about_cordon
    settled = dict.fromkeys(settled_by(notice), False)
    if opens_none(notice) and not is_open:
        return settled
    own = loud(notice)  # which wakes somebody who has acknowledged the other
    if own and is_open and not is_mine and channel.kind is ChannelKind.PAGERDUTY:
        return {own: True, **settled}
    return {INCIDENT: True, **settled}


def _asked_of_cordon(notice: Notice, alerts: Mapping[str, Alert]) -> dict[str, bool] | None:
    """Return what is asked by a notice about Cordon itself; None: it is about an incident."""
    if is_change(notice):
        return {}
    if notice.kind is Kind.DIGEST:
        return dict.fromkeys(alerts, False) | dict.fromkeys(worries_of(notice), True)
    if notice.outcome == REFUSED:
        return {GROUPS: True}
    return {INCIDENT: False} if is_well(notice) else None


def strongest(bands: Iterable[str]) -> str:
    """Return the strongest of `bands`; one that nobody knows is stronger than those we know."""
    floors = {band.value: band.floor for band in Band}
    return max(bands, key=lambda band: floors.get(band, Band.CRITICAL.floor) if band else -1.0)
