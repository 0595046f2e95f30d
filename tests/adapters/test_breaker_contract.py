"""How every store of quarantines counts; run on the fake and on DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.core.errors import BreakerOpenError, RecordMovedError
from chalicelib.core.findings.severity import Band
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.record import (
    Quarantine,
)
from tests.adapters.stores import TWO, Store, dossier, opens
from tests.builders import MINUTE, NOON, OTHER_ACCOUNT, a_policy, a_quarantine, a_ref


def another(number: int, **changes: Any) -> Quarantine:
    return a_quarantine(ref=a_ref(f"i-{number:017x}"), **changes)


def test_the_breaker_counts_each_quarantine_of_its_account(store: Store) -> None:
    opens(store, another(1, opened_at=NOON))
    opens(store, another(2, opened_at=NOON + MINUTE))

    assert dossier(store).breaker == Breaker((NOON, NOON + MINUTE))
    assert dossier(store, account_id=OTHER_ACCOUNT).breaker == Breaker()


def test_an_open_breaker_lets_nothing_be_opened(store: Store) -> None:
    opens(store, another(1))
    opens(store, another(2))
    third = another(3)

    with pytest.raises(BreakerOpenError):
        opens(store, third)

    assert dossier(store, third.ref.key).quarantine is None
    assert store.timeline(third) == []
    assert dossier(store).breaker == Breaker((NOON, NOON))


def test_critical_findings_have_room_beyond_what_the_others_used_up(store: Store) -> None:
    policy = a_policy(max_containments=1, kept_for_critical=1)
    opens(store, another(1), policy=policy)

    with pytest.raises(BreakerOpenError):
        opens(store, another(2), policy=policy)
    opens(store, another(3, severity=Band.CRITICAL), policy=policy)

    with pytest.raises(BreakerOpenError):
        opens(store, another(4, severity=Band.CRITICAL), policy=policy)


def test_the_breaker_of_another_account_does_not_hold(store: Store) -> None:
    opens(store, another(1))
    opens(store, another(2))
    elsewhere = a_quarantine(ref=a_ref(account_id=OTHER_ACCOUNT))

    opens(store, elsewhere)

    assert dossier(store, elsewhere.ref.key, OTHER_ACCOUNT).quarantine == elsewhere


def test_room_comes_back_one_by_one_as_the_window_slides(store: Store) -> None:
    opens(store, another(1))
    opens(store, another(2, opened_at=NOON + MINUTE))
    later = NOON + TWO.breaker_window

    opens(store, another(3, opened_at=later))
    with pytest.raises(BreakerOpenError):
        opens(store, another(4, opened_at=later))

    assert dossier(store).breaker == Breaker((NOON + MINUTE, later))


def test_a_count_that_others_raised_meanwhile_is_counted_on(store: Store) -> None:
    opens(store, another(1))
    seen = dossier(store).breaker

    opens(store, another(2), seen)
    with pytest.raises(BreakerOpenError):
        opens(store, another(3), seen)

    assert dossier(store).breaker == Breaker((NOON, NOON))


def test_who_opens_a_window_that_another_has_opened_must_look_again(store: Store) -> None:
    seen = dossier(store).breaker
    opens(store, another(1), seen)
    late = another(2, opened_at=NOON + MINUTE)

    with pytest.raises(RecordMovedError):
        opens(store, late, seen)
    opens(store, late)

    assert dossier(store).breaker == Breaker((NOON, NOON + MINUTE))


def test_who_saw_no_window_and_finds_a_full_one_is_told_that_it_is_open(store: Store) -> None:
    seen = dossier(store).breaker
    opens(store, another(1))
    opens(store, another(2))

    with pytest.raises(BreakerOpenError):
        opens(store, another(3), seen)


def test_of_many_instances_at_once_no_more_are_opened_than_the_policy_allows(
    store: Store,
) -> None:
    five = a_policy(max_containments=5)

    def persistently(number: int) -> str:
        for _ in range(30):
            try:
                opens(store, another(number), policy=five)
            except RecordMovedError:
                continue
            except BreakerOpenError:
                return "open"
            return "opened"
        raise AssertionError("never let in")

    with ThreadPoolExecutor(max_workers=6) as pool:
        results = sorted(pool.map(persistently, range(12)))

    assert results == ["open"] * 7 + ["opened"] * 5
    assert dossier(store).breaker.count == 5


def test_who_drops_what_another_has_dropped_meanwhile_must_look_again(store: Store) -> None:
    opens(store, another(1))
    seen, later = dossier(store).breaker, NOON + TWO.breaker_window
    opens(store, another(2, opened_at=later))

    with pytest.raises(RecordMovedError):
        opens(store, another(3, opened_at=later), seen)

    assert dossier(store).breaker == Breaker((later,))
