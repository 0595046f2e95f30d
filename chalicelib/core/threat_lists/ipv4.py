"""IPv4 addresses by the hundred thousand, as spans: sorted whole numbers that need no objects.

A span is every address from a first to a last one, packed as `first << 32 | last`: sorting the
numbers sorts the spans by address, and one sweep merges them. `ipaddress` promises the same at
twenty times the cost; the tests hold this module to it. Of `socket` only `inet_pton` is used: it
reads an address in C and touches no network.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from socket import AF_INET, inet_ntoa, inet_pton
from typing import TypeAlias

Spans: TypeAlias = "array[int]"  # sorted, disjoint, and with a gap between any two

_LAST = 0xFFFFFFFF
_HOSTS_OF_16 = 0xFFFF
_TWICE = (1 << 32) + 1  # a number times it is the number in both halves: a span of one address
_HOSTS_OF = [(bits, _LAST >> bits) for bits in range(33)]
_MASKS = {inet_ntoa((_LAST ^ hosts).to_bytes(4, "big")): hosts for _, hosts in _HOSTS_OF}
_HOSTS = {str(bits): hosts for bits, hosts in _HOSTS_OF} | _MASKS  # host bits, by what says them


def parse_address(text: str) -> int:
    """Return a dotted address as a number.

    Raises:
        ValueError: it is not four decimal numbers up to 255, without leading zeros.
    """
    try:
        return int.from_bytes(inet_pton(AF_INET, text), "big")
    except OSError as error:
        raise ValueError(f"{text!a} is no IPv4 address") from error


def parse_span(text: str) -> int:
    """Return an address, or a network with its prefix length or netmask, as a span.

    Host bits are cleared.

    Raises:
        ValueError: it is neither.
    """
    address, slash, bits = text.partition("/")
    if slash and bits not in _HOSTS:
        raise ValueError(f"{bits!a} is no length of a prefix")
    hosts = _HOSTS[bits] if slash else 0
    first = parse_address(address) & ~hosts
    return first << 32 | first | hosts


def merged(spans: Iterable[int]) -> Spans:
    """Return the fewest spans that hold the addresses of `spans`, and no others."""
    found: Spans = array("Q")
    keep = found.append
    current, beyond = -1, 0  # what begins below `beyond` touches the current span
    for span in sorted(spans):
        if span >= beyond:
            if current >= 0:
                keep(current)
            current = span
        elif span & _LAST > current & _LAST:
            current = current >> 32 << 32 | span & _LAST
        else:
            continue
        beyond = (current & _LAST) + 2 << 32
    if current >= 0:
        keep(current)
    return found


def networks(spans: Spans) -> Iterator[str]:
    """Yield the fewest CIDR networks that hold just the addresses of `spans`, sorted.

    A network of one address is written as the address.
    """
    for span in spans:
        first, last = span >> 32, span & _LAST
        if first == last:
            yield inet_ntoa(first.to_bytes(4, "big"))
            continue
        while first <= last:
            # As wide as the address's trailing zeros allow, and as what is left allows.
            widest = (first & -first).bit_length() - 1 if first else 32
            width = min(widest, (last - first + 1).bit_length() - 1)
            address = inet_ntoa(first.to_bytes(4, "big"))
            yield f"{address}/{32 - width}" if width else address
            first += 1 << width


def overlaps(spans: Spans, span: int) -> bool:
    """Whether `spans` hold an address of `span`."""
    at = bisect_right(spans, span & _LAST, key=lambda each: each >> 32)
    return at > 0 and spans[at - 1] & _LAST >= span >> 32


def sift(
    lines: Iterable[tuple[int, str]], doubtful: bytes, min_prefix: int = 16
) -> tuple[list[int], list[tuple[int, str]]]:
    """Return what plainly is an address, a network or a range, and every other line, numbered.

    What is wider than a /16, or not inside one, is not plain, nor is what lies in a doubtful /16.

    Args:
        lines: each with its number.
        doubtful: 65,536 bytes; what is not 0 stands for a doubtful /16.
        min_prefix: a network that is wider is not plain either.
    """
    spans: list[int] = []
    others: list[tuple[int, str]] = []
    widest = min(_HOSTS_OF_16, _LAST >> min_prefix)
    narrow = {said: hosts for said, hosts in _HOSTS.items() if hosts <= widest}
    number_of, read, keep = int.from_bytes, inet_pton, spans.append  # a quarter of a million times
    for number, line in lines:
        try:
            if "/" in line:
                address, _, bits = line.partition("/")
                hosts = narrow[bits]
                first = number_of(read(AF_INET, address), "big") & ~hosts
            elif "-" in line:
                start, _, end = line.partition("-")
                first = number_of(read(AF_INET, start.rstrip()), "big")
                hosts = number_of(read(AF_INET, end.lstrip()), "big") - first
                if not 0 <= hosts <= widest - (first & _HOSTS_OF_16):
                    others.append((number, line))
                    continue
            else:
                hosts = 0
                first = number_of(read(AF_INET, line), "big")
        except (KeyError, OSError, ValueError):  # ValueError: no text that C could read
            others.append((number, line))
            continue
        if doubtful[first >> 16]:
            others.append((number, line))
        else:
            keep(first * _TWICE + hosts)
    return spans, others


def mark(spans: Spans) -> bytes:
    """Return 65,536 bytes, 1 for each /16 that holds an address of `spans`."""
    marks = bytearray(1 << 16)
    for span in spans:
        first, last = span >> 48, (span & _LAST) >> 16
        marks[first : last + 1] = b"\x01" * (last + 1 - first)
    return bytes(marks)
