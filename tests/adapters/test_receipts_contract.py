"""The receipts of the fakes and those of DynamoDB keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.receipts import DynamoReceipts
from chalicelib.core.notices.channels.receipts import Receipts, Refusal
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore
from tests.builders import MINUTE, NOON
from tests.fakes.calls import Calls
from tests.fakes.notifier import FakeReceipts

ONE = Refusal("soc", "n", NOON, "CONTAINED i-1", "slack.com: answered 410")


@pytest.fixture(params=["fake", "dynamodb"])
def receipts(request: pytest.FixtureRequest) -> FakeReceipts | DynamoReceipts:
    if request.param == "fake":
        return FakeReceipts(Calls())
    table: DynamoStore = request.getfixturevalue("table")
    return DynamoReceipts(table.client, TABLE)


def test_the_last_that_each_channel_took_is_kept(receipts: FakeReceipts | DynamoReceipts) -> None:
    assert receipts.all() == Receipts({}, ())

    receipts.took("soc", NOON)
    receipts.took("soc", NOON + MINUTE)
    receipts.took("on-call", NOON)

    assert receipts.all() == Receipts({"soc": NOON + MINUTE, "on-call": NOON}, ())


def test_what_a_channel_has_not_got_is_kept_until_it_has_it(
    receipts: FakeReceipts | DynamoReceipts,
) -> None:
    later = replace(ONE, at=NOON + MINUTE)
    other = replace(ONE, notice_id="m")
    for each in (ONE, other, later):
        receipts.refuse(each)
    assert set(receipts.all().refused) == {later, other}

    receipts.settle("soc", "n")
    receipts.settle("soc", "n")

    assert receipts.all().refused == (other,)


def test_the_records_expire(table: DynamoStore) -> None:
    receipts = DynamoReceipts(table.client, TABLE)
    receipts.took("soc", NOON)
    receipts.refuse(ONE)

    expire = {item["sk"]: item["expires"] for item in table.partition("delivery#channels")}
    assert expire == {
        "soc": int((NOON + timedelta(days=30)).timestamp()),
        "soc#n": int((NOON + timedelta(days=2)).timestamp()),
    }
