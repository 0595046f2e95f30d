"""The filters of an event pattern: each becomes a test of one value.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html,
and for what is refused, the rule compiler of AWS's open-source matcher, aws/event-ruler.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Test = Callable[[Any], bool]

MISSING = object()  # the value at a path that the event does not have


class PatternError(ValueError):
    """AWS would refuse this pattern."""


def test_of(wanted: Any) -> Test:
    """Return the test for one member of a pattern's array: a plain value, or an operator.

    A test takes a value of the event, or `MISSING`. Numbers are ints or Decimals, never floats:
    in a float, 0.1 is not what the event said.

    Raises:
        PatternError: AWS would refuse the filter.
    """
    if isinstance(wanted, list):
        raise PatternError("an array inside an array")
    if not isinstance(wanted, dict):
        return lambda value: _equal(wanted, value)
    name, argument = _only(wanted)
    if name not in _OPERATORS:
        raise PatternError(f"unknown operator {name!r}")
    return _OPERATORS[name](argument)


def _only(pairs: dict[str, Any]) -> tuple[str, Any]:
    if len(pairs) != 1:
        raise PatternError("one operator for each filter")
    return next(iter(pairs.items()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _equal(wanted: Any, value: Any) -> bool:
    if _is_number(wanted) and _is_number(value):
        return bool(wanted == value)
    return type(wanted) is type(value) and bool(wanted == value)


def _text(argument: Any) -> str:
    if not isinstance(argument, str):
        raise PatternError("expected a text")
    return argument


def _texts(argument: Any) -> list[str]:
    listed = argument if isinstance(argument, list) else [argument]
    if not listed:
        raise PatternError("an empty array")
    return [_text(each) for each in listed]


def _exists(argument: Any) -> Test:
    if not isinstance(argument, bool):
        raise PatternError("exists takes true or false")
    return lambda value: (value is not MISSING) == argument


_LOWER: Mapping[str, Callable[[Any, Any], Any]] = {">": operator.gt, ">=": operator.ge}
_UPPER: Mapping[str, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le}
_COMPARE = {**_LOWER, **_UPPER, "=": operator.eq}
_RANGE = 4  # an operator and a number, twice


def _numeric(argument: Any) -> Test:
    """Return the test of one bound, or of a lower bound followed by an upper one."""
    if not isinstance(argument, list) or len(argument) not in (2, _RANGE):
        raise PatternError("numeric takes an operator and a number, once or twice")
    names, numbers = argument[::2], argument[1::2]
    if not all(isinstance(name, str) and name in _COMPARE for name in names):
        raise PatternError("numeric takes <, <=, =, >= and >")
    if not all(map(_is_number, numbers)):
        raise PatternError("numeric compares with numbers")
    if len(argument) == _RANGE:
        _check_range(names, numbers)
    bounds = [(_COMPARE[name], number) for name, number in zip(names, numbers, strict=True)]
    return lambda value: _is_number(value) and all(test(value, bound) for test, bound in bounds)


def _check_range(names: list[str], numbers: list[Any]) -> None:
    if names[0] not in _LOWER or names[1] not in _UPPER:
        raise PatternError("a range is > or >=, and then < or <=")
    if numbers[0] >= numbers[1]:
        raise PatternError("the bottom of a range must be below its top")


def _affix(method: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    def operator_of(argument: Any) -> Test:
        if not isinstance(argument, dict):
            affix = _text(argument)
            return lambda value: isinstance(value, str) and method(value, affix)
        name, inner = _only(argument)
        if name != "equals-ignore-case":
            raise PatternError(f"unknown operator {name!r}")
        lowered = _text(inner).lower()
        return lambda value: isinstance(value, str) and method(value.lower(), lowered)

    return operator_of


def _ignore_case(argument: Any) -> Test:
    lowered = _text(argument).lower()
    return lambda value: isinstance(value, str) and value.lower() == lowered


_WILDCARD_TOKEN = re.compile(r"\\(?P<literal>[*\\])|(?P<star>\*)|(?P<plain>[^*\\])", re.DOTALL)


def _wildcard(argument: Any) -> Test:
    """Return the test of a text with stars; a backslash takes a star or a backslash literally."""
    text, expression, at = _text(argument), "", 0
    while at < len(text):
        token = _WILDCARD_TOKEN.match(text, at)
        if token is None:
            raise PatternError("a backslash must stand before a star or a backslash")
        if token["star"] and text[at + 1 : at + 2] == "*":
            raise PatternError("two stars in a row")
        expression += ".*" if token["star"] else re.escape(token["literal"] or token["plain"])
        at = token.end()
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _cidr(argument: Any) -> Test:
    try:
        network = ipaddress.ip_network(_text(argument), strict=False)
    except ValueError as error:
        raise PatternError(str(error)) from error

    def holds(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return holds


def _anything_but(argument: Any) -> Test:
    tests = _refused_forms(argument) if isinstance(argument, dict) else _refused_values(argument)
    return lambda value: value is not MISSING and not any(test(value) for test in tests)


def _refused_forms(argument: dict[str, Any]) -> list[Test]:
    name, inner = _only(argument)
    if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise PatternError(f"anything-but does not take {name!r}")
    listed = _texts(inner)
    if name in ("prefix", "suffix") and "" in listed:
        raise PatternError(f"anything-but takes no empty {name}")
    return [_OPERATORS[name](each) for each in listed]


def _refused_values(argument: Any) -> list[Test]:
    listed = argument if isinstance(argument, list) else [argument]
    is_plain = all(isinstance(each, str) for each in listed) or all(map(_is_number, listed))
    if not listed or not is_plain:
        raise PatternError("anything-but takes texts or numbers, not both")
    return [test_of(each) for each in listed]


_OPERATORS: Mapping[str, Callable[[Any], Test]] = {
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _affix(str.startswith),
    "suffix": _affix(str.endswith),
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
