from __future__ import annotations

import re
from ipaddress import IPv4Network, collapse_addresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.threat_lists.cleaning import (
    PRIVATE,
    RESERVED,
    Bar,
    Cleaned,
    clean,
    together,
    wildcards,
)
from chalicelib.core.threat_lists.ipv4 import merged, parse_span
from chalicelib.core.threat_lists.reasons import Reason

OPEN = Bar(min_prefix=8)

NOT_PUBLIC = re.findall(
    r"\S+",
    """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
224.0.0.0/4 240.0.0.0/4
""",
)


def refusals(*lines: str, bar: Bar = OPEN) -> dict[str, list[int]]:
    return {reason: found.lines for reason, found in clean(lines, bar).refused.items()}


def entries(*lines: str, bar: Bar = OPEN) -> list[str]:
    return list(clean(lines, bar).entries())


@settings(max_examples=400)
@given(
    st.lists(
        st.builds(
            lambda address, bits: f"{IPv4Network((address, 32)).network_address}/{bits}",
            st.one_of(
                st.integers(0, 2**32 - 1),
                st.integers(0x0A000000 - 900, 0x0A000000 + 900),  # where private space begins
                st.integers(0xCB007100 - 900, 0xCB007100 + 900),  # 203.0.113.0
                st.integers(0x2D000000, 0x2D000200),
            ),
            st.integers(0, 32),
        ),
        max_size=25,
    )
)
def test_the_list_covers_exactly_the_union_of_its_valid_lines(lines: list[str]) -> None:
    reserved = [IPv4Network(text) for text in NOT_PUBLIC]
    valid = [
        network
        for network in (IPv4Network(line, strict=False) for line in lines)
        if network.prefixlen >= 8 and not any(network.overlaps(each) for each in reserved)
    ]

    cleaned = clean(lines, OPEN)

    expected = [str(each).removesuffix("/32") for each in collapse_addresses(valid)]
    assert list(cleaned.entries()) == expected
    assert sum(each.count for each in cleaned.refused.values()) == len(lines) - len(valid)


@given(st.lists(st.text(max_size=30), max_size=20))
def test_no_line_is_so_bad_that_anything_breaks(lines: list[str]) -> None:
    good = "45.1.2.3"

    assert good in entries(*lines, good)


@given(st.lists(st.sampled_from(["45.1.2.3", "45.1.2.2/31", "a.example.org", "x", "10.0.0.1"])))
def test_the_order_of_the_lines_changes_nothing(lines: list[str]) -> None:
    assert entries(*lines) == entries(*reversed(lines)) == entries(*lines, *lines)


@pytest.mark.parametrize(
    "line",
    [
        "45.1.2.3 # a comment",
        "45.1.2.3;SBL1",
        "  45.1.2.3\t",
        "45.1.2.3,malware,2026-01-01",
        '"45.1.2.3","malware"',
        "45.1.2.3\r",
        "45.1.2.3/32",
    ],
)
def test_an_address_is_found_in_front_of_whatever_follows(line: str) -> None:
    assert entries(line) == ["45.1.2.3"]


@pytest.mark.parametrize("line", ["", "   ", "# all of it", "; all of it", ",x", '""'])
def test_a_line_that_says_nothing_is_no_refusal(line: str) -> None:
    cleaned = clean([line], OPEN)

    assert (list(cleaned.entries()), dict(cleaned.refused)) == ([], {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("10.1.2.3", Reason.PRIVATE),
        ("172.16.0.0/12", Reason.PRIVATE),
        ("100.64.1.1", Reason.PRIVATE),
        ("192.168.1.0/24", Reason.PRIVATE),
        ("127.0.0.1", Reason.RESERVED),
        ("169.254.169.254", Reason.RESERVED),
        ("224.0.0.1", Reason.RESERVED),
        ("255.255.255.255", Reason.RESERVED),
        ("198.51.100.7", Reason.RESERVED),
        ("0.0.0.0", Reason.RESERVED),
        ("0.0.0.0/0", Reason.TOO_WIDE),
        ("44.0.0.0/7", Reason.TOO_WIDE),
        ("*.com", Reason.TOO_WIDE),
        ("2001:db8::1", Reason.IPV6),
        ("::ffff:45.1.2.3", Reason.IPV6),
        ("a:b:see the file", Reason.NO_ADDRESS),
        ("com", Reason.NO_ADDRESS),
        ("-bad.example.com", Reason.NO_ADDRESS),
        ("a..example.com", Reason.NO_ADDRESS),
        ("*.*.example.com", Reason.NO_ADDRESS),
        ("=cmd|calc!A1", Reason.NO_ADDRESS),
        (f"{'a.' * 130}com", Reason.NO_ADDRESS),
        ("01.02.03.04", Reason.NO_ADDRESS),
    ],
)
def test_a_bad_line_is_dropped_and_counted_with_its_number(line: str, reason: Reason) -> None:
    assert refusals("45.1.2.3", line) == {reason: [2]}
    assert entries("45.1.2.3", line) == ["45.1.2.3"]


