"""A channel: where notices go, and which of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from chalicelib.core.findings.severity import Band
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

    def takes(self, notice: Notice) -> bool:
        """Whether `notice` is one for this channel.

        A release ends what PagerDuty has open, whatever else the channel lets through.
        """
        if self.accounts and notice.account_id not in self.accounts:
            return False
        if self.kind is ChannelKind.PAGERDUTY and is_release(notice):
            return True
        return (
            (not self.kinds or notice.kind in self.kinds)
            and (not self.outcomes or notice.outcome in self.outcomes)
            and _floor(notice) >= self.min_severity.floor
        )


def is_release(notice: Notice) -> bool:
    """Whether `notice` tells that an instance was given back: the incident is over."""
    return notice.kind is Kind.RELEASE and notice.outcome == "released"


def incident_of(notice: Notice) -> str:
    """Return the name of the incident that `notice` is about; empty: it is about none.

    That of its quarantine; without one, of the instance, or of the finding.
    """
    facts, place = notice.facts, f"{notice.account_id}/{notice.facts.get('region')}"
    if facts.get("quarantine_id"):
        return f"{place}/{facts['quarantine_id']}"
    finding = facts.get("finding")
    if notice.kind is Kind.FINDING and isinstance(finding, dict) and finding.get("id"):
        return f"{place}/{finding['id']}"
    if facts.get("instance_id"):
        return f"{place}/{facts['instance_id']}"
    return ""


def alert_of(notice: Notice) -> str:
    """Return the name under which a service keeps one open alert: of the incident, or the kind."""
    return incident_of(notice) or f"{notice.account_id}/{notice.kind}"


def _floor(notice: Notice) -> float:
    """Return where its band begins; one of no band that we know passes every filter."""
    bands = {band.value: band.floor for band in Band}
    return bands.get(notice.severity, Band.CRITICAL.floor)
