"""The ledger of the fakes and that of DynamoDB keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from botocore.stub import Stubber

from chalicelib.adapters.dynamodb.deliveries import DynamoDeliveries
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.notices.channels.digest import Kept
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.channels.standing import Alert, Standing
from chalicelib.core.notices.delivery import LEASE, Delivery
from chalicelib.flows.ports.notifier import Deliveries
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore
from tests.builders import NOON
from tests.fakes.calls import Calls
from tests.fakes.notifier import FakeDeliveries

CLAIM = Delivery("n", "soc", NOON, NOON + LEASE)
DONE = replace(CLAIM, is_done=True)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Deliveries:
    if request.param == "fake":
        return FakeDeliveries(Calls())
    table: DynamoStore = request.getfixturevalue("table")
    return DynamoDeliveries(table.client, TABLE)


def test_at_first_nothing_is_on_record(ledger: Deliveries) -> None:
    assert ledger.find("n", "soc") is None


def test_what_was_saved_is_found(ledger: Deliveries) -> None:
    ledger.save(CLAIM, None)
    assert ledger.find("n", "soc") == CLAIM

    ledger.save(DONE, CLAIM)
    assert ledger.find("n", "soc") == DONE


def test_each_notice_and_channel_has_a_record_of_its_own(ledger: Deliveries) -> None:
    ledger.save(CLAIM, None)
    ledger.save(replace(CLAIM, channel="on-call"), None)
    ledger.save(replace(CLAIM, notice_id="m"), None)

    assert ledger.find("m", "on-call") is None


@pytest.mark.parametrize(
    "before",
    [None, DONE, replace(CLAIM, leased_until=NOON), replace(CLAIM, published_at=NOON - SECOND)],
)
def test_who_believes_something_else_does_not_save(
    ledger: Deliveries, before: Delivery | None
) -> None:
    ledger.save(CLAIM, None)

    with pytest.raises(DeliveryAtWorkError, match="soc"):
        ledger.save(replace(CLAIM, leased_until=NOON + 2 * LEASE), before)

    assert ledger.find("n", "soc") == CLAIM


TOLD = Standing(
    "i",
    "soc",
    version=1,
    busy_until=NOON + LEASE,
    began_at=NOON,
    newest_at=NOON + SECOND,
    severity="High",
    over_at=NOON,
    is_final=True,
    alerts={
        "incident": Alert(NOON, "n", is_open=False),
        "let-out": Alert(NOON, "m", is_open=True, is_told=False),
    },
    thread="1700000000.000100",
    opening="[]",
)


def test_how_a_channel_stands_to_an_incident_is_kept(ledger: Deliveries) -> None:
    assert ledger.standing("i", "soc") == Standing("i", "soc")

    ledger.stand(TOLD, Standing("i", "soc"))

    assert ledger.standing("i", "soc") == TOLD
    assert ledger.standing("i", "other") == Standing("i", "other")
    assert ledger.standing("j", "soc") == Standing("j", "soc")


def test_of_two_who_tell_of_an_incident_one_is_first(ledger: Deliveries) -> None:
    nothing = Standing("i", "soc")
    ledger.stand(TOLD, nothing)
    later = replace(TOLD, version=2, busy_until=None)

    with pytest.raises(DeliveryAtWorkError, match="soc"):
        ledger.stand(replace(TOLD, thread=""), nothing)
    ledger.stand(later, TOLD)
    with pytest.raises(DeliveryAtWorkError, match="soc"):
        ledger.stand(replace(TOLD, version=2), TOLD)

    assert ledger.standing("i", "soc") == later


def test_a_conversation_that_an_earlier_version_began_goes_on(table: DynamoStore) -> None:
    ledger = DynamoDeliveries(table.client, TABLE)
    of_old = {"pk": {"S": "thread#i"}, "sk": {"S": "soc"}, "thread": {"S": "1700000000.000100"}}
    table.client.put_item(TableName=TABLE, Item=of_old)

    found = ledger.standing("i", "soc")
    ledger.stand(replace(found, version=1), found)

    assert ledger.standing("i", "soc") == Standing(
        "i", "soc", version=1, thread="1700000000.000100"
    )


def a_finding_kept(name: str, at: datetime = NOON) -> Kept:
    return Kept(name, at, "f", "Low: Recon:EC2/Portscan", "i-1", 3)


def test_what_was_kept_waits_in_its_order_until_it_is_forgotten(ledger: Deliveries) -> None:
    later, first, second = (
        a_finding_kept("a", NOON + SECOND),
        a_finding_kept("b"),
        a_finding_kept("c"),
    )
    for each in (later, first, second, first):
        ledger.keep("soc", each)
    ledger.keep("other", first)
    assert ledger.kept("soc") == (first, second, later)

    ledger.forget("soc", (first, second))

    assert ledger.kept("soc") == (later,)
    assert ledger.kept("other") == (first,)


def test_more_findings_than_a_page_holds_are_all_kept(table: DynamoStore) -> None:
    ledger = DynamoDeliveries(table.client, TABLE)
    long = replace(a_finding_kept(""), what="x" * 20_000)
    for n in range(60):
        ledger.keep("soc", replace(long, notice_id=f"{n:02d}"))

    assert [each.notice_id for each in ledger.kept("soc")] == [f"{n:02d}" for n in range(60)]


def test_the_records_expire(table: DynamoStore) -> None:
    ledger = DynamoDeliveries(table.client, TABLE)
    ledger.save(CLAIM, None)
    ledger.stand(TOLD, Standing("i", "soc"))

    (delivery,) = table.partition("delivery#n")
    (thread,) = table.partition("thread#i")
    assert delivery["expires"] == int((NOON + timedelta(days=30)).timestamp())
    assert thread["expires"] == int((NOON + SECOND + timedelta(days=365)).timestamp())


@pytest.mark.parametrize("operation", ["get_item", "put_item"])
def test_a_refusal_by_dynamodb_is_none_of_the_ledgers(table: DynamoStore, operation: str) -> None:
    ledger = DynamoDeliveries(table.client, TABLE)

    with Stubber(table.client) as denied:
        denied.add_client_error(operation, "AccessDeniedException", http_status_code=400)
        with pytest.raises(AwsRefusedError, match="AccessDenied"):
            (ledger.find("n", "soc") if operation == "get_item" else ledger.save(CLAIM, None))
