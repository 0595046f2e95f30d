"""Each shape, broken in the middle: that costs the line or the source, which is named."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

from chalicelib.core.threat_lists import body as module
from chalicelib.core.threat_lists.cleaning import Bar
from chalicelib.core.threat_lists.reading import Reading, read
from tests.core.threat_lists.examples import NOW
from tests.core.threat_lists.shapes import SHAPES, utf_8

VICTIMS = {"any": "45.9.9.231", "domains": "c.victim.example"}
MARKS = {"any": b"231", "domains": b"victim"}  # in the victim, and nowhere else
DOCUMENTS = ("JSON list", "JSON objects", "MISP", "STIX")
LINES = [name for name, shape in SHAPES.items() if not shape.read_as.startswith(DOCUMENTS)]
UNMARKED = "lines", "hosts file"  # in which what is left of an entry that was cut is one, too

Fault = Callable[[bytes, int, int], bytes]  # a body, where it is broken, and where that ends


def reading(body: bytes) -> Reading:
    return read("sources/f", body, None, Bar(8), NOW)


def takes(name: str) -> str:
    return "domains" if SHAPES[name].takes == "domains" else "any"


def written(name: str) -> list[str]:
    others = [f"45.1.{n}.3" for n in range(40)]
    if takes(name) == "domains":
        others = [f"c{n}.bad.example" for n in range(40)]
    return [*others[:20], VICTIMS[takes(name)], *others[20:]]


def broken(name: str, fault: Fault) -> bytes:
    body = utf_8(SHAPES[name].write(written(name)))
    at = body.index(MARKS[takes(name)]) + (SHAPES[name].read_as not in UNMARKED)
    end = body.index(b"\n", at) if name in LINES else len(body)
    return fault(body, at, end)


def put(what: bytes) -> Fault:
    return lambda body, at, _: body[:at] + what + body[at:]


def a_line(what: bytes) -> Fault:
    return lambda body, _, end: body[: end + 1] + what + b"\n" + body[end + 1 :]


FAULTS: dict[str, Fault] = {
    "cut": lambda body, at, end: body[:at] + body[end:],
    "a wrong quote": put(b'"'),
    "another encoding": put("é".encode("latin-1")),
    "a piece of UTF-16": put("é".encode("utf-16")),
    "NUL": put(b"\0"),
    "NUL, many": put(bytes(5_000)),
    "a bomb of brackets": put(b'["' * 5_000),
    "a bomb of brackets, alone": a_line(b"[" * 5_000),
    "NUL at the end": lambda body, *_: body + bytes(5_000),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_broken_costs_that_line_or_that_source(name: str, fault: str) -> None:
    found = reading(broken(name, FAULTS[fault]))

    entries = list(found.cleaned.entries())
    if found.is_unreadable:
        assert name not in LINES
        assert found.note.startswith("sources/f cannot be read: ")
        assert entries == []
    else:
        # One line, or item, is dropped and counted; nothing is lost beside it, and nothing made up.
        assert set(written(name)) - set(entries) <= {VICTIMS[takes(name)]}
        assert set(entries) <= set(written(name))
        assert found.cleaned.refused["no_address"].count == 1  # type: ignore[index]  # a StrEnum


ODD: tuple[Any, ...] = (None, True, 7, "", [], {}, [[]], ["x"], {"x": []}, "a\x1fb", "\0")


def changed(document: Any, what: Any) -> Iterator[Any]:
    """Yield `document` with each of its values, one after the other, replaced by `what`."""
    yield what
    if not isinstance(document, dict | list):
        return
    for key in tuple(document) if isinstance(document, dict) else range(len(document)):
        for each in changed(document[key], what):
            copy: Any = document.copy()
            copy[key] = each
            yield copy


@pytest.mark.parametrize(
    "name", [name for name, shape in SHAPES.items() if "JSON" in name or name not in LINES]
)
def test_a_value_of_another_kind_costs_no_more_than_its_source(name: str) -> None:
    some = written(name)[19:22]
    allowed = {*some, "45.99.99.99"}  # which an event of MISP has, but not marked
    body = SHAPES[name].write(some)
    lines = body.splitlines() if name in LINES else [body]

    for nth, line in enumerate(lines):
        for each in chain.from_iterable(changed(json.loads(line), what) for what in ODD):
            torn = [*lines[:nth], json.dumps(each).encode(), *lines[nth + 1 :]]
            assert set(reading(b"\n".join(torn)).cleaned.entries()) <= allowed, each


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", SHAPES)
def test_utf_16_without_a_mark_is_read_whole(name: str, encoding: str) -> None:
    body = utf_8(SHAPES[name].write(written(name))).decode().encode(encoding)

    assert set(reading(body).cleaned.entries()) == set(written(name))


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("cell", [b"x", b"45.7.7.7,", b"45.7.7.7\t", b'{"a":[],'])
def test_a_line_without_an_end_costs_that_line(
    name: str, cell: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 4_096)
    found = reading(broken(name, a_line(cell * (9_000 // len(cell)))))

    assert set(found.cleaned.entries()) == set(written(name))
    refused = found.cleaned.refused["no_address"]  # type: ignore[index]  # a StrEnum
    assert refused.example.startswith("a-line-of-")
    assert refused.count == 1


@pytest.mark.parametrize("line", ["{}\n", '{{"cidr":"{}"}}\n', "2026-03-01,{}\n"])
def test_a_line_of_64_mb_is_never_held_as_text(line: str) -> None:
    good = "".join(line.format(f"45.1.2.{n}") for n in range(1, 40, 2)).encode()
    body = good + b"[45.7.7.7," * (64 * 1024 * 1024 // 10 - 1_000) + b"\n" + good

    tracemalloc.start()
    try:
        found = reading(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(list(found.cleaned.entries())) == 20
    assert found.cleaned.refused["no_address"].lines == [21]  # type: ignore[index]  # a StrEnum
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("name", SHAPES)
def test_a_bomb_of_gzip_costs_the_source(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    body = SHAPES[name].write(written(name))
    monkeypatch.setattr(module, "_LARGEST", len(body))
    assert not reading(gzip.compress(body)).note

    found = reading(gzip.compress(body) + gzip.compress(b"\n"))

    assert found.is_unreadable
    assert found.note == "sources/f cannot be read: it is too large"


@pytest.mark.parametrize("name", SHAPES)
def test_a_source_of_more_entries_than_all_lists_hold_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = SHAPES[name].write(written(name))
    monkeypatch.setattr("chalicelib.core.threat_lists.reading._MOST", 41)
    assert not reading(body).note
    monkeypatch.setattr("chalicelib.core.threat_lists.reading._MOST", 40)

    assert reading(body).note == "sources/f cannot be read: it has more than 40 entries"


def test_of_ranges_the_end_is_no_entry_though_a_start_is_broken() -> None:
    rows = ["45.1.2.0\t45.1.2.3", "45.1.\t45.1.2.15", "45.1.2.32\t45.1.2.35"]

    found = reading("\n".join(["Start\tEnd", *rows]).encode())

    assert list(found.cleaned.entries()) == ["45.1.2.0/30", "45.1.2.32/30"]
