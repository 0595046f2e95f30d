"""What only DynamoDB can do to a store of quarantines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from chalicelib.adapters.dynamodb import about, quarantines, records
from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from chalicelib.core.api.request import Selection
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    RecordMovedError,
    UnreadableRecordError,
)
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import Line
from sandbox.faithful.faults import Fault, Faults, calls_of, sequential_round_trips
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore, dossier, opens
from tests.builders import ACCOUNT, NOON, PACKAGED, a_quarantine, a_ref, a_sighting

LINE = Line(NOON, "cordon", "opened")


@pytest.fixture(scope="module")
def impatient(session: boto3.Session) -> DynamoStore:
    """Return a store whose client does not try again by itself."""
    client = session.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    return DynamoStore(client, DynamoQuarantines(client, TABLE))


@contextmanager
def answering(store: DynamoStore, *codes: str) -> Iterator[Stubber]:
    """Let transactions be cancelled for these reasons, one after the other."""
    with Stubber(store.client) as stubber:
        for code in codes:
            stubber.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                http_status_code=400,
                modeled_fields={"CancellationReasons": [{"Code": code}, {"Code": "None"}]},
            )
        yield stubber


@contextmanager
def hooked(store: DynamoStore, event: str, handler: Callable[..., Any]) -> Iterator[None]:
    store.client.meta.events.register(event, handler)
    try:
        yield
    finally:
        store.client.meta.events.unregister(event, handler)


def save(store: DynamoStore) -> None:
    store.quarantines.save(a_quarantine().next(), LINE)


def test_a_transaction_that_meets_another_is_tried_again(table: DynamoStore) -> None:
    with answering(table, "TransactionConflict", "TransactionConflict") as stubber:
        stubber.add_response("transact_write_items", {})

        save(table)

        stubber.assert_no_pending_responses()


def test_a_transaction_that_always_meets_others_is_busy(
    table: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantines, "_PAUSE", 0.0)

    with answering(table, *["TransactionConflict"] * 8), pytest.raises(AwsBusyError) as caught:
        save(table)

    assert caught.value.code == "TransactionConflict"


def test_a_condition_that_failed_goes_before_a_conflict(table: DynamoStore) -> None:
    with answering(table, "ConditionalCheckFailed"), pytest.raises(RecordMovedError):
        save(table)


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_is_throttled_is_busy(
    table: DynamoStore, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantines, "_PAUSE", 0.0)

    with answering(table, *[code] * 8), pytest.raises(AwsBusyError):
        save(table)


def test_a_transaction_that_is_invalid_is_refused(table: DynamoStore) -> None:
    with answering(table, "ValidationError"), pytest.raises(AwsRefusedError):
        save(table)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AccessDeniedException", 400, AwsRefusedError),
        ("ResourceNotFoundException", 400, AwsRefusedError),
        ("ProvisionedThroughputExceededException", 400, AwsBusyError),
        ("InternalServerError", 500, AwsBusyError),
    ],
)
@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("TransactWriteItems", save),
        ("PutItem", lambda store: store.quarantines.append(a_quarantine(), LINE)),
        ("PutItem", lambda store: store.quarantines.remember("key", a_sighting())),
        ("GetItem", lambda store: store.quarantines.as_described(a_quarantine())),
        ("Query", dossier),
        ("BatchGetItem", dossier),
    ],
)
def test_what_dynamodb_answers_is_sorted_into_busy_and_refused(  # noqa: PLR0913, PLR0917 - a table
    table: DynamoStore,  # noqa: ARG001 - it is there
    impatient: DynamoStore,
    operation: str,
    call: Callable[[DynamoStore], Any],
    code: str,
    status: int,
    error: type[Exception],
) -> None:
    fault = Fault(f"dynamodb.{operation}", code=code, status=status)

    with Faults(wire=[fault]).on(), pytest.raises(error, match=code):
        call(impatient)


def test_a_dossier_is_read_in_one_round_trip(table: DynamoStore) -> None:
    calls = calls_of(lambda: dossier(table), most=1)

    assert sorted(call.operation for call in calls) == [
        "dynamodb.BatchGetItem",
        "dynamodb.Query",
    ]
    assert sequential_round_trips(calls) == 1


def test_every_read_that_decides_is_consistent(table: DynamoStore) -> None:
    asked: list[tuple[str, Any]] = []

    def log(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append((model.name, params))

    table.quarantines.open(a_quarantine(), LINE, "{}", Breaker(), PACKAGED)
    with hooked(table, "provide-client-params.dynamodb", log):
        dossier(table)
        table.quarantines.as_described(a_quarantine())

    consistent = {
        name: params.get("ConsistentRead") or params["RequestItems"][TABLE].get("ConsistentRead")
        for name, params in asked
    }
    assert consistent == {"Query": True, "BatchGetItem": True, "GetItem": True}


def test_keys_that_dynamodb_left_unprocessed_are_asked_for_again(table: DynamoStore) -> None:
    table.switch(Mode.OBSERVE)
    answers = 0

    def leave_the_switch(parsed: dict[str, Any], **_: Any) -> None:
        nonlocal answers
        answers += 1
        if answers == 1:
            parsed["Responses"] = {}
            key = {"pk": {"S": "control"}, "sk": {"S": "mode"}}
            parsed["UnprocessedKeys"] = {TABLE: {"Keys": [key]}}

    with hooked(table, "after-call.dynamodb.BatchGetItem", leave_the_switch):
        read = dossier(table)

    assert read.mode is Mode.OBSERVE
    assert answers == 2


def test_keys_that_stay_unprocessed_are_never_taken_for_an_open_switch(
    table: DynamoStore,
) -> None:
    table.switch(Mode.OBSERVE)

    def leave_all(parsed: dict[str, Any], **_: Any) -> None:
        key = {"pk": {"S": "control"}, "sk": {"S": "mode"}}
        parsed["Responses"] = {}
        parsed["UnprocessedKeys"] = {TABLE: {"Keys": [key]}}

    with (
        hooked(table, "after-call.dynamodb.BatchGetItem", leave_all),
        pytest.raises(AwsBusyError, match="UnprocessedKeys"),
    ):
        dossier(table)


def test_a_sighting_expires_when_guardduty_drops_the_finding(table: DynamoStore) -> None:
    table.quarantines.remember("key", a_sighting(seen_at=NOON))

    expires = {int(item["expires"]) for item in table.partition("about#key")}

    assert expires == {int(NOON.timestamp()) + 90 * 24 * 3600}


def test_a_quarantine_never_expires(table: DynamoStore) -> None:
    quarantine = a_quarantine()
    table.quarantines.open(quarantine, LINE, "{}", Breaker(), PACKAGED)

    pages = [f"about#{a_ref().key}", f"timeline#{a_ref().key}#000001"]
    found = [item for page in pages for item in table.partition(page)]

    assert len(found) == 3
    assert not [item for item in found if "expires" in item]


def test_a_moment_that_a_person_wrote_without_a_zone_is_utc(table: DynamoStore) -> None:
    table.put(
        {
            "pk": f"about#{a_ref().key}",
            "sk": "exemption",
            "reason": "until the migration is over",
            "until": NOON.replace(tzinfo=None).isoformat(),
        }
    )

    assert dossier(table).exemption == Exemption("until the migration is over", NOON)


def test_the_indexes_find_a_quarantine_by_state_and_by_time(table: DynamoStore) -> None:
    table.quarantines.open(a_quarantine(), LINE, "{}", Breaker(), PACKAGED)

    for index, key, value in (
        ("by_state", "state", "CONTAINING"),
        ("by_opened", "kind", "quarantine"),
    ):
        found = table.client.query(
            TableName=TABLE,
            IndexName=index,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues={":value": {"S": value}},
        )
        assert [item["instance_id"]["S"] for item in found["Items"]] == [a_ref().instance_id]


def test_the_breaker_is_counted_in_the_same_transaction(table: DynamoStore) -> None:
    with Faults().on() as faults:
        table.quarantines.open(a_quarantine(), LINE, "{}", Breaker(), PACKAGED)

    assert [call.operation for call in faults.calls] == ["dynamodb.TransactWriteItems"]
    assert dossier(table, account_id=ACCOUNT).breaker.count == 1


def test_a_record_that_is_none_is_named_and_keeps_no_other_off_its_page(
    table: DynamoStore,
) -> None:
    opens(table, a_quarantine(ref=a_ref("i-00000000000000001")))
    broken = records.from_quarantine(a_quarantine(ref=a_ref("i-00000000000000002")))
    table.put({**broken, "originals": "none"})

    pages = [table.quarantines.page(Selection(), None, 1)]
    while pages[-1].goes_on is not None:
        pages.append(table.quarantines.page(Selection(), pages[-1].goes_on, 1))

    named = [each.ref.instance_id for page in pages for each in page.quarantines]
    assert named == ["i-00000000000000001"]
    (problem,) = (problem for page in pages for problem in page.unreadable)
    assert "i-00000000000000002" in problem
    with pytest.raises(UnreadableRecordError):
        dossier(table, a_ref("i-00000000000000002").key)


def test_ten_thousand_findings_are_one_page_and_the_second_type_is_seen(
    table: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten are as good as ten thousand where a page has five."""
    monkeypatch.setattr(about, "_PAGE", 5)
    key, asked = a_ref().key, Counter[str]()
    table.quarantines.remember(key, a_sighting(finding_id="z", finding_type="Another:EC2/Type"))
    table.quarantines.open(a_quarantine(), LINE, "{}", Breaker(), PACKAGED)
    for n in range(10):
        table.quarantines.remember(key, a_sighting(finding_id=f"f-{n}"))

    def count(model: Any, **_: Any) -> None:
        asked.update([model.name])

    table.client.meta.events.register("before-call.dynamodb", count)

    seen = table.quarantines.dossier(key, ACCOUNT, "f-8")

    table.client.meta.events.unregister("before-call.dynamodb", count)
    assert asked == {"Query": 1, "BatchGetItem": 1}
    assert seen.quarantine is not None
    assert {"f-8", "f-9", "z"} <= {each.finding_id for each in seen.sightings}


def test_before_the_sightings_all_is_read(
    table: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about, "_PAGE", 2)
    for number in range(1, 8):
        table.quarantines.open(a_quarantine(number=number), LINE, "{}", None, PACKAGED)

    seen = table.quarantines.dossier(a_ref().key, ACCOUNT)

    assert seen.quarantine is not None
    assert seen.quarantine.number == 7
