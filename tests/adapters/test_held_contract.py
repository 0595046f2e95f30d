"""What was held; run on the fake and on DynamoDB."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.adapters.dynamodb.held import DynamoHeld
from chalicelib.core.quarantine.held import Held
from chalicelib.flows.ports.responder import HeldCases
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore, FakeStore, Store
from tests.builders import MINUTE, NOON, a_ref
from tests.fakes import Calls
from tests.fakes.held import FakeHeld

HELD = Held(a_ref(), "f-1", "Backdoor:EC2/Spambot", 8.05, ("breaker_open", "exempt"), NOON)
OTHER = replace(HELD, ref=a_ref("i-0bbbbbbbbbbbbbbbb"))


@pytest.fixture
def held(store: Store) -> HeldCases:
    if isinstance(store, FakeStore):
        return FakeHeld(Calls())
    assert isinstance(store, DynamoStore)
    return DynamoHeld(store.client, TABLE)


def test_what_is_held_is_kept_with_its_event(held: HeldCases) -> None:
    held.keep(HELD, '{"id": "event"}')
    held.keep(OTHER, "{}")

    assert set(held.all()) == {HELD, OTHER}
    assert held.event(HELD) == {"id": "event"}


def test_of_two_about_one_instance_the_stronger_is_kept(held: HeldCases) -> None:
    stronger, weaker = replace(HELD, score=9.5), replace(HELD, score=4.0)
    held.keep(HELD, '{"n": 1}')
    held.keep(stronger, '{"n": 2}')
    held.keep(weaker, '{"n": 3}')

    assert held.all() == (stronger,)
    assert held.event(HELD) == {"n": 2}


def test_how_often_people_were_reminded_stays_until_it_is_held_anew(held: HeldCases) -> None:
    held.remind(HELD)
    assert held.all() == ()

    held.keep(HELD, "{}")
    held.remind(replace(HELD, reminded=2))
    held.remind(replace(HELD, reminded=3, at=NOON - MINUTE))

    assert held.all() == (replace(HELD, reminded=2),)


def test_what_is_dropped_is_forgotten_and_may_be_dropped_again(held: HeldCases) -> None:
    held.keep(HELD, "{}")
    held.drop(HELD.key)
    held.drop(HELD.key)

    assert held.all() == ()
    assert held.event(HELD) is None


# What only the table can show.


def test_an_item_that_cannot_be_read_blocks_no_other(table: DynamoStore) -> None:
    held = DynamoHeld(table.client, TABLE)
    held.keep(HELD, "{}")
    table.put({"pk": "held", "sk": "another", "reasons": 1})

    assert held.all() == (HELD,)
