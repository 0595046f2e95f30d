"""What was put in comes out, exactly, in whatever shape it was written."""

from __future__ import annotations

import gzip
import json
import time
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.threat_lists.cleaning import Bar, Cleaned
from chalicelib.core.threat_lists.reading import Reading, read
from tests.core.threat_lists.examples import NOW
from tests.core.threat_lists.shapes import SHAPES

BAR = Bar(8)
FIRST = int(IPv4Address("45.0.0.0"))
LABELS = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?", fullmatch=True)
ADDRESSES = st.integers(FIRST, FIRST + 2**24 - 1).map(lambda n: str(IPv4Address(n)))
NETWORKS = st.builds(
    lambda address, bits: str(IPv4Network((address, bits), strict=False)),
    ADDRESSES,
    st.integers(17, 31),
)
DOMAINS = st.builds(lambda *each: ".".join(each), LABELS, LABELS, st.just("example"))
OF = {
    "any": ADDRESSES | NETWORKS | DOMAINS,
    "hosts": ADDRESSES | DOMAINS,
    "networks": ADDRESSES | NETWORKS,
    "domains": DOMAINS,
}


def reading(body: bytes | str, **sidecar: object) -> Reading:
    said = json.dumps(sidecar).encode() if sidecar else None
    return read("sources/f", body if isinstance(body, bytes) else body.encode(), said, BAR, NOW)


def entries(body: bytes | str, **sidecar: object) -> list[str]:
    found = reading(body, **sidecar)
    assert not found.is_unreadable, found.note
    return list(found.cleaned.entries())


def refused(cleaned: Cleaned) -> dict[str, list[int]]:
    return {reason: each.lines for reason, each in cleaned.refused.items()}


def expected(written: list[str]) -> list[str]:
    networks = [IPv4Network(each) for each in written if each[0].isdigit() and "/" in each]
    networks += [IPv4Network(e) for e in written if e[0].isdigit() and "/" not in e]
    named = {each for each in written if not each[0].isdigit()}
    joined = [str(each).removesuffix("/32") for each in collapse_addresses(networks)]
    return [*joined, *sorted(named)]


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("name", sorted(SHAPES))
@settings(max_examples=20)
@given(data=st.data())
def test_what_was_put_in_comes_out_exactly(name: str, data: st.DataObject) -> None:
    shape = SHAPES[name]
    written = data.draw(st.lists(OF[shape.takes], min_size=2, max_size=60, unique=True))

    found = reading(shape.write(written))

    assert found.note == ""
    assert list(found.cleaned.entries()) == expected(written)
    assert found.read_as == shape.read_as


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_long_list_is_read_to_its_end_and_so_is_a_packed_one(name: str) -> None:
    shape = SHAPES[name]
    written = [f"45.{n // 250}.{n % 250}.{n % 7 * 2 + 1}" for n in range(9_000)]
    if shape.takes == "domains":
        written = [f"c{n}.bad.example" for n in range(9_000)]

    body = shape.write(written)

    assert set(entries(body)) == set(entries(gzip.compress(body))) == set(written)


# Which column


def test_a_column_that_the_sidecar_names_is_taken_and_lines_may_be_chosen() -> None:
    body = """date,ioc,ioc_type,ref
2026-03-01,45.1.2.3:443,ip:port,45.9.9.9
2026-03-01,bad.example.com,Domain,45.9.9.8
2026-03-01,http://other.example.com/,url,45.9.9.7
"""
    where = {"ioc_type": ["ip:port", "domain"]}

    assert entries(body, column="ioc", where=where) == ["45.1.2.3", "bad.example.com"]
    assert entries(body, column="IOC", where={"3": "url"}) == ["other.example.com"]
    assert entries(body, column=4) == ["45.9.9.7", "45.9.9.8/31"]
    assert reading(body, column="4").read_as == 'CSV, column 4 "ref"'


def test_a_key_of_json_is_chosen_in_the_same_way() -> None:
    body = json.dumps(
        [
            {"ioc": "45.1.2.3", "sink": "45.9.9.9", "kind": "ip"},
            {"ioc": "bad.example.com", "kind": "domain"},
            {"sink": "45.9.9.7", "kind": "ip"},
            {"ioc": "45.1.2.5", "kind": "ip"},
            "45.8.8.8",
        ]
    )

    found = reading(body, where={"kind": ["ip"]})

    assert list(found.cleaned.entries()) == ["45.1.2.3", "45.1.2.5"]
    assert refused(found.cleaned) == {"no_address": [3, 5]}
    assert entries(body, column="sink", where={"kind": "ip"}) == ["45.9.9.7", "45.9.9.9"]


