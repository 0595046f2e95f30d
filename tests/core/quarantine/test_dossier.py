from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.core.quarantine.dossier import Breaker, Dossier, Exemption
from tests.builders import MINUTE, NOON, a_policy, a_sighting

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("count", "is_open"), [(0, False), (2, False), (3, True), (4, True)])
def test_the_breaker_opens_at_its_limit(count: int, is_open: object) -> None:
    policy = a_policy(max_containments=3)

    assert Breaker(NOON, count).is_open(policy, NOON) is is_open


@pytest.mark.parametrize(
    ("later", "runs"),
    [
        (timedelta(0), True),
        (10 * MINUTE - MOMENT, True),
        (10 * MINUTE, False),
        (timedelta(days=1), False),
    ],
)
def test_the_breaker_closes_when_its_window_is_over(later: timedelta, runs: object) -> None:
    breaker, policy = Breaker(NOON, 99), a_policy(breaker_window=10 * MINUTE)

    assert breaker.runs(policy, NOON + later) is runs
    assert breaker.is_open(policy, NOON + later) is runs


def test_a_breaker_that_never_counted_is_closed() -> None:
    assert not Breaker().runs(a_policy(), NOON)
    assert not Breaker(None, 99).is_open(a_policy(), NOON)


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
