from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.decision.decision import Decision, Verdict, decide
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.dossier import Dossier, Sighting
from chalicelib.core.quarantine.record import State
from tests.builders import (
    MINUTE,
    NOON,
    a_case,
    a_finding,
    a_judgement,
    a_policy,
    a_quarantine,
    a_sighting,
    some_bounds,
)

HELD = Decision(Verdict.HOLD, ("approval_required",))
CONTAINED = Decision(Verdict.CONTAIN, ("suspected-malware-traffic",))
MOMENT = timedelta(microseconds=1)


def decided(*sightings: Sighting, **changes: Any) -> Decision:
    """Return the decision about a port scan that was seen after `sightings`."""
    scan = a_finding(type_="Recon:EC2/Portscan", severity=5)
    return decide(a_case(finding=scan, dossier=Dossier(sightings=sightings, **changes)))


def test_one_suspicion_waits_for_a_person() -> None:
    assert decided() == HELD


@pytest.mark.parametrize("response", [Response.APPROVE, Response.CONTAIN])
def test_a_second_type_that_accuses_the_instance_contains(response: Response) -> None:
    assert decided(a_sighting(response=response)) == CONTAINED


@pytest.mark.parametrize("response", [Response.ALERT, Response.RECORD, Response.IGNORE])
def test_a_second_type_that_accuses_nobody_does_not_count(response: Response) -> None:
    assert decided(a_sighting(response=response)) == HELD


def test_the_same_type_again_does_not_count() -> None:
    again = a_sighting(finding_id="another", finding_type="Recon:EC2/Portscan")

    assert decided(again, again) == HELD


def test_one_sighting_that_counts_is_enough_among_many_that_do_not() -> None:
    same = a_sighting(finding_type="Recon:EC2/Portscan")
    probe = a_sighting(response=Response.ALERT)

    assert decided(same, probe, a_sighting()) == CONTAINED


@pytest.mark.parametrize(
    ("age", "decision"),
    [
        (timedelta(0), CONTAINED),
        (timedelta(hours=24), CONTAINED),
        (timedelta(hours=24) + MOMENT, HELD),
        (timedelta(days=30), HELD),
    ],
    ids=["now", "24 hours ago", "a moment more", "long ago"],
)
def test_a_second_type_counts_for_24_hours(age: timedelta, decision: Decision) -> None:
    assert decided(a_sighting(seen_at=NOON - age)) == decision


def test_the_policy_says_for_how_long_a_second_type_counts() -> None:
    bounds = some_bounds(policy=a_policy(corroboration=timedelta(hours=1)))
    dossier = Dossier(sightings=(a_sighting(seen_at=NOON - timedelta(hours=2)),))

    case = a_case(judgement=a_judgement(Response.APPROVE), dossier=dossier, bounds=bounds)

    assert decide(case) == HELD


@pytest.mark.parametrize(
    ("after", "decision"),
    [(MOMENT, CONTAINED), (timedelta(0), HELD), (-MINUTE, HELD)],
    ids=["after the release", "at the release", "before the release"],
)
def test_what_was_seen_before_the_last_release_was_dealt_with(
    after: timedelta, decision: Decision
) -> None:
    released_at = NOON - 10 * MINUTE  # the scan itself was seen since
    released = a_quarantine(State.RELEASED, released_at=released_at)

    decision_now = decided(a_sighting(seen_at=released_at + after), quarantine=released)

    assert decision_now == decision


def test_a_finding_that_contains_needs_no_second_type() -> None:
    assert decide(a_case()).verdict is Verdict.CONTAIN


def test_a_type_that_contains_asks_first_when_it_is_weak_and_then_counts_as_second() -> None:
    weak = a_finding(severity=2)

    assert decide(a_case(finding=weak)) == HELD
    assert decide(a_case(finding=weak, dossier=Dossier(sightings=(a_sighting(),)))) == Decision(
        Verdict.CONTAIN, ("command-and-control",)
    )
