"""JSON of any layout, an item at a time: a large document is never held as objects as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from typing import Any, TypeAlias

Item: TypeAlias = tuple[str, Any]  # the name that it stands under, if any; what stands there

_MANY = 4_000_000  # separators and brackets: more of them is what a bomb is made of
_LARGE = frozenset({"Event", "response"})  # of MISP: as large as all that is in them
_DEEP = 4  # wrappers around a list: {"data": {"items": [...]}}
_SPACE = re.compile(r"[ \t\n\r]*")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r]*([,\]}])[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


def items(text: str) -> Iterator[Item]:
    """Yield what lies in the array, or in the arrays of the object, that a document is.

    Raises:
        ValueError: it is no JSON, or holds no list, or is too large to be looked at.
        RecursionError: it is too deep.
    """
    if sum(text.count(each) for each in ",[{") > _MANY:
        raise ValueError("it is too large for JSON")
    if "[" not in text and text.count("{") < 2:  # noqa: PLR2004 - itself, and one inside
        raise ValueError("it is JSON without a list")
    at = _behind(_SPACE, text, 0)
    inside = _array("", text, at) if text[at] == "[" else _object(text, at)
    at = yield from inside
    if _behind(_SPACE, text, at) != len(text):
        raise ValueError("something follows its end")


def _array(name: str, text: str, at: int) -> Generator[Item, None, int]:
    """Yield what is in an array that begins at `at`; return where it ends."""
    at = _behind(_SPACE, text, at + 1)
    if text.startswith("]", at):
        return at + 1
    while True:
        value, at = _decode(text, at)
        yield name, value
        found = _NEXT.match(text, at)
        if found is None or found[1] == "}":
            raise ValueError("it is broken JSON")
        if found[1] == "]":
            return found.end(1)
        at = found.end()


def _object(text: str, at: int) -> Generator[Item, None, int]:
    """Yield what is in the arrays of an object, and objects that hold none; as `_array` does."""
    at = _behind(_SPACE, text, at + 1)
    if text.startswith("}", at):
        return at + 1
    while True:
        name, at = _decode(text, at)
        at = _behind(_COLON, text, at)
        if text.startswith("[", at):
            at = yield from _array(str(name), text, at)
        elif name in _LARGE and text.startswith("{", at):
            at = yield from _object(text, at)
        else:
            value, at = _decode(text, at)
            yield from _wrapped(str(name), value, _DEEP)
        found = _NEXT.match(text, at)
        if found is None or found[1] == "]":
            raise ValueError("it is broken JSON")
        if found[1] == "}":
            return found.end(1)
        at = found.end()


def _wrapped(name: str, value: Any, deep: int) -> Iterator[Item]:
    if not isinstance(value, dict):
        return
    wraps = [(key, each) for key, each in value.items() if isinstance(each, dict | list)]
    if not deep or not wraps:
        yield name, value
    for key, each in wraps if deep else ():
        if isinstance(each, list):
            yield from ((key, one) for one in each)
        else:
            yield from _wrapped(key, each, deep - 1)


def _behind(what: re.Pattern[str], text: str, at: int) -> int:
    match = what.match(text, at)
    if match is None:
        raise ValueError("it is broken JSON")
    return match.end()
