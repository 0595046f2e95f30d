"""DynamoDB's attribute values, to and from what Python has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return `item` as DynamoDB's calls take it."""
    return {key: _serialize(value) for key, value in item.items()}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB's answers as ordinary values."""
    return {key: _deserialize(value) for key, value in item.items()}