@pytest.mark.parametrize(
    ("body", "sidecar"),
    [
        ("45.1.2.3,a\n45.1.2.4,b\n", {"column": "ioc"}),
        ("45.1.2.3,a\n45.1.2.4,b\n", {"column": 3}),
        ("45.1.2.3,a\n45.1.2.4,b\n", {"column": 0}),
        ("45.1.2.3,a\n45.1.2.4,b\n", {"where": {"x": "a"}}),
        ("45.1.2.3\n45.1.2.4\n", {"column": 1}),
        ("45.1.2.3\n45.1.2.4\n", {"where": {"1": "a"}}),
        ('[{"a": "45.1.2.3"}]', {"column": "b"}),
        ('["45.1.2.3"]', {"column": "b"}),
        ("45.1.2.3\n", {"column": True}),
        ("45.1.2.3\n", {"column": ""}),
        ("45.1.2.3\n", {"column": [1]}),
        ("45.1.2.3\n", {"where": ["a"]}),
        ("45.1.2.3\n", {"where": {"a": [1]}}),
    ],
)
def test_what_the_sidecar_says_and_the_source_has_not_refuses_it(
    body: str, sidecar: dict[str, object]
) -> None:
    assert reading(body, **sidecar).is_unreadable


def test_a_range_without_its_end_is_dropped_and_one_of_two_columns_may_be_filtered() -> None:
    body = """range_start,range_end,kind
45.1.2.0,45.1.2.3,a
45.1.2.8,,a
45.1.2.16
45.1.2.32,45.1.2.35,b
45.1.2.64,45.1.2.67,a
"""
    found = reading(body, where={"kind": "a"})

    assert list(found.cleaned.entries()) == ["45.1.2.0/30", "45.1.2.64/30"]
    assert refused(found.cleaned) == {"no_address": [3, 4]}
    assert entries(body, column="range_start")[0] == "45.1.2.0"


@pytest.mark.parametrize(
    ("header", "cells", "column"),
    [
        ("reporter_ip,attacker_ip", "45.9.9.9,45.1.2.3", 2),
        ("src_ip,dst_ip", "45.9.9.9,45.1.2.3", 2),
        ("malware,domain", "win.loader,bad.example.com", 2),
        ("reference,url", "https://example.org/1,http://bad.example.com/x", 2),
        ("version,ip", "1.2.3.4,45.1.2.3", 2),
        ("a,b,c", "https://example.org/1,bad.example.com,45.1.2.3", 3),
        ("destination.ip,note", "45.1.2.3,bad.example.com", 1),
    ],
)
def test_a_column_is_chosen_by_its_name_then_by_what_is_in_it(
    header: str, cells: str, column: int
) -> None:
    found = reading(f"{header}\n{cells}\n{cells}\n")

    assert found.read_as == f'CSV, column {column} "{header.split(",")[column - 1]}"'


def test_the_name_of_a_column_is_shown_short_and_escaped() -> None:
    found = reading("date,\u202eip" + "x" * 90 + "\n2026,45.1.2.3\n2026,45.1.2.4\n")

    assert found.read_as == r'CSV, column 2 "\u202eip' + "x" * 37 + '"'


# What must never become an entry


@pytest.mark.parametrize(
    "body",
    [
        "deny 45.1.2.3;\nallow 45.9.9.9;\ndeny 45.1.2.5;\n",
        "ip,verdict\n45.1.2.3,bad\n45.9.9.9,Benign\n45.1.2.5,bad\n",
        '"ip","action"\n"45.1.2.3","deny"\n"45.9.9.9","ALLOW"\n"45.1.2.5","deny"\n',
        '[{"ip":"45.1.2.3"},{"ip":"45.9.9.9","isWhitelisted":true},{"ip":"45.1.2.5","on":true}]',
        '{"ip":"45.1.2.3"}\n{"ip":"45.9.9.9","action":"allow"}\n{"ip":"45.1.2.5"}\n',
        '[{"ip":["45.1.2.3","45.1.2.5"]},{"ip":["45.9.9.9"],"note":"Benign"}]',
    ],
)
def test_what_a_line_says_is_good_is_no_entry(body: str) -> None:
    found = reading(body)

    assert list(found.cleaned.entries()) == ["45.1.2.3", "45.1.2.5"]
    assert [each.count for each in found.cleaned.refused.values()] == [1]
    assert list(found.cleaned.refused) == ["allow_rule"]


