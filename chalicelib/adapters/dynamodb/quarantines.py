"""DynamoDB: the records of quarantines, and what else is remembered about instances.

Two findings about one instance meet in one record because the next number is written only where
nothing is. Every read that decides something is consistent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamodb import items, records
from chalicelib.adapters.dynamodb.about import read_about
from chalicelib.adapters.dynamodb.attribute_values import plain, typed
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import (
    AwsBusyError,
    BreakerOpenError,
    RecordMovedError,
)
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.dossier import Breaker, Dossier, Sighting, limit
from chalicelib.core.quarantine.exemption import later
from chalicelib.core.quarantine.record import Line, Quarantine

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.core.api.cursor import Page, Place
    from chalicelib.core.api.request import Selection

PERMISSIONS = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)

_TRIES = 8  # many workers write one breaker, and DynamoDB lets one transaction at a time through
_PAUSE = 0.02  # seconds, doubled each time

_CONDITION = "ConditionalCheckFailed"
_CONFLICT = "TransactionConflict"
_LATER = frozenset({_CONFLICT, "ProvisionedThroughputExceeded", "ThrottlingError"})


class DynamoQuarantines:
    """The table `cordon-<stage>`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._dynamodb = client
        self._table = table

    def dossier(self, key: str, account_id: str, finding_id: str = "") -> Dossier:
        with ThreadPoolExecutor(max_workers=2) as pool:  # one round trip
            reading = pool.submit(lambda: read_about(self._dynamodb, self._table, key))
            control, own = self._control(account_id, key, finding_id)
            about = [*own, *reading.result()]
        quarantines = [item for item in about if item["sk"].startswith(items.QUARANTINE)]
        mode = control.get(items.MODE)
        return Dossier(
            quarantine=records.to_quarantine(quarantines[-1]) if quarantines else None,
            sightings=tuple(items.to_sightings(about)),
            exemption=later(*items.to_exemptions(about)),
            breaker=items.to_breaker(control.get(items.breaker_key(account_id)["sk"], {})),
            mode=items.to_mode(mode) if mode else None,
        )

    def open(
        self,
        quarantine: Quarantine,
        line: Line,
        as_described: str,
        breaker: Breaker | None,
        policy: Policy,
    ) -> None:
        account_id = quarantine.ref.account_id
        described = {
            "pk": items.timeline(quarantine),
            "sk": items.DESCRIBED,
            "as_described": as_described,
        }
        record = records.from_quarantine(quarantine)
        writes = [
            self._put(record, "attribute_not_exists(pk)"),
            self._put(items.from_line(quarantine, line, tag=_version(quarantine))),
            self._put(described),
        ]
        if breaker is not None:
            writes.append(self._count(account_id, breaker, quarantine, policy))
        refusal = self._write(writes, f"open the quarantine of {quarantine.ref.instance_id}")
        if refusal is None:
            return
        if refusal[0].get("Code") != _CONDITION:  # so it was the breaker, which comes last
            now = items.to_breaker(plain(refusal[-1].get("Item", {})))
            if now.is_open(policy, quarantine.opened_at, quarantine.severity):
                raise BreakerOpenError(account_id)
        raise RecordMovedError(quarantine.ref.instance_id)

    def save(self, quarantine: Quarantine, line: Line) -> None:
        record = records.from_quarantine(quarantine)
        writes = [
            self._put(record, "version = :before", {":before": quarantine.version - 1}),
            self._put(items.from_line(quarantine, line, tag=_version(quarantine))),
        ]
        if self._write(writes, f"record {quarantine.state} of {quarantine.ref.instance_id}"):
            raise RecordMovedError(quarantine.ref.instance_id)

    def has(self, quarantine: Quarantine, line: Line) -> bool:
        said = items.from_line(quarantine, line)
        with aws_errors(f"look into the timeline of {quarantine.id}"):
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key=typed({"pk": said["pk"], "sk": said["sk"]}),
                ConsistentRead=True,
                ProjectionExpression="pk",
            )
        return "Item" in answer

    def append(self, quarantine: Quarantine, line: Line) -> None:
        with aws_errors(f"add to the timeline of {quarantine.id}"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table,
                    Item=typed(items.from_line(quarantine, line)),
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except ClientError as error:
                if code_of(error) != f"{_CONDITION}Exception":
                    raise

    def timeline(self, quarantine: Quarantine) -> tuple[Line, ...]:
        found = self._query(items.timeline(quarantine))
        lines = [(item["at"], item["sk"], item) for item in found if item["sk"] != items.DESCRIBED]
        lines.sort(key=lambda line: line[:2])
        return tuple(items.to_line(item) for _, _, item in lines)

    def page(self, selection: Selection, after: Place | None, most: int) -> Page:
        from chalicelib.adapters.dynamodb.listing import page  # noqa: PLC0415 - no containment's

        return page(self._dynamodb, self._table, selection, after, most)

    def as_described(self, quarantine: Quarantine) -> str:
        with aws_errors(f"read the description kept for {quarantine.id}"):
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key=typed({"pk": items.timeline(quarantine), "sk": items.DESCRIBED}),
                ConsistentRead=True,
            )
        return str(plain(answer["Item"])["as_described"])

    def remember(self, key: str, sighting: Sighting) -> None:
        with aws_errors(f"remember finding {sighting.finding_id}"):
            for item in (*items.latest(key, sighting), items.from_sighting(key, sighting)):
                self._dynamodb.put_item(TableName=self._table, Item=typed(item))

    def _query(self, partition: str) -> Iterator[items.Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ConsistentRead=True,
        )
        with aws_errors(f"read {partition}"):
            for page in pages:
                yield from (plain(item) for item in page["Items"])

    def _control(
        self, account_id: str, key: str, finding_id: str
    ) -> tuple[dict[str, items.Item], list[items.Item]]:
        """Return the kill switch and the account's breaker, by sort key; and what is the key's."""
        wanted = [
            {"pk": items.CONTROL, "sk": items.MODE},
            {"pk": items.EXEMPTIONS, "sk": key},
            items.breaker_key(account_id),
        ]
        if finding_id:
            wanted.append({"pk": items.about(key), "sk": f"{items.SIGHTING}{finding_id}"})
        keys = [typed(each) for each in wanted]
        found: dict[str, items.Item] = {}
        with aws_errors("read the kill switch"):
            for _ in range(_TRIES):
                answer = self._dynamodb.batch_get_item(
                    RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
                )
                for item in answer["Responses"].get(self._table, []):
                    found[plain(item)["sk"]] = plain(item)
                left = answer["UnprocessedKeys"].get(self._table)
                if not left:
                    own = [item for item in found.values() if item["pk"] != items.CONTROL]
                    return found, own
                keys = list(left["Keys"])
        raise AwsBusyError("read the kill switch", "UnprocessedKeys")

    def _count(
        self, account_id: str, breaker: Breaker, quarantine: Quarantine, policy: Policy
    ) -> Any:
        """Return the write that counts one more containment.

        Many may add at once, up to the limit; of those that drop what is over, one wins.
        """
        now = quarantine.opened_at
        live = breaker.within(policy, now)
        if live and live == breaker.opened:
            update = "SET opened = list_append(if_not_exists(opened, :was), :now)"
            condition = "attribute_not_exists(opened) OR size(opened) < :most"
            values: dict[str, Any] = {
                ":was": [at.isoformat() for at in live],  # an older version wrote it otherwise
                ":now": [now.isoformat()],
                ":most": limit(policy, quarantine.severity),
            }
        else:
            update = "SET opened = :now"
            condition = "attribute_not_exists(opened) OR opened = :before"
            values = {
                ":now": [at.isoformat() for at in (*live, now)],
                ":before": [at.isoformat() for at in breaker.opened],
            }
        return {
            "Update": {
                "TableName": self._table,
                "Key": typed(items.breaker_key(account_id)),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": typed(values),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _put(
        self, item: items.Item, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> Any:
        put: dict[str, Any] = {"TableName": self._table, "Item": typed(item)}
        if condition:
            put["ConditionExpression"] = condition
        if values:
            put["ExpressionAttributeValues"] = typed(values)
        return {"Put": put}

    def _write(self, writes: list[Any], doing: str) -> list[Any] | None:
        """Write all or nothing; return None, or why not, write by write, if a condition failed.

        Raises:
            AwsBusyError: others kept writing the same items all the while.
        """
        with aws_errors(doing):
            for turn in range(_TRIES):
                try:
                    self._dynamodb.transact_write_items(TransactItems=writes)
                except ClientError as error:
                    reasons = list(error.response.get("CancellationReasons", []))
                    codes = {str(reason.get("Code")) for reason in reasons}
                    if _CONDITION in codes:
                        return reasons
                    if codes.isdisjoint(_LATER):
                        raise
                    time.sleep(_PAUSE * 2**turn)
                else:
                    return None
        raise AwsBusyError(doing, _CONFLICT)


def _version(quarantine: Quarantine) -> str:
    return f"v{quarantine.version:06d}"
