"""How large a transaction may be; moto counts its items, and the size of each, but not of all.

And what it costs: moto copies each whole table before a transaction, and puts the copy back if it
fails. Here the items that it names are kept, and put back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

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
        with ExitStack() as undo:
            for action in transact_items:
                undo.callback(_as_it_is(backend, action))
            write(backend, transact_items)
            undo.pop_all()

    mend(DynamoDBBackend, "transact_write_items", transact_write_items)
    # moto copies tables nowhere else.
    mend(Table, "__deepcopy__", lambda table, _: table, is_new=True)


def _as_it_is(backend: Any, action: dict[str, Any]) -> Callable[[], None]:
    """Return what puts the item that `action` names back as it is now, or takes it away again."""
    (said,) = action.values()
    table = backend.get_table(said["TableName"])
    named = said.get("Key") or said["Item"]
    first = DynamoType(named[table.hash_key_attr])
    shelf, key = table.items, first
    if table.range_key_attr is not None:
        shelf, key = table.items[first], DynamoType(named[table.range_key_attr])
    before = copy.deepcopy(shelf.get(key))

    def put_back() -> None:
        if before is None:
            shelf.pop(key, None)
        else:
            shelf[key] = before

    return put_back


def _size(action: dict[str, Any]) -> int:
    """Return the bytes that an action brings: an item, or the values of an update."""
    (said,) = action.values()
    brought = said.get("Item") or said.get("ExpressionAttributeValues") or {}
    return sum(len(name.encode()) + _bytes(value) for name, value in brought.items())


def _bytes(value: dict[str, Any]) -> int:
    return int(DynamoType(value).size())
