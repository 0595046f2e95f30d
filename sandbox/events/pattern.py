"""EventBridge's event patterns, as AWS matches them.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
and the behaviour of AWS's open-source matcher, event-ruler, on the cases of the tests.
"""

from __future__ import annotations

import ipaddress
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

Path = tuple[str, ...]
Position = Mapping[Any, int]  # of a value inside arrays: which element of which array
Leaf = tuple[Any, Position]

_MISSING = object()
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


class PatternError(ValueError):
    """AWS would refuse this pattern."""


def matches(pattern: str | Mapping[str, Any], event: str | Mapping[str, Any]) -> bool:
    """Return whether `event` matches `pattern`.

    Conditions on objects of one array must hold for one and the same object.

    Raises:
        PatternError: AWS would refuse the pattern.
    """
    alternatives = list(_alternatives(_exact(pattern), ()))
    for alternative in alternatives:
        for filters in alternative.values():
            for each in filters:
                _satisfies(each, _MISSING)  # refuses a bad filter even if nothing reaches it
    body = _exact(event)
    return any(_all_match(list(each.items()), body, {}) for each in alternatives)


def _exact(document: str | Mapping[str, Any]) -> Any:
    text = document if isinstance(document, str) else json.dumps(document, default=str)
    return json.loads(text, parse_float=Decimal)


def _alternatives(pattern: Any, prefix: Path) -> Iterator[dict[Path, list[Any]]]:
    """Yield every way to match: one set of filters by path; `$or` makes several."""
    if not isinstance(pattern, dict) or (not pattern and prefix):
        raise PatternError("a pattern must be an object, and not an empty one")
    ways: list[dict[Path, list[Any]]] = [{}]
    for key, value in pattern.items():
        path = (*prefix, *key.split("."))
        if key == "$or" and _is_or(value):
            more = [way for each in value for way in _alternatives(each, prefix)]
        elif isinstance(value, dict):
            more = list(_alternatives(value, path))
        elif isinstance(value, list) and value:
            more = [{path: value}]
        else:
            raise PatternError(f"{key!r} must be an object or an array that is not empty")
        ways = [{**way, **other} for other in more for way in ways]
    yield from ways


def _is_or(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) > 1 and all(isinstance(each, dict) for each in value)
    )


def _all_match(conditions: list[tuple[Path, list[Any]]], event: Any, at: Position) -> bool:
    """Return whether all `conditions` hold, each for values that agree with the positions `at`."""
    if not conditions:
        return True
    (path, filters), rest = conditions[0], conditions[1:]
    leaves = list(_leaves(event, path, {}, ()))
    if not leaves:
        leaves = [(_MISSING, {})]
    return any(
        all(at.get(array, index) == index for array, index in position.items())
        and _all_match(rest, event, {**at, **position})
        for value, position in leaves
        if any(_satisfies(each, value) for each in filters)
    )


def _leaves(node: Any, path: Path, position: Position, where: Path) -> Iterator[Leaf]:
    """Yield every plain value at `path`, with the array elements that lead to it."""
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from _leaves(each, path, {**position, where: index}, where)
    elif isinstance(node, dict):
        for length in range(1, len(path) + 1):
            key = ".".join(path[:length])
            if key in node:
                yield from _leaves(node[key], path[length:], position, (*where, key))
    elif not path:
        yield node, position


def _satisfies(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, list):
        raise PatternError("an array inside an array")
    if not isinstance(wanted, dict):
        return value is not _MISSING and _equal(wanted, value)
    if len(wanted) != 1:
        raise PatternError("one operator for each filter")
    ((name, argument),) = wanted.items()
    if name not in _OPERATORS:
        raise PatternError(f"unknown operator {name!r}")
    return _OPERATORS[name](argument, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _equal(wanted: Any, value: Any) -> bool:
    if _is_number(wanted) and _is_number(value):
        return bool(wanted == value)
    return type(wanted) is type(value) and bool(wanted == value)


def _exists(argument: Any, value: Any) -> bool:
    if not isinstance(argument, bool):
        raise PatternError("exists takes true or false")
    return (value is not _MISSING) == argument


def _numeric(argument: Any, value: Any) -> bool:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise PatternError("numeric takes an operator and a number, once or twice")
    bounds = list(zip(argument[::2], argument[1::2], strict=True))
    for name, number in bounds:
        if name not in _COMPARE or not _is_number(number):
            raise PatternError("numeric takes <, <=, =, >=, > and numbers")
    return _is_number(value) and all(_COMPARE[name](value, number) for name, number in bounds)


def _affix(method: str) -> Callable[[Any, Any], bool]:
    def test(argument: Any, value: Any) -> bool:
        text = value if isinstance(value, str) else ""
        if isinstance(argument, dict):
            ((name, argument),) = argument.items()
            if name != "equals-ignore-case":
                raise PatternError(f"unknown operator {name!r}")
            argument, text = _one_text(argument).lower(), text.lower()
        return isinstance(value, str) and bool(getattr(text, method)(_one_text(argument)))

    return test


def _ignore_case(argument: Any, value: Any) -> bool:
    wanted = [each.lower() for each in _texts(argument)]
    return isinstance(value, str) and value.lower() in wanted


def _wildcard(argument: Any, value: Any) -> bool:
    patterns = [_parts(each) for each in _texts(argument)]
    return isinstance(value, str) and any(_fits(parts, value) for parts in patterns)


def _cidr(argument: Any, value: Any) -> bool:
    try:
        network = ipaddress.ip_network(argument, strict=False)
    except ValueError as error:
        raise PatternError(str(error)) from error
    try:
        return isinstance(value, str) and ipaddress.ip_address(value) in network
    except ValueError:
        return False


def _anything_but(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        ((name, inner),) = argument.items()
        if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
            raise PatternError(f"anything-but does not take {name!r}")
        listed = [inner] if isinstance(inner, dict) else _texts(inner)
        hits = [_OPERATORS[name](each, value) for each in listed]
    else:
        listed = argument if isinstance(argument, list) else [argument]
        plain = all(isinstance(each, str) for each in listed) or all(map(_is_number, listed))
        if not listed or not plain:
            raise PatternError("anything-but takes texts or numbers, not both")
        hits = [_equal(each, value) for each in listed]
    return value is not _MISSING and not any(hits)


def _texts(argument: Any) -> list[str]:
    listed = argument if isinstance(argument, list) else [argument]
    if not listed:
        raise PatternError("expected a text")
    return [_one_text(each) for each in listed]


def _one_text(argument: Any) -> str:
    if not isinstance(argument, str):
        raise PatternError("expected a text")
    return argument


def _parts(pattern: str) -> list[str]:
    """Return the texts between the stars of `pattern`; a backslash takes a star literally."""
    parts: list[str] = []
    now, characters = "", iter(pattern)
    for character in characters:
        if character == "\\":
            literal = next(characters, "")
            if literal not in ("*", "\\"):
                raise PatternError("a backslash must stand before a star or a backslash")
            now += literal
        elif character == "*":
            if parts and not now:
                raise PatternError("two stars in a row")
            parts.append(now)
            now = ""
        else:
            now += character
    return [*parts, now]


def _fits(parts: list[str], value: str) -> bool:
    if len(parts) == 1:
        return value == parts[0]
    first, *middle, last = parts
    if len(value) < len(first) + len(last):
        return False
    if not value.startswith(first) or not value.endswith(last):
        return False
    start, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return True


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _affix("startswith"),
    "suffix": _affix("endswith"),
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
