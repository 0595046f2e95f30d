"""DynamoDB: the central list of exemptions, and what waits there for a second person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PERMISSIONS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan")

_KEPT = timedelta(days=90)  # after its end: as long as what a finding did is on record
_ASKED = "exemptions#asked"  # an item for each instance, sk its key


class DynamoExemptions:
    """Two partitions of the table `cordon-<stage>`; what is over expires, nothing is deleted."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def all(self) -> tuple[Exempt, ...]:
        return tuple(
            Exempt(ref, items.to_exemption(item)) for ref, item in self._query(items.EXEMPTIONS)
        )

    def by_hand(self) -> tuple[Exempt, ...]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="sk = :sk",
            ExpressionAttributeValues={":sk": {"S": items.EXEMPTION}},
            ConsistentRead=True,
        )
        with aws_errors("look for exemptions that were written by hand"):
            found = [plain(each) for page in pages for each in page["Items"]]
        return tuple(
            Exempt(ref, items.to_exemption(each))
            for each in found
            for ref in _of_key(str(each["pk"]).removeprefix(items.about("")))
        )

    def find(self, ref: InstanceRef) -> Exemption | None:
        item = self._get(items.EXEMPTIONS, ref)
        return items.to_exemption(item) if item else None

    def find_by_hand(self, ref: InstanceRef) -> Exemption | None:
        item = self._get(items.about(ref.key), ref, items.EXEMPTION)
        return items.to_exemption(item) if item else None

    def keep_by_hand(self, ref: InstanceRef, exemption: Exemption) -> None:
        said = items.from_exemption(exemption)
        self._put(items.about(ref.key), ref, said, items.EXEMPTION)

    def keep(self, ref: InstanceRef, exemption: Exemption) -> None:
        until = exemption.until
        expires = {"expires": int((until + _KEPT).timestamp())} if until else {}
        self._put(items.EXEMPTIONS, ref, {**items.from_exemption(exemption), **expires})

    def wishes(self) -> tuple[tuple[InstanceRef, Wish], ...]:
        return tuple((ref, wish) for ref, item in self._query(_ASKED) for wish in _to_wish(item))

    def wish(self, ref: InstanceRef) -> Wish | None:
        return next(_to_wish(self._get(_ASKED, ref) or {}), None)

    def keep_wish(self, ref: InstanceRef, wish: Wish | None) -> None:
        self._put(_ASKED, ref, _from_wish(wish) if wish else {"expires": 0})

    def _query(self, partition: str) -> Iterator[tuple[InstanceRef, items.Item]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )
        with aws_errors("read the list of exemptions"):
            for page in pages:
                for item in map(plain, page["Items"]):
                    for ref in _of_key(item["sk"]):
                        yield ref, item

    def _get(self, partition: str, ref: InstanceRef, name: str = "") -> items.Item | None:
        with aws_errors(f"read whether {ref.key} is exempt"):
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key=typed({"pk": partition, "sk": name or ref.key}),
                ConsistentRead=True,
            )
        item = answer.get("Item")
        return plain(item) if item else None

    def _put(self, partition: str, ref: InstanceRef, what: items.Item, name: str = "") -> None:
        with aws_errors(f"write whether {ref.key} is exempt"):
            self._dynamodb.put_item(
                TableName=self._table, Item=typed({"pk": partition, "sk": name or ref.key, **what})
            )


def _of_key(key: str) -> Iterator[InstanceRef]:
    """Yield the instance of that key; of one that is none, nothing can be exempt."""
    with suppress(ValueError):
        account_id, region, instance_id = key.split("/")
        yield InstanceRef(account_id, region, instance_id)


def _from_wish(wish: Wish) -> items.Item:
    return {
        "by": wish.by,
        "reason": wish.reason,
        "until": wish.until and wish.until.isoformat(),
        "at": wish.at.isoformat(),
        "expires": int((wish.at + _KEPT).timestamp()),
    }


def _to_wish(item: Mapping[str, Any]) -> Iterator[Wish]:
    """Yield what `item` holds; nothing waits in one that cannot be read."""
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        until = item["until"]
        yield Wish(
            by=item["by"],
            reason=item["reason"],
            until=items.moment_of(until) if until else None,
            at=items.moment_of(item["at"]),
        )
