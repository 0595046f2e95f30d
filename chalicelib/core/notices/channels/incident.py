"""What a notice is about, as services know it again: one name an incident, from its first word."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.lines import tame
from chalicelib.core.notices.notice import Kind, Notice

INCIDENT = "incident"  # the name of the alert that the whole incident is
_HELD_NO_MORE = frozenset({"dismissed", "lapsed"})


def incident_of(notice: Notice) -> str:
    """Return the name of the incident that `notice` is about; empty: it is about none.

    That of the quarantine which the instance is in, or would be; of an alert, that of its finding.
    Cordon of another version, or one that cannot read its table, names the instance alone.
    """
    facts, place = notice.facts, f"{notice.account_id}/{notice.facts.get('region')}"
    for name in ("quarantine_id", "incident"):
        if facts.get(name):
            return f"{place}/{facts[name]}"
    finding = facts.get("finding")
    if notice.kind is Kind.FINDING and isinstance(finding, dict) and finding.get("id"):
        return f"{place}/{finding['id']}"
    return f"{place}/{facts['instance_id']}" if facts.get("instance_id") else ""


def alert_of(notice: Notice) -> str:
    """Return the name under which a service keeps one open alert: of the incident, or the kind."""
    place = f"{notice.account_id}/{notice.facts.get('region')}"
    return incident_of(notice) or f"{place}/{notice.kind}"


def named(notice: Notice, alert: str, most: int) -> str:
    """Return the name of one alert of what `notice` is about, in at most `most` characters."""
    name = f"cordon/{alert_of(notice)}" + (f"/{alert}" if alert != INCIDENT else "")
    return tame(name, most)


# What must reach people who believe that they know how things stand.
_LOUD: Mapping[tuple[Kind, str], str] = {
    (Kind.DRIFT, "drifted"): "let-out",
    (Kind.DRIFT, "unseen"): "unseen",
    (Kind.CONTAINMENT, "failed"): "unfinished",
    (Kind.REVIEW, "due"): "overdue",
}


def loud(notice: Notice) -> str:
    """Return the name of the alert that `notice` is, beside that of its incident; empty: none."""
    if notice.kind is Kind.REVIEW and notice.severity != Band.CRITICAL:
        return ""
    return _LOUD.get((notice.kind, notice.outcome), "")


def is_release(notice: Notice) -> bool:
    """Whether `notice` tells that an instance was given back, or its record closed."""
    return notice.kind is Kind.RELEASE and notice.outcome == "released"


def is_end(notice: Notice) -> bool:
    """Whether the incident is over with `notice`: released, closed, held no more, or gone."""
    is_held_no_more = notice.kind is Kind.HOLD and notice.outcome in _HELD_NO_MORE
    return is_release(notice) or is_held_no_more or notice.facts.get("ends") is True


def is_well(notice: Notice) -> bool:
    """Whether `notice` tells that what its kind had warned of is over: a list is live again."""
    return notice.kind is Kind.THREAT_LIST and notice.outcome == "published"
