"""What the incident report says, as data: the page, the ticket's Markdown and the JSON show it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.core.decision.cause import CORDON
from chalicelib.core.evidence.names import in_short, names_in
from chalicelib.core.findings.attack import technique_of
from chalicelib.core.notices.about_quarantines import LIMITS
from chalicelib.core.quarantine.record import Line, Quarantine, State, Step, StepName
from chalicelib.core.report.moments import moments, time_to_contain
from chalicelib.core.report.paths import OUT, paths
from chalicelib.core.steps.drift import Drift
from chalicelib.core.surroundings import Surroundings

STATES = {
    State.CONTAINING: "Being contained",
    State.CONTAINED: "Contained",
    State.RELEASING: "Being released",
    State.RELEASED: "Released",
}
_SHA256 = re.compile(r"[0-9a-f]{64}")


def facts(
    quarantine: Quarantine,
    lines: tuple[Line, ...],
    drift: tuple[Drift, ...],
    around: Surroundings | None = None,
) -> dict[str, Any]:
    """Return all that the report of `quarantine` says, as JSON; moments are ISO 8601, UTC.

    Args:
        quarantine: its record.
        lines: its timeline, oldest first.
        drift: what is not as it should be now.
        around: whom it hurts now, if that was looked at.
    """
    ref = quarantine.ref
    return {
        "instance_id": ref.instance_id,
        "account_id": ref.account_id,
        "region": ref.region,
        "quarantine_id": quarantine.id,
        "host": dict(quarantine.host),
        "state": quarantine.state.value,
        "state_in_words": _state(quarantine, drift),
        "summary": _summary(quarantine, drift),
        "next": _next(quarantine, drift),
        "finding": _finding(quarantine, lines),
        "opened_at": quarantine.opened_at.isoformat(),
        "opened_by": quarantine.opened_by,
        "moments": moments(quarantine, lines),
        "interfaces": _interfaces(quarantine, lines),
        "group_names": dict(quarantine.group_names),
        "paths": paths(quarantine, drift),
        "limits": " ".join(LIMITS) if quarantine.is_open else "",
        "steps": [
            {
                "step": name.value,
                "status": step.status.value,
                "detail": "; but now: ".join((_said(name, step), *_undone(name, drift))),
            }
            for name, step in quarantine.steps.items()
        ],
        "drift": [each.as_json() for each in drift],
        "blast_radius": around
        and {**around.as_json(), "hurts": list(around.hurts()), "shares": list(around.shares())},
        "evidence": list(_evidence(quarantine)),
        "release": _release(quarantine),
        "people": [
            {"who": line.who, "what": line.what, "at": line.at.isoformat()}
            for line in lines
            if line.who not in (CORDON, "guardduty")
        ],
        "time_to_contain": time_to_contain(lines),
        "timeline": [
            {"at": each.at.isoformat(), "who": each.who, "what": each.what, "detail": each.detail}
            for each in lines
        ],
    }


def name_of(arn: str) -> str:
    """Return the short name of whoever `arn` stands for."""
    return arn.rpartition("/")[2] or arn


def _said(name: StepName, step: Step) -> str:
    return in_short(step.detail) if name is StepName.EVIDENCE else step.detail


def _undone(name: StepName, drift: tuple[Drift, ...]) -> Iterator[str]:
    """Yield what of a step no longer is as it was read back."""
    for each in drift:
        if each.subject == name.value or (name is StepName.CUT and each.kind in OUT):
            yield f"{each.subject}: {each.detail}"


def _state(quarantine: Quarantine, drift: tuple[Drift, ...]) -> str:
    is_out = quarantine.state is State.CONTAINED and any(each.kind in OUT for each in drift)
    return "Not contained any more" if is_out else STATES[quarantine.state]


def _summary(quarantine: Quarantine, drift: tuple[Drift, ...]) -> str:
    """Return in a sentence or two what happened, and how things stand."""
    order, count = quarantine.release, len(quarantine.originals)
    interfaces = "its one interface is" if count == 1 else f"its {count} interfaces are"
    stands = {
        State.CONTAINING: "It is being cut off: do not take it for contained yet.",
        State.CONTAINED: f"It is cut off: {interfaces} on a group without rules, read back.",
        State.RELEASING: "It is being given back; the watcher finishes that.",
        State.RELEASED: "It was given back.",
    }[quarantine.state]
    if quarantine.state is State.RELEASED and order:
        verdict = order.verdict.value.replace("_", " ")
        stands = f"It was given back by {name_of(order.by)}, {verdict}: {order.reason}"
    elif quarantine.state is State.CONTAINED and drift:
        stands = f"It was cut off, and is not as Cordon left it: {drift[0].detail}."
    stop = "" if quarantine.reason.endswith((".", "!", "?")) else "."
    return f"{quarantine.reason}{stop} {stands}"


def _next(quarantine: Quarantine, drift: tuple[Drift, ...]) -> list[dict[str, str]]:
    ref = quarantine.ref
    named = f"{ref.instance_id} --account {ref.account_id} --in-region {ref.region}"
    ticket = {"do": "Put it into the ticket", "command": f"cordon report {named} --format md"}
    if quarantine.state is State.RELEASED:
        return [ticket]
    look = {"do": "See how it stands", "command": f"cordon show {named}"}
    if quarantine.state is not State.CONTAINED:
        return [look, ticket]
    release = f"cordon release {named} --verdict remediated"
    away = {"do": "Give it back as far as that goes", "command": f"{release} --accept-drift"}
    back = {"do": "Give it back, exactly as it was", "command": release}
    return [look, away if drift else back, ticket]


def _finding(quarantine: Quarantine, lines: tuple[Line, ...]) -> dict[str, Any]:
    technique = technique_of(quarantine.finding_type)
    said = next((line.detail for line in lines if line.what == "opened"), {})
    about = said.get("about")
    return {
        "type": quarantine.finding_type,
        "id": quarantine.finding_id,
        "severity": quarantine.severity.value,
        "why": quarantine.reason,
        "tactic": technique.tactic if technique else None,
        "technique": (technique.technique or None) if technique else None,
        **(about if isinstance(about, Mapping) else {}),
    }


def _interfaces(quarantine: Quarantine, lines: Iterable[Line]) -> list[dict[str, Any]]:
    now: dict[str, str] = {}
    for line in lines:
        for change in _changes(line):
            if not change.get("error"):
                now[str(change.get("interface"))] = str(change.get("groups"))
    return [
        {
            "interface_id": each.interface_id,
            "vpc_id": each.vpc_id,
            "groups_before": list(each.group_ids),
            "groups_set": now[each.interface_id].split(",") if each.interface_id in now else [],
        }
        for each in quarantine.originals
    ]


def _changes(line: Line) -> list[Mapping[str, Any]]:
    """Return the changes that a line tells of; another version may have written it otherwise."""
    changes = line.detail.get("changes")
    found = changes if isinstance(changes, list) else []
    return [each for each in found if isinstance(each, Mapping)]


def _evidence(quarantine: Quarantine) -> Iterator[dict[str, str | None]]:
    for name in names_in(quarantine.step(StepName.EVIDENCE).detail):
        found = _SHA256.search(name)
        yield {"name": name, "sha256": found[0] if found else None}


def _release(quarantine: Quarantine) -> dict[str, Any] | None:
    order = quarantine.release
    if order is None:
        return None
    return {
        "by": order.by,
        "reason": order.reason,
        "verdict": order.verdict.value,
        "at": order.at.isoformat(),
        "confirmed_by": order.confirmed_by,
        "accept_drift": order.accepts_drift,
    }
