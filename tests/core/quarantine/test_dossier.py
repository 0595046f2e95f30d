from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.quarantine.dossier import Breaker, Dossier
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import State
from tests.builders import MINUTE, NOON, WEB, a_policy, a_quarantine, a_ref, a_sighting

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("count", "is_open"), [(0, False), (2, False), (3, True), (4, True)])
def test_the_breaker_opens_at_its_limit(count: int, is_open: object) -> None:
    policy = a_policy(max_containments=3)

    assert Breaker((NOON,) * count).is_open(policy, NOON, Band.HIGH) is is_open


@pytest.mark.parametrize(("count", "is_open"), [(3, False), (4, False), (5, True)])
def test_there_is_room_for_critical_findings_beyond_it(count: int, is_open: object) -> None:
    policy = a_policy(max_containments=3, kept_for_critical=2)

    assert Breaker((NOON,) * count).is_open(policy, NOON, Band.CRITICAL) is is_open


@pytest.mark.parametrize(
    ("later", "counts"),
    [
        (timedelta(0), True),
        (10 * MINUTE - MOMENT, True),
        (10 * MINUTE, False),
        (timedelta(days=1), False),
    ],
)
def test_a_containment_counts_until_its_window_is_over(later: timedelta, counts: object) -> None:
    breaker, policy = Breaker((NOON,) * 99), a_policy(breaker_window=10 * MINUTE)

    assert breaker.is_open(policy, NOON + later, Band.HIGH) is counts


def test_the_window_slides() -> None:
    policy = a_policy(max_containments=2, breaker_window=10 * MINUTE)
    breaker = Breaker((NOON, NOON + 9 * MINUTE))

    assert breaker.is_open(policy, NOON + 9 * MINUTE, Band.HIGH)
    assert breaker.within(policy, NOON + 11 * MINUTE) == (NOON + 9 * MINUTE,)


def test_a_clock_that_is_a_year_ahead_closes_nothing() -> None:
    ahead = Breaker((NOON + timedelta(days=365),) * 99)

    assert not ahead.is_open(a_policy(), NOON, Band.HIGH)


def test_a_breaker_that_never_counted_is_closed() -> None:
    assert not Breaker().is_open(a_policy(), NOON, Band.LOW)


@pytest.mark.parametrize(
    ("until", "holds"),
    [(None, True), (NOON + MOMENT, True), (NOON, False), (NOON - MOMENT, False)],
    ids=["for ever", "a moment more", "just over", "over"],
)
def test_an_exemption_holds_until_its_end(until: datetime | None, holds: object) -> None:
    assert Exemption("the bastion", until).holds_at(NOON) is holds


def test_a_sighting_is_found_by_its_finding() -> None:
    one, other = a_sighting(finding_id="one"), a_sighting(finding_id="other")
    dossier = Dossier(sightings=(one, other))

    assert dossier.sighting("other") is other
    assert dossier.sighting("third") is None


def test_an_empty_dossier_knows_nothing() -> None:
    dossier = Dossier()

    assert dossier.quarantine is None
    assert dossier.sighting("one") is None
    assert dossier.exemption is None
    assert dossier.mode is None
    assert dossier.breaker.count == 0


@pytest.mark.parametrize(
    ("dossier", "incident"),
    [
        (Dossier(), f"{WEB}-1"),
        (Dossier(a_quarantine(State.CONTAINED)), f"{WEB}-1"),
        (Dossier(a_quarantine(State.RELEASED)), f"{WEB}-2"),
        (Dossier(is_read=False), ""),
    ],
)
def test_an_incident_has_the_name_of_its_quarantine_before_there_is_one(
    dossier: Dossier, incident: str
) -> None:
    assert dossier.incident(a_ref()) == incident
