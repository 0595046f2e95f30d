from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import lzma
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import UnreadableSourceError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.cleaning import Bar, clean
from chalicelib.core.threat_lists.source import Source, read_source
from tests.core.threat_lists.examples import NOW

LINES = ["# feed", "45.1.2.3", "bad.example.com", ""]


def values(body: bytes) -> list[str]:
    return list(reads(body).values)


def reads(body: bytes, sidecar: bytes | None = None) -> Source:
    return read_source("sources/f", body, sidecar, NOW)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_the_same_whatever_ends_and_encodes_them(end: str, encoding: str) -> None:
    assert values(end.join(LINES).encode(encoding)) == LINES


def test_a_gzipped_source_is_unpacked_all_its_members() -> None:
    body = gzip.compress(b"45.1.2.3\n", mtime=0) + gzip.compress(b"45.1.2.4\n")

    assert values(body) == ["45.1.2.3", "45.1.2.4", ""]
    assert values(gzip.compress(b"", mtime=0)) == [""]


def test_a_bad_character_spoils_its_own_line_only() -> None:
    assert values(b"45.1.2.3\n\xff\xfe\n45.1.2.4")[::2] == ["45.1.2.3", "45.1.2.4"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (gzip.compress(b"45.1.2.3\n" * 99, mtime=0)[:-9], "too early"),
        (b"\x1f\x8bnonsense", "header|compression"),
        (gzip.compress(b"\0" * (64 * 1024 * 1024 + 1)), "too large"),
        (b"\xff\xfe1", "truncated"),
        (bz2.compress(b"45.1.2.3\n"), "packed with bzip2, not with gzip"),
        (lzma.compress(b"45.1.2.3\n"), "packed with xz"),
        (b"PK\x03\x04\x14\0\0\0", "packed with zip"),
        (b" " * (64 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(UnreadableSourceError, match=rf"sources/f cannot be read: .*({why})"):
        reads(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_refused(body: bytes) -> None:
    with contextlib.suppress(UnreadableSourceError):  # and nothing else
        values(body)


def test_otx_csv_has_the_entry_in_its_second_column() -> None:
    body = b"Indicator type,Indicator,Description\nIPv4, 45.1.2.3,c2\ndomain,bad.example.com,x\n"

    cleaned = clean(values(body), Bar(8))
    assert reads(body).read_as == 'CSV, column 2 "Indicator"'

    assert list(cleaned.entries()) == ["45.1.2.3", "bad.example.com"]
    assert not cleaned.refused


def test_a_source_says_nothing_of_itself_unless_it_does() -> None:
    source = reads(b"45.1.2.3")

    assert (source.confidence, source.expires) == (Confidence.MEDIUM, None)
    assert source.holds_at(NOW)


def test_a_header_among_the_comments_at_the_top() -> None:
    source = reads(b"; theirs\n\n# cordon: confidence=high expires=2026-03-02\n45.1.2.3")

    assert source.confidence is Confidence.HIGH
    assert source.expires == datetime(2026, 3, 2, tzinfo=UTC)
    assert source.holds_at(source.expires - timedelta(seconds=1))
    assert not source.holds_at(source.expires)


def test_a_header_below_an_entry_is_a_comment() -> None:
    assert reads(b"45.1.2.3\n# cordon: confidence=high").confidence is Confidence.MEDIUM


def test_what_others_write_into_their_headers_means_nothing() -> None:
    assert reads(b"; Expires: Mon, 02 Mar 2020 10:00:00 GMT\n45.1.2.3").expires is None


def test_a_sidecar_goes_before_the_header() -> None:
    sidecar = json.dumps({"confidence": "low", "expires": "2026-03-02T02:00:00+02:00"}).encode()

    source = reads(b"# cordon: confidence=high\n45.1.2.3", sidecar)

    assert source.confidence is Confidence.LOW
    assert source.expires == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "sidecar",
    [b"{", b"[]", b"[" * 100_000, b'{"trust": 1}', b'{"confidence": "sure"}', b'{"expires": 1}'],
)
def test_a_sidecar_that_cannot_be_followed_refuses_the_source(sidecar: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        reads(b"45.1.2.3", sidecar)


@pytest.mark.parametrize("header", [b"confidence", b"confidence=HIGH", b"expires=soon", b"x=1"])
def test_a_header_that_cannot_be_followed_refuses_the_source(header: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        reads(b"# cordon: " + header + b"\n45.1.2.3")


def indicator(pattern: str, **more: object) -> dict[str, object]:
    return {"type": "indicator", "pattern": pattern, "pattern_type": "stix", **more}


def bundle(*objects: object) -> bytes:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)}).encode()


def test_a_stix_bundle_gives_its_single_values() -> None:
    body = bundle(
        {"type": "identity", "name": "somebody"},
        indicator("[ipv4-addr:value = '45.1.2.3']"),
        indicator("[ ipv4-addr:value ISSUBSET '80.9.0.0/16' ]"),
        indicator("[domain-name:value='bad.example.com']"),
        "nonsense",
    )

    assert values(body) == ["", "45.1.2.3", "80.9.0.0/16", "bad.example.com", ""]


def test_a_stix_pattern_that_asks_for_more_is_counted_as_no_address() -> None:
    both = "[ipv4-addr:value = '45.1.2.3' AND network-traffic:dst_port = 443]"

    cleaned = clean(values(bundle(indicator(both), {"type": "indicator"})), Bar(8))

    assert list(cleaned.entries()) == []
    assert cleaned.refused["no_address"].lines == [1, 2]  # type: ignore[index]  # a StrEnum


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"revoked": True}, False),
        ({"valid_until": "2026-03-01T11:59:59Z"}, False),
        ({"valid_until": "2026-03-01T12:00:01.5Z"}, True),
        ({"valid_until": "2026-03-01T11:59:59"}, True),
        ({"valid_until": "soon"}, True),
        ({"revoked": False}, True),
    ],
)
def test_an_indicator_counts_while_it_is_valid(more: dict[str, object], counts: bool) -> None:  # noqa: FBT001
    body = bundle(indicator("[ipv4-addr:value = '45.1.2.3']", **more))

    assert values(body) == (["45.1.2.3"] if counts else [""])


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"type": "bundle"}', b'{"a":' * 100_000])
def test_json_that_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        reads(body)