def test_a_table_that_misp_wrote_gives_what_is_marked_for_detection_only() -> None:
    rows = ["1,ip-dst,45.1.2.3,1", "2,ip-dst,45.9.9.9,0", "3,domain,bad.example.com,1"]
    body = "\n".join(["event_id,type,value,to_ids", *rows])

    assert entries(body) == ["45.1.2.3", "bad.example.com"]
    assert entries(body, where={"to_ids": ["0"]}) == ["45.9.9.9"]


def test_of_a_record_that_is_good_no_value_is_an_entry() -> None:
    found = reading('[{"ip":"45.1.2.3"},{"ip":["45.9.9.8","45.9.9.9"],"allowed":true}]')

    assert list(found.cleaned.entries()) == ["45.1.2.3"]
    assert refused(found.cleaned) == {"allow_rule": [2, 2]}


def test_entries_side_by_side_on_one_line_are_all_taken() -> None:
    for separator in (",", ", ", " ", ";", "|"):
        found = reading(separator.join(("45.1.2.3", "45.1.2.5", "bad.example.com")))

        assert list(found.cleaned.entries()) == ["45.1.2.3", "45.1.2.5", "bad.example.com"]
        assert found.read_as.endswith(", all columns")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("@@||good.example.com^", "allow_rule"),
        ("!good.example.com", "allow_rule"),
        ("1.2.3", "no_address"),
        ("v1.2.3.4", "no_address"),
        ("1.2.3.4-beta", "no_address"),
        ("setup.exe", "file_name"),
        ("invoice.pdf.zip", "file_name"),
        ("readme.md", "file_name"),
        ("localhost.localdomain", "reserved"),
        ("d41d8cd98f00b204e9800998ecf8427e", "other_kind"),
        ("ada@bad.example.com", "other_kind"),
        ("CVE-2026-12345", "other_kind"),
        ("https://github.com/somebody/tool", "shared_host"),
        ("https://raw.githubusercontent.com/x", "shared_host"),
        ("https://somebody.github.io/x", "shared_host"),
        ("drive.google.com/file/d/x", "shared_host"),
        ("https://huggingface.co/somebody/model/x.exe", "shared_host"),
        ("https://dl.fedoraproject.org/pub/x.rpm", "shared_host"),
        ("github.com", "shared_host"),
        ("*.amazonaws.com", "shared_host"),
        ("http://[2001:db8::1]/x", "no_address"),
        ("[2001:db8::1]:443", "ipv6"),
        ("https://10.0.0.1/x", "private"),
        ("45.1.2.9 - 45.1.2.3", "no_address"),
        ("45.1.2.0 255.0.255.0", "no_address"),
        ("45.1.2.3:port", "no_address"),
        ("http://good.example.com\\@bad.example.com/", "no_address"),
        ("b\ufffdcher.example", "no_address"),
        ("ü" * 300 + ".example", "no_address"),
        ("http://", "no_address"),
        ("no scheme://bad.example.com/", "no_address"),
        ("\0//bad.example.com/x", "no_address"),
        ("stra\u00dfe.example", "no_address"),  # who asks for it asks for another name than
        ("STRA\u1e9eE.example", "no_address"),  # strasse.example, or for just that one
        ("\u03b2\u03cc\u03bb\u03bf\u03c2.example", "no_address"),
        ("a\u200db.example", "no_address"),
        ("45.1.2.0/24 and more", "no_address"),
        ("||bad.example.com^$domain=good.example.org", "no_address"),
        ("<b>bad.example.com</b>", "no_address"),
        ("45.1.2.4 is only where we saw it", "no_address"),
        ("\0" + "45.1.2.4", "no_address"),
        ("45.1.2.4\0", "no_address"),
        ("x" * 5_000 + ".example.com", "no_address"),
    ],
)
def test_what_is_no_entry_is_counted_with_its_reason(line: str, reason: str) -> None:
    found = reading(f"45.1.2.3\n{line}\n45.1.2.3\n")

    assert list(found.cleaned.entries()) == ["45.1.2.3"]
    assert refused(found.cleaned) == {reason: [2]}


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("hXXps://ada:secret@bad[.]example[.]com:8443/a;b?c#d", "bad.example.com"),
        ("bad(dot)example{.}com", "bad.example.com"),
        ("bad[.example[.com", "bad.example.com"),
        ("h**p[:]//bad.example.com/", "bad.example.com"),
        ("hxxp[://]bad.example.com/x,y", "bad.example.com"),
        ("45.1.2[.]4", "45.1.2.4"),
        ("http://45.1.2.4/x.exe", "45.1.2.4"),
        ("45.1.2.4:8080/x", "45.1.2.4"),
        ("bad.example.com:443", "bad.example.com"),
        ("bad.example.com/login.php", "bad.example.com"),
        (".bad.example.com", "bad.example.com"),
        ("'BAD.example.com.'  // ours", "bad.example.com"),
        ("||bad.example.com^$third-party", "bad.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("http://bücher.example/x", "xn--bcher-kva.example"),
        ("45.1.2.0 netmask 255.255.255.252", "45.1.2.0/30"),
        ("files.example.zip", "files.example.zip"),
    ],
)
def test_what_people_write_around_an_entry_goes(line: str, entry: str) -> None:
    assert entries(f"45.1.2.3\n{line}\n") == sorted({"45.1.2.3", entry}) or entries(line) == [entry]


