"""DynamoDB: what each channel took last, and what it has not got."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.dynamodb.items import Item
from chalicelib.adapters.errors import aws_errors
from chalicelib.core.notices.channels.receipts import Receipts, Refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query")

_CHANNELS = "delivery#channels"
_TOOK_KEPT = timedelta(days=30)
_REFUSED_KEPT = timedelta(days=2)  # a digest tells what was refused in the day before it


class DynamoReceipts:
    """The partition `delivery#channels` of the table `cordon-<stage>`; all its items expire."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def took(self, channel: str, at: datetime) -> None:
        self._put(channel, at + _TOOK_KEPT, {"took_at": at.isoformat()})

    def refuse(self, refusal: Refusal) -> None:
        said = {"at": refusal.at.isoformat(), "what": refusal.what, "why": refusal.why}
        key = f"{refusal.channel}#{refusal.notice_id}"
        self._put(key, refusal.at + _REFUSED_KEPT, said)

    def settle(self, channel: str, notice_id: str) -> None:
        key = typed({"pk": _CHANNELS, "sk": f"{channel}#{notice_id}"})
        with aws_errors(f"settle a notice for {channel}"):
            self._dynamodb.delete_item(TableName=self._table, Key=key)

    def all(self) -> Receipts:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=typed({":pk": _CHANNELS}),
        )
        with aws_errors("read what the channels took"):
            items = [plain(item) for page in pages for item in page["Items"]]
        took = {
            item["sk"]: datetime.fromisoformat(item["took_at"])
            for item in items
            if "took_at" in item
        }
        return Receipts(took, tuple(_refusal(item) for item in items if "took_at" not in item))

    def _put(self, key: str, until: datetime, said: Item) -> None:
        item = {"pk": _CHANNELS, "sk": key, "expires": int(until.timestamp()), **said}
        with aws_errors(f"write what became of a notice for {key}"):
            self._dynamodb.put_item(TableName=self._table, Item=typed(item))


def _refusal(item: Item) -> Refusal:
    channel, _, notice_id = item["sk"].partition("#")
    at = datetime.fromisoformat(item["at"])
    return Refusal(channel, notice_id, at, item["what"], item["why"])
