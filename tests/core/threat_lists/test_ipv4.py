from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.threat_lists.ipv4 import (
    mark,
    merged,
    networks,
    overlaps,
    parse_address,
    parse_span,
    sift,
)

pytestmark = pytest.mark.no_cover  # the same lines, very often

NOWHERE = bytes(1 << 16)

# Dense on purpose: neighbours, overlaps and repeats are what goes wrong.
NETWORKS = st.builds(
    lambda address, bits: IPv4Network((address, bits), strict=False),
    st.one_of(
        st.integers(0, 2**32 - 1),
        st.integers(0, 600),
        st.integers(2**32 - 600, 2**32 - 1),
        st.integers(0x2D000000, 0x2D000400),
    ),
    st.one_of(st.integers(0, 32), st.integers(24, 32)),
)


@settings(max_examples=300)
@given(st.lists(NETWORKS, max_size=30))
def test_the_cover_is_the_one_that_ipaddress_finds(listed: list[IPv4Network]) -> None:
    found = list(networks(merged(parse_span(str(each)) for each in listed)))

    expected = [
        str(each).removesuffix("/32")
        for each in collapse_addresses(listed)  # the fewest, sorted
    ]
    assert found == expected


@settings(max_examples=200)
@given(st.lists(NETWORKS, max_size=12), NETWORKS)
def test_overlaps_agrees_with_ipaddress(listed: list[IPv4Network], asked: IPv4Network) -> None:
    spans = merged(parse_span(str(each)) for each in listed)

    assert overlaps(spans, parse_span(str(asked))) == any(each.overlaps(asked) for each in listed)


@settings(max_examples=200)
@given(st.lists(st.one_of(NETWORKS.map(str), st.text(max_size=12)), max_size=20))
def test_what_is_sifted_out_and_what_stays_is_every_line_once(lines: list[str]) -> None:
    spans, others = sift(enumerate(lines, 1), NOWHERE)

    assert len(spans) + len(others) == len(lines)
    assert all(lines[number - 1] == line for number, line in others)
    left = [line for n, line in enumerate(lines, 1) if n not in dict(others)]
    assert spans == [parse_span(line) for line in left]


@given(st.lists(NETWORKS, max_size=6), NETWORKS)
def test_a_mark_stands_wherever_there_is_an_address(
    listed: list[IPv4Network], asked: IPv4Network
) -> None:
    marks = mark(merged(parse_span(str(each)) for each in listed))
    block = IPv4Network((int(asked.network_address) & ~0xFFFF, 16))

    where = int(block.network_address) >> 16
    assert bool(marks[where]) == any(each.overlaps(block) for each in listed)


def test_a_doubtful_address_and_a_wide_network_are_looked_at() -> None:
    doubtful = mark(merged([parse_span("45.1.0.0/16")]))

    spans, others = sift(
        enumerate(["45.1.2.3", "45.2.2.3", "45.0.0.0/15", "45.2.0.0/16"], 1), doubtful
    )

    assert spans == [parse_span("45.2.2.3"), parse_span("45.2.0.0/16")]
    assert others == [(1, "45.1.2.3"), (3, "45.0.0.0/15")]


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("45.1.2.3-45.1.2.9", [(45 << 24 | 0x10203) << 32 | 45 << 24 | 0x10209]),
        ("45.1.2.3 - 45.1.2.3", [parse_span("45.1.2.3")]),
        ("45.1.0.0-45.1.255.255", [parse_span("45.1.0.0/16")]),
        ("45.1.2.77/255.255.255.0", [parse_span("45.1.2.0/24")]),
        ("45.1.255.255-45.2.0.0", []),  # in two /16, of which one may be doubtful
        ("45.1.2.9-45.1.2.3", []),
        ("45.0.2.3-45.0.2.9", []),
        ("45.1.2.3-45.1.2", []),
        ("45.1.2.3-", []),
        ("45.1.2.77/255.0.255.0", []),
    ],
)
def test_a_range_and_a_netmask_are_plain_inside_of_one_16(line: str, spans: list[int]) -> None:
    doubtful = mark(merged([parse_span("45.0.0.0/16")]))

    assert sift([(7, line)], doubtful) == (spans, [] if spans else [(7, line)])


def test_thousands_of_random_hosts_are_covered_exactly() -> None:
    chance = random.Random(3)
    hosts = {chance.randrange(0x2D000000, 0x2D010000) for _ in range(20_000)}

    found = networks(merged(each << 32 | each for each in hosts))

    covered = [int(each) for text in found for each in IPv4Network(text)]
    assert covered == sorted(hosts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "256.1.1.1",
        " 1.2.3.4",
        "1.2.3.4\0",
        "\u0661.2.3.4",
        "::1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"IPv4|null|codec"):
        parse_address(text)


@pytest.mark.parametrize("text", ["1.2.3.4/", "1.2.3.4/33", "1.2.3.4/08", "1.2.3.4/-1", "x/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"prefix|IPv4"):
        parse_span(text)


def test_host_bits_are_cleared() -> None:
    assert list(networks(merged([parse_span("45.1.2.77/24")]))) == ["45.1.2.0/24"]
    assert parse_address(str(IPv4Address(7))) == 7
