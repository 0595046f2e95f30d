"""What DynamoDB refuses for its size, or its words."""

from __future__ import annotations

from typing import Any

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import Estate, client, code_of
from tests.sandbox.race import make_table

_ITEM = 400 * 1024  # bytes, names of attributes counted
_REFUSED = "ValidationException"


def a_table() -> Any:
    dynamodb = client("dynamodb")
    make_table(dynamodb)
    return dynamodb


def an_item(size: int, name: str = "x") -> dict[str, Any]:
    """Return an item of `size` bytes: its key is called id, its text t."""
    return {"id": {"S": name}, "t": {"S": "a" * (size - len("id") - len(name) - len("t"))}}


def put(*items: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Put": {"TableName": "t", "Item": item}} for item in items]


@fact
def an_item_of_more_than_400_kb_is_refused_however_it_is_written(_: Estate) -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
    dynamodb, large = a_table(), an_item(_ITEM + 1)

    assert code_of(dynamodb.put_item, TableName="t", Item=large) == _REFUSED
    assert code_of(dynamodb.transact_write_items, TransactItems=put(large)) == _REFUSED
    assert "Item" not in dynamodb.get_item(TableName="t", Key={"id": {"S": "x"}})


@gap
def a_transaction_of_more_than_4_mb_is_refused_whole(_: Estate) -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html"""
    dynamodb = a_table()
    items = [an_item(395_000, f"{n:02}") for n in range(11)]

    assert code_of(dynamodb.transact_write_items, TransactItems=put(*items)) == _REFUSED
    assert dynamodb.scan(TableName="t")["Count"] == 0
    dynamodb.transact_write_items(TransactItems=put(*items[:10]))


@fact
def a_transaction_that_fails_leaves_every_item_as_it_was(_: Estate) -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html"""
    dynamodb = a_table()
    dynamodb.transact_write_items(TransactItems=put(*(an_item(20, n) for n in "abc")))
    named: Any = [{"TableName": "t", "Key": {"id": {"S": n}}} for n in "bc"]
    said = {"UpdateExpression": "SET t = :t", "ExpressionAttributeValues": {":t": {"S": "else"}}}
    fails = {**put(an_item(20, "e"))[0]["Put"], "ConditionExpression": "attribute_exists(id)"}
    before = dynamodb.scan(TableName="t")["Items"]

    changes = [*put(an_item(30, "a"), an_item(20, "d")), {"Update": {**named[0], **said}}]
    changes += [{"Delete": named[1]}, {"Put": fails}]
    refused = code_of(dynamodb.transact_write_items, TransactItems=changes)

    assert refused == "TransactionCanceledException"
    assert sorted(map(str, dynamodb.scan(TableName="t")["Items"])) == sorted(map(str, before))
    dynamodb.transact_write_items(TransactItems=changes[:-1])
    assert dynamodb.scan(TableName="t")["Count"] == 3


@fact
def a_transaction_of_more_than_100_items_is_refused(_: Estate) -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html"""
    dynamodb = a_table()
    items = [an_item(20, f"{n:03}") for n in range(101)]

    assert code_of(dynamodb.transact_write_items, TransactItems=put(*items)) == _REFUSED
    dynamodb.transact_write_items(TransactItems=put(*items[:100]))


@fact
def a_reserved_word_in_an_expression_is_refused(_: Estate) -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html"""
    dynamodb = a_table()

    assert (
        code_of(
            dynamodb.update_item,
            TableName="t",
            Key={"id": {"S": "x"}},
            UpdateExpression="SET state = :new",
            ExpressionAttributeValues={":new": {"S": "OPEN"}},
        )
        == _REFUSED
    )
