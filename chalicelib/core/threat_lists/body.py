"""The bytes of one source, unpacked and made into text, a block of lines at a time.

A block is all that is ever held as text: one odd character makes each character of a Python text
two or four bytes wide, and so it widens a block, not a file.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import TypeVar

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.threat_lists.values import BROKEN

Body = TypeVar("Body", bytes, bytearray)

_LARGEST = 64 * 1024 * 1024  # bytes, unpacked: more than a million lines; a bomb is larger
_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
    b"7z\xbc": "7z",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PACKED = 16 * 1024  # read at once: what is behind a member is copied
_BLOCK = 256 * 1024  # bytes: more than one line may have
_SAMPLED = 64 * 1024  # bytes that show what lines are like
_HEAD = 4_096  # bytes that show whether every other one is 0
_MOST = 0.4  # so large a share of them is, in UTF-16 of mostly ASCII


def plain_body(name: str, body: bytes) -> bytes:
    """Return what an object holds, unpacked and in UTF-8, its lines ended as on Unix.

    Raises:
        UnreadableSourceError: no gzip, or packed with something else; cut off, too large, or no
            UTF-16 though it begins so.
    """
    found = _in_utf8(name, _unpacked(name, body)).removeprefix(codecs.BOM_UTF8)
    return found.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in found else found


def blocks(body: bytes) -> Iterator[list[str]]:
    """Yield the lines of a body that `plain_body` made; a bad character spoils its own line.

    Of a line that is longer than a block only the length is told: it is no entry in any shape.
    """
    at, size = 0, len(body)
    while at <= size:
        end = size if size - at <= _BLOCK else body.rfind(b"\n", at, at + _BLOCK)
        if end >= 0:
            yield body[at:end].decode("utf-8", "replace").split("\n")
        else:
            found = body.find(b"\n", at + _BLOCK)
            end = size if found < 0 else found
            yield [f"{BROKEN}a-line-of-{end - at}-bytes"]
        at = end + 1


def sample(body: bytes, lines: int = 300) -> list[str]:
    """Return some lines of the beginning; of a long body also of its middle and its end."""
    found = _some_lines(body, 0)[:lines]
    if len(body) > _SAMPLED * 3:
        for at in (len(body) // 2, len(body) - _SAMPLED):
            found += _some_lines(body, at)[1:][:lines]  # the first may begin in its midst
    return found


def _some_lines(body: bytes, at: int) -> list[str]:
    """Return the whole lines that follow; one that is longer than what is looked at, cut."""
    found = body[at : at + _SAMPLED].decode("utf-8", "replace").split("\n")
    return found[:-1] if len(found) > 1 and at + _SAMPLED < len(body) else found


def _unpacked(name: str, body: bytes) -> bytes:
    for magic, packer in _OTHERS.items():
        if body.startswith(magic):
            raise UnreadableSourceError(name, f"it is packed with {packer}, not with gzip")
    if not body.startswith(_GZIP):
        return _in_bounds(name, body)
    unpacked, at = bytearray(), 0
    while body.startswith(_GZIP, at):  # a gzip file may have several members
        at = _unpack_member(name, body, at, unpacked)
    return bytes(unpacked)


def _unpack_member(name: str, body: bytes, at: int, unpacked: bytearray) -> int:
    """Put what one member holds behind `unpacked`; return where the next one begins."""
    member = zlib.decompressobj(wbits=31)
    while not member.eof:
        packed = body[at : at + _PACKED]
        if not packed:
            raise UnreadableSourceError(name, "its gzip data end too early")
        try:
            unpacked += member.decompress(packed, _LARGEST + 1 - len(unpacked))
        except zlib.error as error:
            raise UnreadableSourceError(name, str(error)) from error
        _in_bounds(name, unpacked)
        at += len(packed) - len(member.unused_data)
    return at


def _in_bounds(name: str, body: Body) -> Body:
    if len(body) > _LARGEST:
        raise UnreadableSourceError(name, "it is too large")
    return body


def _in_utf8(name: str, body: bytes) -> bytes:
    encoding = "utf-16" if body.startswith(_UTF_16) else _unmarked(body[:_HEAD])
    if not encoding:
        return body
    try:
        return body.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        raise UnreadableSourceError(name, str(error)) from error


def _unmarked(head: bytes) -> str:
    """Return the UTF-16 that text without a byte order mark is in, if it is."""
    for encoding, zeros, others in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if zeros.count(0) > len(zeros) * _MOST and others.count(0) < len(others) * (1 - _MOST) / 4:
            return encoding
    return ""
