"""DynamoDB: which channel has got which notice, and where its conversations began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.adapters.items import Item
from chalicelib.core.channels.errors import DeliveryAtWorkError
from chalicelib.core.delivery import Delivery

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = ("dynamodb:GetItem", "dynamodb:PutItem")

_KEPT = timedelta(days=30)  # longer than a notice may wait in the dead letters
_THREAD_KEPT = timedelta(days=365)
_LOST = "ConditionalCheckFailedException"


class DynamoDeliveries:
    """The partitions `delivery#<notice>` and `thread#<incident>` of the table `cordon-<stage>`.

    In each of them, an item stands for one channel; all of them expire.
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


def _state(delivery: Delivery) -> Item:
    return {
        "published_at": delivery.published_at.isoformat(),
        "leased_until": delivery.leased_until.isoformat(),
        "is_done": delivery.is_done,
    }
