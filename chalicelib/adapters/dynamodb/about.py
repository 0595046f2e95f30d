"""DynamoDB: what is on record about one instance, however much it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.attribute_values import plain
from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PAGE = 300  # items


def read_about(dynamodb: DynamoDBClient, table: str, key: str) -> list[items.Item]:
    """Return what is on record under `key`: everything, but of the sightings one page at most.

    Before them come, by their sort keys, the exemption, the last sighting of each type, and the
    quarantines. So ten thousand findings about an instance do not delay its cut.
    """
    found: list[items.Item] = []
    start: dict[str, Any] = {}
    with aws_errors(f"read {items.about(key)}"):
        while True:
            answer = dynamodb.query(
                TableName=table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": items.about(key)}},
                ConsistentRead=True,
                Limit=_PAGE,
                **start,
            )
            found.extend(plain(item) for item in answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if not last or last["sk"]["S"] >= items.SIGHTING:
                return found
            start = {"ExclusiveStartKey": last}
