"""A channel: where notices go, and which of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.incident import may_end
from chalicelib.core.notices.notice import Kind, Notice


class ChannelKind(enum.StrEnum):
    """The services that Cordon can deliver to."""

    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    WEBHOOK = "webhook"
    SECURITY_HUB = "security_hub"
    Q_DEVELOPER = "q_developer"


@dataclass(frozen=True, slots=True)
class Channel:
    """One entry of channels.toml; an empty set lets everything through."""

    name: str
    kind: ChannelKind
    secret: str = ""  # its name, such as secretsmanager:cordon/slack; never what it holds
    target: str = ""  # a conversation of Slack, a URL, a region of PagerDuty, or a topic
    kinds: frozenset[Kind] = field(default_factory=frozenset)
    outcomes: frozenset[str] = field(default_factory=frozenset)
    accounts: frozenset[str] = field(default_factory=frozenset)
    min_severity: Band = Band.LOW
    digest: bool = False  # low and medium findings come once a day, with the digest

    @property
    def is_threaded(self) -> bool:
        """Whether the service has to be told which of its messages an answer belongs to."""
        return self.kind is ChannelKind.SLACK and bool(self.target)

    @property
    def keeps_alerts(self) -> bool:
        """Whether the service has something open until it is told that it is over."""
        return self.kind in (ChannelKind.PAGERDUTY, ChannelKind.SECURITY_HUB)

    @property
    def tells_digest(self) -> bool:
        """Whether low and medium findings wait for the digest here."""
        return self.digest and not self.keeps_alerts

    def takes(self, notice: Notice) -> bool:
        """Whether `notice` is one for this channel.

        What ends an incident ends it where it is open, whatever else the channel lets through.
        """
        if self.tells_digest and notice.kind is Kind.DIGEST:
            return True  # which tells what was kept for the channel
        if self.accounts and notice.account_id not in self.accounts:
            return False
        if self.keeps_alerts and may_end(notice):
            return True
        return self.wants(notice)

    def wants(self, notice: Notice) -> bool:
        """Whether `notice` is one that the channel lets through for what it says."""
        return (
            (not self.accounts or notice.account_id in self.accounts)
            and (not self.kinds or notice.kind in self.kinds)
            and (not self.outcomes or notice.outcome in self.outcomes)
            and _floor(notice) >= self.min_severity.floor
        )


def _floor(notice: Notice) -> float:
    """Return where its band begins; one of no band that we know passes every filter."""
    bands = {band.value: band.floor for band in Band}
    return bands.get(notice.severity, Band.CRITICAL.floor)
