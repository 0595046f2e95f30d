"""DynamoDB's attribute values, to and from what Python has for them.

boto3 can do this too, and importing it for that would be a tenth of a cold start: the rest of
Cordon needs botocore only.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return `item` as DynamoDB's calls take it: texts, numbers, flags, None, lists, maps.

    Raises:
        TypeError: a value is none of these.
    """
    return {key: _typed(value) for key, value in item.items()}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of DynamoDB's answers as ordinary values; a whole number is an int."""
    return {key: _plain(value) for key, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():  # which is an int, too
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case list():
            return {"L": [_typed(each) for each in value]}
        case dict():
            return {"M": typed(value)}
        case _:
            raise TypeError(f"DynamoDB is given no {type(value).__name__}")


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, said),) = value.items()
    return _READ[kind](said) if kind in _READ else said  # as it is: S, BOOL, B


def _number(said: str) -> int | Decimal:
    number = Decimal(said)
    return int(number) if number == number.to_integral_value() else number


_READ: Mapping[str, Callable[[Any], Any]] = {
    "NULL": lambda _: None,
    "N": _number,
    "L": lambda said: [_plain(each) for each in said],
    "M": plain,
    "NS": lambda said: {_number(each) for each in said},
    "SS": set,
    "BS": set,
}