def test_a_network_of_the_least_prefix_is_taken_and_a_wider_one_is_not() -> None:
    assert entries("45.0.0.0/8") == ["45.0.0.0/8"]
    assert refusals("45.0.0.0/16", "45.0.0.0/15", bar=Bar(min_prefix=16)) == {"too_wide": [2]}
    assert refusals("45.0.0.0/24", "45.0.0.0/23", bar=Bar(min_prefix=24)) == {"too_wide": [2]}


def test_every_refusal_is_counted_and_the_first_lines_are_named() -> None:
    refused = clean(["10.0.0.1"] * 500, OPEN).refused[Reason.PRIVATE]

    assert (refused.count, refused.lines) == (500, list(range(1, 21)))


def test_domains_come_after_addresses_in_lower_case_and_once() -> None:
    assert entries(
        "B.Example.com.", "*.a.example.com", "b.example.com", "45.1.2.3", "xn--p1ai.ru"
    ) == [
        "45.1.2.3",
        "*.a.example.com",
        "b.example.com",
        "xn--p1ai.ru",
    ]


def test_a_list_of_addresses_takes_no_domain() -> None:
    assert refusals("bad.example.com", "45.1.2.3", bar=Bar(8, takes_domains=False)) == {
        "domain": [1]
    }


def test_our_own_addresses_are_refused_and_so_is_a_network_around_them() -> None:
    bar = Bar(8, own=merged([parse_span("45.1.2.3")]))

    assert refusals("45.1.2.3", "45.1.0.0/16", "45.1.2.4", bar=bar) == {"own": [1, 2]}
    assert entries("45.1.2.3", "45.1.2.4", bar=bar) == ["45.1.2.4"]


@pytest.mark.parametrize(
    ("trusted", "line"),
    [
        ("45.1.0.0/16", "45.1.2.3"),
        ("45.1.2.3", "45.1.0.0/16"),
        ("www.example.org", "www.example.org"),
        ("www.example.org", "*.example.org"),
        ("*.example.org", "a.b.example.org"),
        ("*.example.org", "*.example.org"),
    ],
)
def test_what_is_trusted_is_refused(trusted: str, line: str) -> None:
    bar = Bar(8, trusted=clean([trusted], OPEN))

    assert refusals(line, bar=bar) == {"trusted": [1]}


@pytest.mark.parametrize(
    ("trusted", "line"),
    [
        ("*.example.org", "example.org"),
        ("example.org", "*.example.org"),
        ("www.example.org", "bad.example.org"),
        ("45.1.2.3", "45.1.2.4"),
    ],
)
def test_what_is_beside_the_trusted_is_taken(trusted: str, line: str) -> None:
    assert entries(line, bar=Bar(8, trusted=clean([trusted], OPEN))) == [line]


def test_parts_make_one_list() -> None:
    whole = together(clean([line], OPEN) for line in ("45.1.2.3", "45.1.2.2", "a.example.org"))

    assert list(whole.entries()) == ["45.1.2.2/31", "a.example.org"]
    assert list(together(()).entries()) == list(Cleaned().entries()) == []


def test_wildcards_of_a_domain() -> None:
    assert list(wildcards("a.b.org")) == ["*.b.org", "*.org"]
    assert list(wildcards("org")) == []


def test_addresses_behind_thousands_of_domains_are_found() -> None:
    domains = [f"c{n}.bad.example" for n in range(9_000)]

    found = clean([*domains, "45.1.2.3", "10.0.0.1"], OPEN)

    assert list(found.entries()) == ["45.1.2.3", *sorted(domains)]
    assert {reason: each.lines for reason, each in found.refused.items()} == {"private": [9_002]}


def test_no_forbidden_space_is_forgotten() -> None:
    assert len(PRIVATE) == 4
    assert sum((span & 0xFFFFFFFF) - (span >> 32) + 1 for span in RESERVED) > 2**29
