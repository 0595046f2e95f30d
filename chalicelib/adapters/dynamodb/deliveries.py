"""DynamoDB: which channel has got which notice, and where its conversations began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.dynamodb.items import Item
from chalicelib.adapters.dynamodb.standings import read_standing, standing_item
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.notices.channels.digest import Kept
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.channels.standing import Standing
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
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
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

    def standing(self, incident: str, channel: str) -> Standing:
        item = self._get(f"thread#{incident}", channel)
        return read_standing(incident, channel, item or {})

    def stand(self, standing: Standing, before: Standing) -> None:
        # An item of another version has no version of its own.
        condition = "version = :version" if before.version else "attribute_not_exists(version)"
        values = {":version": before.version} if before.version else {}
        item = {
            "pk": f"thread#{standing.incident}",
            "sk": standing.channel,
            "expires": int(((standing.newest_at or _NEVER) + _THREAD_KEPT).timestamp()),
            **standing_item(standing),
        }
        if not self._put(item, condition, values):
            raise DeliveryAtWorkError(standing.channel)

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
