"""DynamoDB: what was held, until it is contained, dismissed, or as old as its finding may get."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.held import Held

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)

_KEPT = timedelta(days=90)  # as long as GuardDuty keeps a finding
_HELD = "held"  # an item for each instance, sk its key
_WEAKER = "ConditionalCheckFailedException"
_HUNDREDTHS = 100  # a score is kept as a whole number


class DynamoHeld:
    """The partition `held` of the table `cordon-<stage>`; each event is in one of its own.

    So a list of what is held reads no event, which may be as long as EventBridge lets it be.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def keep(self, held: Held, event: str) -> None:
        expires = int((held.at + _KEPT).timestamp())
        item = {**_key(held.key), **_from_held(held), "expires": expires}
        kept = {**_event_key(held.key), "event": event, "expires": expires}
        with aws_errors(f"keep that {held.key} is held"):
            try:
                for each in ({**kept, "score": item["score"]}, item):
                    self._dynamodb.put_item(
                        TableName=self._table,
                        Item=typed(each),
                        ConditionExpression="attribute_not_exists(pk) OR score <= :score",
                        ExpressionAttributeValues=typed({":score": item["score"]}),
                    )
            except ClientError as error:
                if code_of(error) != _WEAKER:
                    raise

    def all(self) -> tuple[Held, ...]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": _HELD}},
            ConsistentRead=True,
        )
        with aws_errors("read what is held"):
            return tuple(
                held for page in pages for each in page["Items"] for held in _to_held(plain(each))
            )

    def event(self, held: Held) -> Mapping[str, Any] | None:
        with aws_errors(f"read the event that is held for {held.key}"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=typed(_event_key(held.key)), ConsistentRead=True
            )
        item = answer.get("Item")
        return dict(json.loads(plain(item)["event"])) if item else None

    def remind(self, held: Held) -> None:
        with aws_errors(f"remember that people were reminded of {held.key}"):
            try:
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=typed(_key(held.key)),
                    UpdateExpression="SET reminded = :reminded",
                    ConditionExpression="#at = :at",
                    ExpressionAttributeNames={"#at": "at"},
                    ExpressionAttributeValues=typed(
                        {":reminded": held.reminded, ":at": held.at.isoformat()}
                    ),
                )
            except ClientError as error:
                if code_of(error) != _WEAKER:
                    raise

    def drop(self, key: str) -> None:
        with aws_errors(f"forget that {key} is held"):
            for each in (_key(key), _event_key(key)):
                self._dynamodb.delete_item(TableName=self._table, Key=typed(each))


def _key(key: str) -> items.Item:
    return {"pk": _HELD, "sk": key}


def _event_key(key: str) -> items.Item:
    return {"pk": f"held#{key}", "sk": "event"}


def _from_held(held: Held) -> items.Item:
    return {
        "account_id": held.ref.account_id,
        "region": held.ref.region,
        "instance_id": held.ref.instance_id,
        "finding_id": held.finding_id,
        "finding_type": held.finding_type,
        "score": round(held.score * _HUNDREDTHS),
        "reasons": list(held.reasons),
        "at": held.at.isoformat(),
        "reminded": held.reminded,
    }


def _to_held(item: Mapping[str, Any]) -> Iterator[Held]:
    """Yield what `item` holds; one that another version wrote, and that cannot be read, is left."""
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        yield Held(
            ref=InstanceRef(item["account_id"], item["region"], item["instance_id"]),
            finding_id=item["finding_id"],
            finding_type=item["finding_type"],
            score=float(Decimal(item["score"]) / _HUNDREDTHS),
            reasons=tuple(str(each) for each in item["reasons"]),
            at=items.moment_of(item["at"]),
            reminded=int(item.get("reminded", 0)),
        )
