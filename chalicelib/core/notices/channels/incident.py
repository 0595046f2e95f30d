"""What a notice is about, as services know it again: one name an incident, from its first word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.lines import strings, tame
from chalicelib.core.notices.notice import Kind, Notice

INCIDENT = "incident"  # the name of the alert that the whole incident is
WORRIES = "worries_by_name"  # the fact of a digest that says what needs a person
GROUPS = "groups"  # the worry that AWS refuses some of Cordon's groups
REFUSED = "groups_refused"
_NUMBERS = ("quarantine_id", "incident")  # the facts that give an incident its name
_HELD_NO_MORE = frozenset({"dismissed", "lapsed"})


def incident_of(notice: Notice) -> str:
    """Return the name of the incident that `notice` is about; empty: it is about none.

    That of the quarantine which the instance is in, or would be; of an alert, that of its finding.
    Cordon of another version, or one that cannot read its table, names the instance alone.
    """
    facts, place = notice.facts, f"{notice.account_id}/{notice.facts.get('region')}"
    for name in _NUMBERS:
        if facts.get(name):
            return f"{place}/{facts[name]}"
    finding = facts.get("finding")
    if notice.kind is Kind.FINDING and isinstance(finding, dict) and finding.get("id"):
        return f"{place}/{finding['id']}"
    return f"{place}/{facts['instance_id']}" if facts.get("instance_id") else ""


def alert_of(notice: Notice) -> str:
    """Return the name under which a service keeps one open alert: of the incident, or the kind."""
    place = f"{notice.account_id}/{notice.facts.get('region')}"
    kind = Kind.DIGEST if notice.outcome == REFUSED else notice.kind  # which tells when it is over
    return incident_of(notice) or f"{place}/{kind}"


def named(notice: Notice, alert: str, most: int) -> str:
    """Return the name of one alert of what `notice` is about, in at most `most` characters."""
    name = f"cordon/{alert_of(notice)}" + (f"/{alert}" if alert != INCIDENT else "")
    return tame(name, most)


def unnumbered(notice: Notice) -> Notice | None:
    """Return the end of an incident as the end of what is told of its instance without a number.

    That is what an earlier version told of a hold, and what this one tells when it cannot read its
    table. None: `notice` ends no incident that has a number.
    """
    if not (is_end(notice) and notice.facts.get("instance_id") and is_numbered(notice)):
        return None
    facts = {name: value for name, value in notice.facts.items() if name not in _NUMBERS}
    return replace(notice, facts=facts)


def is_numbered(notice: Notice) -> bool:
    """Whether `notice` names the quarantine that its instance is in, or would be."""
    return any(notice.facts.get(name) for name in _NUMBERS)


# What must reach people who believe that they know how things stand.
_LOUD: Mapping[tuple[Kind, str], str] = {
    (Kind.DRIFT, "drifted"): "let-out",
    (Kind.DRIFT, "unseen"): "unseen",
    (Kind.DRIFT, "evidence_planted"): "planted",
    (Kind.CONTAINMENT, "failed"): "unfinished",
    (Kind.REVIEW, "due"): "overdue",
}


def loud(notice: Notice) -> str:
    """Return the name of the alert that `notice` is, beside that of its incident; empty: none."""
    if notice.kind is Kind.REVIEW and notice.severity != Band.CRITICAL:
        return ""
    return _LOUD.get((notice.kind, notice.outcome), "")


def is_out(notice: Notice) -> bool:
    """Whether the instance is on the network against what was decided, or nobody knows."""
    return loud(notice) in ("let-out", "unfinished", "unseen")


def is_cut_off(notice: Notice) -> bool:
    """Whether `notice` tells that the instance was just read back as cut off."""
    return (notice.kind, notice.outcome) in (
        (Kind.CONTAINMENT, "contained"),
        (Kind.DRIFT, "repaired"),
    )


# Which of those are over, with what.
_SETTLED: Mapping[tuple[Kind, str], tuple[str, ...]] = {
    (Kind.CONTAINMENT, "contained"): ("unfinished", "unseen"),
    (Kind.DRIFT, "repaired"): ("let-out", "unfinished", "unseen"),
    (Kind.DRIFT, "seen_again"): ("unseen",),
}


def settled_by(notice: Notice) -> tuple[str, ...]:
    """Return the names of the alerts beside that of the incident that are over with `notice`."""
    return _SETTLED.get((notice.kind, notice.outcome), ())


def opens_none(notice: Notice) -> bool:
    """Whether `notice` is good news of an incident: where nothing is open, nothing is opened."""
    return notice.outcome == "seen_again"


def is_release(notice: Notice) -> bool:
    """Whether `notice` tells that an instance was given back, or its record closed."""
    return notice.kind is Kind.RELEASE and notice.outcome == "released"


def is_end(notice: Notice) -> bool:
    """Whether the incident is over with `notice`: released, closed, held no more, or gone."""
    is_held_no_more = notice.kind is Kind.HOLD and notice.outcome in _HELD_NO_MORE
    return is_release(notice) or is_held_no_more or notice.facts.get("ends") is True


def may_end(notice: Notice) -> bool:
    """Whether `notice` ends something that may be open, whatever it says besides."""
    ends = is_end(notice) or is_well(notice) or bool(settled_by(notice))
    return ends or notice.kind is Kind.DIGEST


# What tells of no incident. A reminder of what is held is none either: each that is held is open
# under its own name; and what is wrong with an exemption or a feed is a worry of the next digest,
# or shows in the list.
_CHANGES: Mapping[Kind, frozenset[str]] = {
    Kind.FINDING: frozenset({"handed_back"}),
    Kind.HOLD: frozenset(
        {
            "waiting",
            "exempted",
            "exemption_asked",
            "exemption_ends",
            "exemption_ended",
            "exemption_faulty",
        }
    ),
    Kind.THREAT_LIST: frozenset({"feed_failed"}),
}


def is_change(notice: Notice) -> bool:
    """Whether `notice` tells what somebody did to Cordon, or it did itself: nothing is open."""
    return notice.kind is Kind.MODE or notice.outcome in _CHANGES.get(notice.kind, ())


def worries_of(notice: Notice) -> Mapping[str, tuple[str, ...]]:
    """Return what a digest says needs a person, by the name of each worry."""
    said = notice.facts.get(WORRIES)
    if not isinstance(said, dict):
        return {}
    return {name: tuple(strings(*lines)) for name, lines in said.items() if lines}


def part_of(notice: Notice, alert: str) -> Notice:
    """Return what `notice` says about one alert: a digest, about that worry alone."""
    if notice.kind is not Kind.DIGEST:
        return notice
    lines = worries_of(notice).get(alert, ())
    more = f" and {len(lines) - 1} more" if lines[1:] else ""
    subject = f"Cordon: {lines[0]}{more}" if lines else f"Cordon: over: {alert}"
    sections = (("To look at", lines),) if lines else ()
    severity = Band.MEDIUM if lines else Band.LOW
    return replace(notice, subject=subject, sections=sections, severity=severity.value)


def is_well(notice: Notice) -> bool:
    """Whether `notice` tells that what its kind had warned of is over: a list is live again."""
    return notice.kind is Kind.THREAT_LIST and notice.outcome == "published"
