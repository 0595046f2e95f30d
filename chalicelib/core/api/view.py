"""A quarantine as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.core.api.cursor import Page
from chalicelib.core.quarantine.record import Line, Quarantine
from chalicelib.core.quarantine.suppression import Proposal
from chalicelib.core.report.moments import time_to_contain
from chalicelib.core.steps.drift import Drift
from chalicelib.core.steps.lasting import lasting


def shown(quarantine: Quarantine) -> dict[str, Any]:
    """Return the record of `quarantine`, as JSON; moments are ISO 8601, UTC."""
    ref, release = quarantine.ref, quarantine.release
    return {
        "instance_id": ref.instance_id,
        "account_id": ref.account_id,
        "region": ref.region,
        "quarantine_id": quarantine.id,
        "number": quarantine.number,
        "state": quarantine.state.value,
        "version": quarantine.version,
        "opened_at": quarantine.opened_at.isoformat(),
        "opened_by": quarantine.opened_by,
        "reason": quarantine.reason,
        "severity": quarantine.severity.value,
        "finding_id": quarantine.finding_id,
        "finding_type": quarantine.finding_type,
        "originals": [
            {"interface_id": o.interface_id, "vpc_id": o.vpc_id, "group_ids": list(o.group_ids)}
            for o in quarantine.originals
        ],
        "steps": {
            name.value: {"status": step.status.value, "detail": step.detail}
            for name, step in quarantine.steps.items()
        },
        "release": release
        and {
            "by": release.by,
            "reason": release.reason,
            "verdict": release.verdict.value,
            "accept_drift": release.accepts_drift,
            "at": release.at.isoformat(),
            "confirmed_by": release.confirmed_by,
        },
        "released_at": quarantine.released_at and quarantine.released_at.isoformat(),
        "time_to_contain": quarantine.times.parts(quarantine.opened_at),
    }


def shown_handover(
    quarantine: Quarantine, drift: Iterable[Drift], proposal: Proposal | None
) -> dict[str, Any]:
    """Return a quarantine that is given back, what is not exact, and what may keep repeats away."""
    return {
        **shown(quarantine),
        "drift": [each.as_json() for each in drift],
        "cannot_be_undone": list(lasting(quarantine)),
        "proposed_suppression": proposal and proposal.as_json(),
    }


def shown_page(page: Page) -> dict[str, Any]:
    """Return a page of a list, and the cursor of the next one, if there is one."""
    cursor = page.goes_on.as_cursor() if page.goes_on else None
    return {"quarantines": [shown(each) for each in page.quarantines], "next_cursor": cursor}


def shown_whole(
    quarantine: Quarantine, lines: Sequence[Line], drift: Iterable[Drift]
) -> dict[str, Any]:
    """Return the record with its timeline, oldest first, its time to contain, and drift now."""
    return {
        **shown(quarantine),
        # A record of an older version has no times of its own; its timeline has them.
        "time_to_contain": {
            **time_to_contain(lines),
            **quarantine.times.parts(quarantine.opened_at),
        },
        "timeline": [
            {
                "at": line.at.isoformat(),
                "who": line.who,
                "what": line.what,
                "detail": dict(line.detail),
            }
            for line in lines
        ],
        "drift": [each.as_json() for each in drift],
        "cannot_be_undone": list(lasting(quarantine)),
    }