def test_an_example_of_what_is_dropped_is_as_it_stood_there() -> None:
    found = reading("45.1.2.3\nhttp://bad_example/x\nhttps://github.com/x\n")

    assert [each.example for each in found.cleaned.refused.values()] == [
        "bad_example",
        "github.com",
    ]


def test_a_url_of_a_trusted_name_or_below_one_is_dropped() -> None:
    bar = Bar(8, trusted=Cleaned(domains=frozenset({"example.org"})))
    body = b"http://example.org/x\nhttp://cdn.example.org/x\nbad.example.org\n"

    found = read("sources/f", body, None, bar, NOW)

    assert list(found.cleaned.entries()) == ["bad.example.org"]
    assert refused(found.cleaned) == {"trusted": [1], "shared_host": [2]}


def test_a_hosts_file_gives_names_never_the_loopback_and_no_machine_of_somebody() -> None:
    found = reading(
        "127.0.0.1 localhost localhost.localdomain\n::1 localhost\n\n# ours\n"
        "0.0.0.0 a.bad.example b.bad.example # two\n127.0.0.1 c.bad.example\n"
        "45.1.2.3 mail.example.org\nalone.example.org\n"
    )

    assert list(found.cleaned.entries()) == ["a.bad.example", "b.bad.example", "c.bad.example"]
    assert refused(found.cleaned) == {"no_address": [7, 8]}


def test_misp_gives_what_is_marked_for_detection_only() -> None:
    attributes = [
        {"type": "domain|ip", "value": "bad.example.com|45.9.9.9", "to_ids": True},
        {"type": "ip-dst|port", "value": "45.1.2.3|443", "to_ids": "1"},
        {"type": "ip-dst", "value": "45.1.2.4", "to_ids": True, "deleted": True},
        {"type": "ip-dst", "value": "45.1.2.5"},
        {"type": "md5", "value": "x", "to_ids": True},
        {"type": "ip-dst", "value": 7, "to_ids": True},
    ]
    for document in (
        {"Event": {"Attribute": attributes}},
        {"response": [{"Event": {"Object": [{"Attribute": attributes}]}}]},
        {"response": {"Attribute": attributes}},
        [{"Event": {"Attribute": attributes}}, "else"],
    ):
        assert entries(json.dumps(document)) == ["45.1.2.3", "bad.example.com"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[ipv4-addr:value IN ('45.1.2.3', '45.1.2.5')]", ["45.1.2.3", "45.1.2.5"]),
        ("[url:value = 'http://bad.example.com/x']", ["bad.example.com"]),
        (
            "[ipv4-addr:value = '45.1.2.3'] OR [ipv4-addr:value='45.1.2.5']",
            ["45.1.2.3", "45.1.2.5"],
        ),
        ("[ipv4-addr:value = '45.1.2.3'] AND [ipv4-addr:value='45.1.2.5']", []),
        ("[ipv4-addr:value != '45.1.2.3']", []),
        ("[ipv4-addr:value = '45.1.2.3' OR process:pid = 3]", []),
        ("[file:hashes.MD5 = '45.1.2.3']", []),
    ],
)
def test_a_stix_pattern_is_of_use_if_one_value_is_enough(pattern: str, found: list[str]) -> None:
    objects = [
        {"type": "indicator", "pattern": "[ipv4-addr:value = '45.7.7.7']"},
        {"type": "indicator", "pattern": pattern},
        {"type": "indicator", "pattern": pattern, "indicator_types": ["benign"]},
    ]

    assert set(entries(json.dumps({"objects": objects}))) == {*found, "45.7.7.7"}


