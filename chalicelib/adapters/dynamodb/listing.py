"""A page of the list of quarantines; a containment reads none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import items, records
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors
from chalicelib.core.api.cursor import Page, Place
from chalicelib.core.api.request import Selection
from chalicelib.core.errors import UnreadableRecordError
from chalicelib.core.quarantine.record import Quarantine, State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

_TRIES = 8  # queries for one page


def page(
    dynamodb: DynamoDBClient, table: str, selection: Selection, after: Place | None, most: int
) -> Page:
    """Return a page of quarantines, newest first, as the port `Quarantines` says."""
    quarantines: list[Quarantine] = []
    unreadable: list[str] = []
    for _ in range(_TRIES):  # what is not selected leaves room
        answer = _listed(dynamodb, table, selection.state, after, most - len(quarantines))
        for item in answer["Items"]:
            try:
                quarantine = records.to_quarantine(plain(item))
            except UnreadableRecordError as error:
                unreadable.append(str(error))
            else:
                quarantines.extend([quarantine] if selection.takes(quarantine) else [])
        last = answer.get("LastEvaluatedKey")
        after = _to_place(plain(last)) if last else None
        if after is None or len(quarantines) == most:
            break
    return Page(tuple(quarantines), after, tuple(unreadable))


def _listed(
    dynamodb: DynamoDBClient, table: str, state: State | None, after: Place | None, most: int
) -> QueryOutputTypeDef:
    index, key, value = (
        ("by_state", "state", state.value) if state else ("by_opened", "kind", items.KIND)
    )
    start = {"ExclusiveStartKey": typed(_from_place(after, key, value))} if after else {}
    with aws_errors("list quarantines"):
        return dynamodb.query(
            TableName=table,
            IndexName=index,
            KeyConditionExpression="#key = :value",
            ExpressionAttributeNames={"#key": key},
            ExpressionAttributeValues=typed({":value": value}),
            ScanIndexForward=False,
            Limit=most,
            **start,  # type: ignore[arg-type]  # absent is not the same as None
        )


def _to_place(item: Mapping[str, Any]) -> Place:
    """Return the place of a quarantine's `item`, or of the key that DynamoDB goes on from."""
    key = item["pk"].removeprefix(items.about(""))
    number = int(item["sk"].removeprefix(items.QUARANTINE))
    return Place(items.moment_of(item["opened_at"]), key, number)


def _from_place(after: Place, key: str, value: str) -> items.Item:
    """Return where a list goes on after `after`, in the index by `key`, of those with `value`."""
    at = {"opened_at": after.opened_at.isoformat(), key: value}
    return {"pk": items.about(after.key), "sk": f"{items.QUARANTINE}{after.number:06d}", **at}
