"""JSON of any layout, a window at a time: neither its text nor its objects are ever held whole."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any, TypeAlias

Item: TypeAlias = tuple[str, Any]  # the name that it stands under, if any; what stands there

_MANY = 4_000_000  # separators and brackets: more of them is what a bomb is made of
_WINDOW = 256 * 1024  # bytes that are read at once
_MEMBER = 256 * 1024  # characters of a member of an object that is looked at as a whole
_LARGEST = 2 * 1024 * 1024  # characters of an item
_FEW = 64  # values that are read one after the other
_PIECE = 8_192  # characters that are read at once
# How values end that begin so, and have another one behind them; the less doubtful end first.
_ENDS = {"{": ("]},", "},"), "[": ("],",), '"': ('",',)}
_DEEP = 4  # wrappers around a list: {"data": {"items": [...]}}
_SOLID = re.compile(r"[^ \t\n\r]")
_NAME = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*:[ \t\n\r]*')
_NEXT = re.compile(r"[ \t\n\r]*([,\]}])[ \t\n\r]*")
_EVENT = re.compile(r'\{[ \t\n\r]*"Event"')  # of MISP: as large as all that is in it
_BROKEN = "it is broken JSON, or something in it is too large"
_decode = json.JSONDecoder().raw_decode


class _Text:
    """What is seen of a document's text, and where one is in it."""

    def __init__(self, body: bytes) -> None:
        self._body, self._read = body, 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.seen, self.at = "", 0

    def read_on(self, most: int = 0) -> bool:
        """See more, and no more of what was passed; False: there is none, or `most` is ahead."""
        piece = self._body[self._read : self._read + _WINDOW]
        if not piece or len(self.seen) - self.at > most:
            return False
        self._read += len(piece)
        is_last = self._read == len(self._body)
        self.seen = self.seen[self.at :] + self._decoder.decode(piece, is_last)
        self.at = 0
        return True

    def next(self) -> str:
        """Pass space; return the character that is there then, nothing at the end."""
        while True:
            if found := _SOLID.search(self.seen, self.at):
                self.at = found.start()
                return found[0]
            self.at = len(self.seen)
            if not self.read_on():
                return ""

    def take(self, allowed: str) -> str:
        """Pass space and one of the characters `allowed`; return it."""
        found = self.next()
        if not found or found not in allowed:
            raise ValueError(_BROKEN)
        self.at += 1
        return found


def items(body: bytes) -> Iterator[list[Item]]:
    """Yield what lies in the array, or in the arrays of the object, that a document is.

    Raises:
        ValueError: it is no JSON, or holds no list, or is too large to be looked at.
        RecursionError: it is too deep.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > _MANY:
        raise ValueError("it is too large for JSON")
    if b"[" not in body and body.count(b"{") < 2:  # noqa: PLR2004 - itself, and one inside
        raise ValueError("it is JSON without a list")
    text = _Text(body)
    yield from _array("", text) if text.next() == "[" else _object(text, _DEEP)
    if text.next():
        raise ValueError("something follows its end")


def _array(name: str, text: _Text) -> Iterator[list[Item]]:
    """Yield what is in an array, and pass it."""
    text.take("[")
    mark = text.take("]") if text.next() == "]" else ","
    while mark != "]":
        found, mark = _seen(text, ",]", name)
        yield found
        if not mark and not text.read_on(_LARGEST):
            if not _EVENT.match(text.seen, text.at):
                raise ValueError(_BROKEN)
            yield from _object(text, _DEEP)
            mark = text.take(",]")


def _object(text: _Text, deep: int) -> Iterator[list[Item]]:
    """Yield what is in the arrays and objects of an object, and pass it."""
    text.take("{")
    mark = text.take("}") if text.next() == "}" else ","
    while mark != "}":
        members, mark = _seen(text, ",}")
        yield [each for name, value in members for each in _inside(name, value, deep)]
        if not mark and not text.read_on(_MEMBER):
            yield from _large(text, deep)
            mark = text.take(",}")


def _large(text: _Text, deep: int) -> Iterator[list[Item]]:
    """Yield what is in a member of an object that is too large to be seen as a whole."""
    name, text.at = _name(text.seen, text.at)
    if text.next() == "[":
        yield from _array(name, text)
    elif deep:
        yield from _object(text, deep - 1)
    else:
        raise ValueError(_BROKEN)


def _seen(text: _Text, marks: str, name: str | None = None) -> tuple[list[Item], str]:
    """Pass values that are seen as a whole: all under one name, or each under its own.

    Returns some of them, and which of the `marks` follows; nothing, if the next value is not seen.
    """
    text.next()
    if several := _at_once(text, name):
        return several, ","
    seen, at, mark = text.seen, text.at, ","
    found: list[Item] = []
    try:
        while mark == "," and len(found) < _FEW:
            under, start = _name(seen, at) if name is None else (name, at)
            value, end = _decode(seen, start)
            behind = _NEXT.match(seen, end)
            mark = behind[1] if behind and behind[1] in marks else ""
            if behind and mark:
                found.append((under, value))
                at = behind.end()
    except ValueError:
        mark = ""
    text.at = at
    return found, mark


def _at_once(text: _Text, name: str | None) -> list[Item]:
    """Pass the values in a piece of the text; none, if it does not end behind one of them.

    That costs a third of one after the other. A piece that is JSON by itself, and has a comma
    behind it, ends where a value does: it began where one does.
    """
    seen, at = text.seen, text.at
    try:
        comma = _last_comma(seen, at, at if name is not None else _name(seen, at)[1])
        if name is None:
            found = list(_unique.decode(f"{{{seen[at:comma]}}}").items())
        else:
            found = list(zip(repeat(name), json.loads(f"[{seen[at:comma]}]")))
    except ValueError:
        return []
    text.at = comma + 1 if found else at
    return found


def _last_comma(seen: str, at: int, first: int) -> int:
    """Return where a piece from `at` may end, to judge by how its `first` value begins."""
    for end in _ENDS.get(seen[first : first + 1], ()):
        found = seen.rfind(end, at, at + _PIECE)
        if found >= 0:
            return found + len(end) - 1
    return at


def _once(members: list[Item]) -> dict[str, Any]:
    """Return an object, unless it has a name twice: of the two, one would be lost."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError(_BROKEN)
    return found


_unique = json.JSONDecoder(object_pairs_hook=_once)


def _name(seen: str, at: int) -> tuple[str, int]:
    """Return the name of the member that begins at `at`, and where its value does."""
    found = _NAME.match(seen, at)
    if found is None:
        raise ValueError(_BROKEN)
    name = found[1]
    return str(json.loads(f'"{name}"')) if "\\" in name else name, found.end()


def _inside(name: str, value: Any, deep: int) -> Iterable[Item]:
    """Return what is in an array or an object; an object that holds neither is an item itself."""
    if type(value) is list:
        return [(name, each) for each in value]
    if type(value) is not dict:
        return ()
    held = [(key, each) for key, each in value.items() if isinstance(each, dict | list)]
    if not deep or not held:
        return ((name, value),)
    return chain.from_iterable(_inside(key, each, deep - 1) for key, each in held)
