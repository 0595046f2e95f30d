"""EventBridge's event patterns, as AWS matches them.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html, and the
behaviour of AWS's open-source matcher, aws/event-ruler, on the cases of the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from sandbox.events.operators import MISSING, PatternError, Test, test_of

Path = tuple[str, ...]
Position = Mapping[Path, int]  # of a value inside arrays: which element of which array
Condition = tuple[Path, list[Test]]  # one of the tests must hold at the path


def matches(pattern: str | Mapping[str, Any], event: str | Mapping[str, Any]) -> bool:
    """Return whether `event` matches `pattern`; each may be JSON text or what it decodes to.

    Conditions on objects of one array must hold for one and the same object. A path that stands
    both inside and outside an `$or` counts as it stands inside.

    Raises:
        PatternError: AWS would refuse the pattern.
        json.JSONDecodeError: the event is no JSON.
    """
    alternatives = _alternatives(_decode_pattern(pattern), ())
    body = json.loads(_as_text(event), parse_float=Decimal)
    return any(_all_hold(list(each.items()), body, {}) for each in alternatives)


def check(pattern: str | Mapping[str, Any]) -> None:
    """Let a pattern pass that AWS accepts.

    Raises:
        PatternError: AWS would refuse the pattern.
    """
    _alternatives(_decode_pattern(pattern), ())


def _as_text(document: str | Mapping[str, Any]) -> str:
    return document if isinstance(document, str) else json.dumps(document, default=str)


def _decode_pattern(pattern: str | Mapping[str, Any]) -> Any:
    try:
        return json.loads(_as_text(pattern), parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise PatternError(f"not JSON: {error}") from error


def _no_number(name: str) -> NoReturn:
    raise PatternError(f"{name} is no number of JSON")


def _alternatives(pattern: Any, prefix: Path) -> list[dict[Path, list[Test]]]:
    """Return every way to match, each as tests by path; only `$or` makes more than one."""
    if not isinstance(pattern, dict) or (prefix and not pattern):
        raise PatternError("a pattern must be an object, and no empty one inside")
    ways: list[dict[Path, list[Test]]] = [{}]
    for key, value in pattern.items():
        more = list(_ways_of(key, value, prefix))
        ways = [{**way, **other} for other in more for way in ways]
    return ways


def _ways_of(key: str, value: Any, prefix: Path) -> Iterator[dict[Path, list[Test]]]:
    path = (*prefix, *key.split("."))
    if key == "$or" and _is_or(value):
        for each in value:
            yield from _alternatives(each, prefix)
    elif isinstance(value, dict):
        yield from _alternatives(value, path)
    elif isinstance(value, list) and value:
        yield {path: [test_of(each) for each in value]}
    else:
        raise PatternError(f"{key!r} must be an object or an array that is not empty")


def _is_or(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) > 1 and all(isinstance(each, dict) for each in value)
    )


def _all_hold(conditions: list[Condition], event: Any, at: Position) -> bool:
    """Return whether all `conditions` hold, for values that agree with the positions `at`."""
    if not conditions:
        return True
    (path, tests), rest = conditions[0], conditions[1:]
    leaves = list(_leaves(event, path, {}, ())) or [(MISSING, {})]
    return any(
        all(at.get(array, index) == index for array, index in position.items())
        and _all_hold(rest, event, {**at, **position})
        for value, position in leaves
        if any(test(value) for test in tests)
    )


def _leaves(
    node: Any, path: Path, position: Position, where: Path
) -> Iterator[tuple[Any, Position]]:
    """Yield every plain value at `path`, with the elements of arrays that lead to it.

    A key may hold dots of its own, so each way to read the path is tried.
    """
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