def test_lists_of_json_that_say_what_is_good_are_passed_over() -> None:
    body = json.dumps({"ips": ["45.1.2.3"], "allowlist": ["45.9.9.9"], "none": [None, 7]})

    assert entries(body) == ["45.1.2.3"]


def test_a_list_that_is_wrapped_too_deep_is_not_looked_for() -> None:
    document: object = {"items": ["45.1.2.3"]}
    for _ in range(3):
        document = {"data": document}

    assert entries(json.dumps(document)) == ["45.1.2.3"]
    assert reading(json.dumps({"data": {"data": {"data": document}}})).is_unreadable


def test_what_lies_beside_the_lists_of_a_document_is_not_looked_at() -> None:
    assert entries('{"version": "1.2.3.4", "serial": [], "ips": ["45.1.2.3"]}') == ["45.1.2.3"]


def test_objects_may_be_keyed_by_what_is_bad() -> None:
    found = reading(json.dumps({"45.1.2.3": {"n": 1}, "45.1.2.5": {"n": 2}}))

    assert found.read_as == "JSON object, by its keys"
    assert list(found.cleaned.entries()) == ["45.1.2.3", "45.1.2.5"]


def test_a_cell_of_json_may_hold_several() -> None:
    assert entries('[{"ips": ["45.1.2.3", "45.1.2.5"]}, {"ips": "45.1.2.7\\n"}]') == [
        "45.1.2.3",
        "45.1.2.5",
        "45.1.2.7",
    ]


# Broken in the middle


def test_a_broken_line_of_a_table_costs_that_line() -> None:
    whole = '"2026","45.1.2.3","x"'
    cut = ['"2026","45.1.2.33', '"2026', '"2026","45.1.2.33"x,"y"', "2026,45.1.2.33"]

    for line in cut:
        found = reading(f"{whole}\n{line}\n{whole}\n{whole}\n")
        assert list(found.cleaned.entries()) == ["45.1.2.3"], line
        assert refused(found.cleaned) == {"no_address": [2]}, line


def test_a_broken_line_of_json_lines_costs_that_line() -> None:
    found = reading('{"ip":"45.1.2.3"}\n{"ip":"45.1.2.\n\n{"ip":"45.1.2.5"}\n')

    assert list(found.cleaned.entries()) == ["45.1.2.3", "45.1.2.5"]
    assert refused(found.cleaned) == {"no_address": [2]}


@pytest.mark.parametrize(
    "body",
    [
        '[{"ip": "45.1.2.3"}, {"ip": "45.1.',
        '[{"ip": "45.1.2.3"} {"ip": "45.1.2.5"}]',
        '[{"ip": "45.1.2.3"}] and more',
        '{"a" ["45.1.2.3"]}',
        '{"a": ["45.1.2.3"] "b": 1}',
        '{"a": ["45.1.2.3"}',
        '{"a": ["45.1.2.3"]]',
        '{"a": [{"b": "c"}]}',
        '{"message": "Not found", "documentation_url": "https://example.org/"}',
        "[" * 100_000,
        '{"a": ' * 100_000,
        '["' + "a" * 50,
        "[" + "[]," * 2_100_000 + "[]]",
        "<!DOCTYPE html>\n45.1.2.3\n",
        '<?xml version="1.0"?>\n45.1.2.3\n',
        "<html>\n<p>\n45.1.2.3\n",
    ],
)
def test_a_document_that_is_broken_costs_the_source(body: str) -> None:
    assert reading(body).is_unreadable


@pytest.mark.parametrize("body", ["", "[]", '{"data": []}', "# nothing\n", "{}\n[", "[{}, {}, []]"])
def test_nothing_is_nothing(body: str) -> None:
    found = reading(body)

    assert list(found.cleaned.entries()) == []


def test_an_error_in_words_is_no_list() -> None:
    assert reading("Bad gateway\nPlease try again later at example.org\n").is_unreadable


@pytest.mark.parametrize("line", ["a@" + "." * 60_000 + "@", " " * 60_000 + "x", "a-" * 30_000])
def test_no_line_takes_more_time_than_its_length(line: str) -> None:
    started = time.process_time()

    assert not entries(f"{line}\n10.0.0.1\n")
    reading("\n".join([line[:4_000]] * 200))

    assert time.process_time() - started < 20  # by the square of it, hours


def test_many_empty_members_of_gzip_are_unpacked_in_time() -> None:
    body = gzip.compress(b"") * 20_000 + gzip.compress(b"45.1.2.3\n")

    assert entries(body) == ["45.1.2.3"]
