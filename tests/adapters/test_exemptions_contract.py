"""The central list of exemptions; run on the fake and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.adapters.dynamodb.exemptions import DynamoExemptions
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish
from chalicelib.flows.ports.exemptions import Exemptions
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore, FakeStore, Store, dossier
from tests.builders import DATABASE, MINUTE, NOON, a_ref
from tests.fakes import Calls, FakeQuarantines
from tests.fakes.exemptions import FakeExemptions

ADA, BOB = "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::111122223333:user/bob"
ENTRY = Exemption("a scan", NOON, ADA, NOON - MINUTE, BOB, "reminded")
WISH = Wish(ADA, "a scan", NOON, NOON - MINUTE)


@pytest.fixture
def exemptions(store: Store) -> Exemptions:
    if isinstance(store, FakeStore):
        assert isinstance(store.quarantines, FakeQuarantines)
        return FakeExemptions(Calls(), store.quarantines)
    assert isinstance(store, DynamoStore)
    return DynamoExemptions(store.client, TABLE)


def test_an_entry_is_listed_found_and_decides(exemptions: Exemptions, store: Store) -> None:
    exemptions.keep(a_ref(), ENTRY)
    exemptions.keep(a_ref(DATABASE), replace(ENTRY, reason="other"))

    assert set(exemptions.all()) == {
        Exempt(a_ref(), ENTRY),
        Exempt(a_ref(DATABASE), replace(ENTRY, reason="other")),
    }
    assert exemptions.find(a_ref()) == ENTRY
    assert dossier(store).exemption == ENTRY


def test_a_later_entry_takes_the_place_of_the_one_before(exemptions: Exemptions) -> None:
    exemptions.keep(a_ref(), ENTRY)
    exemptions.keep(a_ref(), replace(ENTRY, until=NOON + MINUTE))

    assert exemptions.all() == (Exempt(a_ref(), replace(ENTRY, until=NOON + MINUTE)),)


def test_nobody_is_exempt_at_first(exemptions: Exemptions) -> None:
    assert exemptions.find(a_ref()) is None
    assert (exemptions.all(), exemptions.wishes()) == ((), ())


@pytest.mark.parametrize("until", [NOON, None])
def test_a_wish_waits_until_it_no_longer_does(
    exemptions: Exemptions, until: datetime | None
) -> None:
    wish = replace(WISH, until=until)
    exemptions.keep_wish(a_ref(), wish)

    assert exemptions.wish(a_ref()) == wish
    assert exemptions.wish(a_ref(DATABASE)) is None
    assert exemptions.wishes() == ((a_ref(), wish),)

    exemptions.keep_wish(a_ref(), None)
    assert exemptions.wish(a_ref()) is None
    assert exemptions.wishes() == ()


def test_a_wish_exempts_nobody(exemptions: Exemptions, store: Store) -> None:
    exemptions.keep_wish(a_ref(), WISH)

    assert dossier(store).exemption is None


# The fake has one place for both, and nobody writes into it by hand.


def test_of_an_entry_and_one_that_was_written_by_hand_the_later_counts(table: DynamoStore) -> None:
    by_hand = Exemption("of old", NOON + MINUTE)
    table.exempt(a_ref().key, by_hand)
    DynamoExemptions(table.client, TABLE).keep(a_ref(), ENTRY)

    assert dossier(table).exemption == by_hand


def test_an_entry_that_somebody_spoilt_holds_and_an_item_that_is_none_is_left(
    table: DynamoStore,
) -> None:
    exemptions = DynamoExemptions(table.client, TABLE)
    table.put({"pk": "exemptions", "sk": a_ref().key, "until": "tomorrow"})
    table.put({"pk": "exemptions", "sk": "nonsense"})
    table.put({"pk": "exemptions#asked", "sk": a_ref().key, "by": 7})

    assert exemptions.all() == (Exempt(a_ref(), Exemption("")),)
    assert exemptions.wishes() == ()


def test_what_was_written_by_hand_is_found_listed_and_written_anew(exemptions: Exemptions) -> None:
    exemptions.keep(a_ref(DATABASE), ENTRY)
    assert (exemptions.by_hand(), exemptions.find_by_hand(a_ref())) == ((), None)

    exemptions.keep_by_hand(a_ref(), ENTRY)

    assert exemptions.by_hand() == (Exempt(a_ref(), ENTRY),)
    assert exemptions.find_by_hand(a_ref()) == ENTRY
    assert exemptions.find(a_ref()) is None
