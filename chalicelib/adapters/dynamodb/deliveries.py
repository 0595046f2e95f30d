"""DynamoDB: which channel has got which notice, and where its conversations began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.dynamodb.items import Item
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.notices.channels.digest import Kept
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.delivery import Delivery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = (
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
)

_KEPT = timedelta(days=30)  # longer than a notice may wait in the dead letters
_THREAD_KEPT = timedelta(days=365)
_LOST = "ConditionalCheckFailedException"


class DynamoDeliveries:
    """Partitions of the table `cordon-<stage>`; all their items expire.

    `delivery#<notice>` and `thread#<incident>` have an item for each channel, `digest#<channel>`
    one for each finding that waits.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def find(self, notice_id: str, channel: str) -> Delivery | None:
        item = self._get(f"delivery#{notice_id}", channel)
        if item is None:
            return None
        return Delivery(
            notice_id,
            channel,
            published_at=datetime.fromisoformat(item["published_at"]),
            leased_until=datetime.fromisoformat(item["leased_until"]),
            is_done=item["is_done"],
        )

    def save(self, delivery: Delivery, before: Delivery | None) -> None:
        was = {} if before is None else {f":{k}": v for k, v in _state(before).items()}
        condition = " AND ".join(f"{name[1:]} = {name}" for name in was)
        item = {
            "pk": f"delivery#{delivery.notice_id}",
            "sk": delivery.channel,
            "expires": int((delivery.published_at + _KEPT).timestamp()),
            **_state(delivery),
        }
        if not self._put(item, condition or "attribute_not_exists(pk)", was):
            raise DeliveryAtWorkError(delivery.channel)

    def thread(self, incident: str, channel: str) -> str:
        item = self._get(f"thread#{incident}", channel)
        return str(item["thread"]) if item else ""

    def keep_thread(self, incident: str, channel: str, thread: str) -> None:
        # Slack names a message by the second in which it came: 1700000000.000100.
        until = int(float(thread)) + int(_THREAD_KEPT.total_seconds())
        item = {"pk": f"thread#{incident}", "sk": channel, "thread": thread, "expires": until}
        self._put(item, "attribute_not_exists(pk)", {})

    def keep(self, channel: str, finding: Kept) -> None:
        item = {
            **_kept_key(channel, finding),
            "notice_id": finding.notice_id,
            "at": finding.at.isoformat(),
            "finding_id": finding.finding_id,
            "what": finding.what,
            "where": finding.where,
            "count": finding.count,
            "expires": int((finding.at + _KEPT).timestamp()),
        }
        with aws_errors(f"keep a finding for {channel}"):
            self._dynamodb.put_item(TableName=self._table, Item=typed(item))

    def kept(self, channel: str) -> tuple[Kept, ...]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=typed({":pk": f"digest#{channel}"}),
            ConsistentRead=True,
        )
        with aws_errors(f"read the findings kept for {channel}"):
            items = [plain(item) for page in pages for item in page["Items"]]
        return tuple(
            Kept(
                notice_id=item["notice_id"],
                at=datetime.fromisoformat(item["at"]),
                finding_id=item["finding_id"],
                what=item["what"],
                where=item["where"],
                count=int(item["count"]),
            )
            for item in items
        )

    def forget(self, channel: str, findings: tuple[Kept, ...]) -> None:
        with aws_errors(f"forget the findings kept for {channel}"):
            for finding in findings:
                key = typed(_kept_key(channel, finding))
                self._dynamodb.delete_item(TableName=self._table, Key=key)

    def _get(self, pk: str, sk: str) -> Item | None:
        with aws_errors(f"read {pk} {sk}"):
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=typed({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        item = answer.get("Item")
        return plain(item) if item else None

    def _put(self, item: Item, condition: str, values: Item) -> bool:
        """Write `item`; return False if the condition does not hold."""
        more = {"ExpressionAttributeValues": typed(values)} if values else {}
        with aws_errors(f"write {item['pk']} {item['sk']}"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=typed(item),
                    ConditionExpression=condition,
                    **more,  # type: ignore[arg-type]  # there is one name in it
                )
            except ClientError as error:
                if code_of(error) != _LOST:
                    raise
                return False
        return True


def _kept_key(channel: str, finding: Kept) -> Item:
    """Return the key of a kept finding: sorted by time, the same for the same notice."""
    return {"pk": f"digest#{channel}", "sk": f"{finding.at.isoformat()}#{finding.notice_id}"}


def _state(delivery: Delivery) -> Item:
    return {
        "published_at": delivery.published_at.isoformat(),
        "leased_until": delivery.leased_until.isoformat(),
        "is_done": delivery.is_done,
    }
