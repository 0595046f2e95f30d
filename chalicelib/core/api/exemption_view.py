"""Exemptions, as the API shows them: those that hold, and those that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.exemption import Exempt, Wish

_FAULT = "its end cannot be read, so it holds until somebody mends it: PUT it again, or DELETE it"
_OF_POLICY = "named in [holds] exempt_instances of the policy"


def exemption_shown(exempt: Exempt, now: datetime) -> dict[str, Any]:
    """Return one exemption as JSON."""
    exemption = exempt.exemption
    until = exemption.until
    return {
        **_of(exempt.ref),
        "state": "exempt" if exemption.holds_at(now) else "ended",
        "reason": exemption.reason,
        "until": until and until.isoformat(),
        "days_left": until and round(max(until - now, timedelta()) / timedelta(days=1), 1),
        "by": exemption.by or None,
        "at": exemption.at and exemption.at.isoformat(),
        "confirmed_by": exemption.confirmed_by or None,
        "fault": None if until else _FAULT,
    }


def wish_shown(ref: InstanceRef, wish: Wish) -> dict[str, Any]:
    """Return what one person asked for and a second must confirm, as JSON."""
    return {
        **_of(ref),
        "state": "asked",
        "reason": wish.reason,
        "until": wish.until and wish.until.isoformat(),
        "by": wish.by,
        "at": wish.at.isoformat(),
    }


def list_shown(
    exempt: Iterable[Exempt],
    wishes: Iterable[tuple[InstanceRef, Wish]],
    by_policy: Iterable[str],
    now: datetime,
) -> dict[str, Any]:
    """Return the whole of the central list as JSON; ids of the policy hold in any account."""
    return {
        "exemptions": [exemption_shown(each, now) for each in exempt],
        "asked": [wish_shown(ref, wish) for ref, wish in wishes],
        "by_policy": [{"instance_id": each, "reason": _OF_POLICY} for each in sorted(by_policy)],
    }


def _of(ref: InstanceRef) -> dict[str, Any]:
    return {"instance_id": ref.instance_id, "account_id": ref.account_id, "region": ref.region}
