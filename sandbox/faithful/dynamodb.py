"""How large a transaction may be; moto counts its items, and the size of each, but not of all."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType

from sandbox.faithful.mending import mend

_LARGEST = 4 * 1024 * 1024  # bytes


def install() -> None:
    """Refuse what is too large before anything of it is written."""
    write = DynamoDBBackend.transact_write_items

    def transact_write_items(backend: Any, transact_items: list[dict[str, Any]]) -> None:
        if sum(map(_size, transact_items)) > _LARGEST:
            raise MockValidationException(
                "Aggregate size of all items in the transaction exceeds 4 MB"
            )
        write(backend, transact_items)

    mend(DynamoDBBackend, "transact_write_items", transact_write_items)


def _size(action: dict[str, Any]) -> int:
    """Return the bytes that an action brings: an item, or the values of an update."""
    (said,) = action.values()
    brought = said.get("Item") or said.get("ExpressionAttributeValues") or {}
    return sum(len(name.encode()) + _bytes(value) for name, value in brought.items())


def _bytes(value: dict[str, Any]) -> int:
    return int(DynamoType(value).size())
