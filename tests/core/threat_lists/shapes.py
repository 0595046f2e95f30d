"""The shapes that people write their lists in: the same entries, written in each of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

Entries = list[str]
Writer = Callable[[Entries], bytes]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is written, and what Cordon should take it for."""

    read_as: str
    write: Writer
    takes: str = "any"  # or `networks`, or `domains`: what the shape can say at all


def _text(lines: Iterable[str], end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode()


def _csv(rows: Iterable[Iterable[str]], *, quoting: Literal[0, 1] = csv.QUOTE_MINIMAL) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=quoting, lineterminator="\n").writerows(rows)
    return written.getvalue()


def utf_8(body: bytes) -> bytes:
    """Return a body of any shape in UTF-8."""
    return body.decode("utf-16-le").encode() if body[1:2] == b"\0" else body


def tracker_csv(entries: Entries) -> bytes:
    rows = [("2026-02-03 07:30:05", each, "443", "online", "win.loader") for each in entries]
    head = '# A tracker of ours\n#\n"first_seen_utc","dst_ip","dst_port","c2_status","malware"\n'
    body = _csv(rows, quoting=csv.QUOTE_ALL)
    return f"{head}{body}# END {len(rows)} entries\n".encode()


def ioc_csv(entries: Entries) -> bytes:
    head = '# "first_seen_utc","ioc_id","ioc_value","ioc_type","reporter","reference"\n'
    rows = [f'"2026-02-03 07:30:05", "{n}", "{each}", "ioc", "ada", "https://example.org/{n}"'
            for n, each in enumerate(entries)]  # fmt: skip
    return _text([head, *rows])


def plain_csv(entries: Entries) -> bytes:
    rows = [("2026-02-03", "a note, with a comma", each, "US") for each in entries]
    return _csv([("date", "note", "indicator", "country"), *rows]).encode()


def csv_without_header(entries: Entries) -> bytes:
    return _text(f"2026-02-03,{each},443" for each in entries)


def semicolons(entries: Entries) -> bytes:
    return _text(["Seen;Address;Score", *(f"2026-02-03;{each};9" for each in entries)])


def counted(entries: Entries) -> bytes:
    return _text(["# IPs and how many lists have them", *(f"{each}\t8" for each in entries)])


def spaced(entries: Entries) -> bytes:
    return _text(f"{each}   443  2026-02-03" for each in entries)


def annotated(entries: Entries) -> bytes:
    return _text(["; a list", *(f"{each} ; SBL{n}" for n, each in enumerate(entries))])


def defanged(entries: Entries) -> bytes:
    return _text(each.replace(".", "[.]") for each in entries)


def ports(entries: Entries) -> bytes:
    return _text(f"{each}:8443" for each in entries)


def urls(entries: Entries) -> bytes:
    return _text(f"hxxp://{each.replace('.', '[.]')}:8080/a/b.php?c=d" for each in entries)


def ranges(entries: Entries) -> bytes:
    return _text(f"{net[0]} - {net[-1]}" for net in map(IPv4Network, entries))


def tight_ranges(entries: Entries) -> bytes:
    return _text(f"{net[0]}-{net[-1]}" for net in map(IPv4Network, entries))


def two_columns(entries: Entries) -> bytes:
    rows = [f"{net[0]}\t{net[-1]}\t9\tUS" for net in map(IPv4Network, entries)]
    return _text(["# a list of blocks", "Start\tEnd\tAttacks\tCountry", *rows])


def netmasks(entries: Entries) -> bytes:
    return _text(IPv4Network(each).with_netmask.replace("/", "\t") for each in entries)


def hosts(entries: Entries) -> bytes:
    head = ["127.0.0.1\tlocalhost", "::1 ip6-localhost ip6-loopback", "0.0.0.0 0.0.0.0"]
    return _text(
        [*head, *(f"{('127.0.0.1', '0.0.0.0')[n % 2]}\t{e}" for n, e in enumerate(entries))]
    )


def adblock(entries: Entries) -> bytes:
    return _text(["! Title: ours", "@@||good.example.net^", *(f"||{each}^" for each in entries)])


def json_lines(entries: Entries) -> bytes:
    meta = {"type": "metadata", "records": len(entries)}
    lines = [{"cidr": each, "sblid": "SBL1", "rir": "apnic"} for each in entries]
    return _text(map(json.dumps, [*lines, meta]))


def json_objects(entries: Entries) -> bytes:
    items = [{"ip_address": each, "port": 443, "tags": ["a"]} for each in entries]
    return json.dumps(items, indent=1).encode()


def json_strings(entries: Entries) -> bytes:
    return json.dumps(entries).encode()


def wrapped_json(entries: Entries) -> bytes:
    return json.dumps({"ok": True, "data": {"items": [{"value": e} for e in entries]}}).encode()


def iocs_by_id(entries: Entries) -> bytes:
    said = {str(n): [{"ioc_value": e, "malware": "win.x"}] for n, e in enumerate(entries)}
    return json.dumps(said).encode()


def misp(entries: Entries) -> bytes:
    attributes = [{"type": "ip-dst", "value": each, "to_ids": True} for each in entries]
    seen = {"type": "ip-src", "value": "45.99.99.99", "to_ids": False}
    half = len(attributes) // 2
    nested = [
        {"name": "connection", "Attribute": attributes[at : min(at + 3, half)]}
        for at in range(0, half, 3)
    ]
    event = {"info": "ours", "Attribute": [*attributes[half:], seen], "Object": nested}
    return json.dumps({"Event": event}).encode()


def stix(entries: Entries) -> bytes:
    patterns = [_pattern(entries[at : at + 3]) for at in range(0, len(entries), 3)]
    objects = [
        {"type": "indicator", "pattern_type": "stix", "pattern": pattern} for pattern in patterns
    ]
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()


def _pattern(entries: Entries) -> str:
    return "[" + " OR ".join(map(_comparison, entries)) + "]"


def _comparison(entry: str) -> str:
    if not entry.rpartition(".")[2][:1].isdigit():
        return f"domain-name:value = '{entry}'"
    return f"ipv4-addr:value {'ISSUBSET' if '/' in entry else '='} '{entry}'"


SHAPES: dict[str, Shape] = {
    "lines": Shape("lines", _text),
    "lines of Windows": Shape("lines", lambda entries: _text(entries, "\r\n")),
    "UTF-16 without a mark": Shape("lines", lambda e: _text(e).decode().encode("utf-16-le")),
    "tracker CSV": Shape('CSV, column 2 "dst_ip"', tracker_csv),
    "IOC CSV": Shape('CSV, column 3 "ioc_value"', ioc_csv),
    "CSV": Shape('CSV, column 3 "indicator"', plain_csv),
    "CSV without a header": Shape("CSV, column 2", csv_without_header),
    "CSV with semicolons": Shape('CSV with ";", column 2 "Address"', semicolons),
    "counts behind a tab": Shape("parted by tabs, column 1", counted),
    "columns with spaces": Shape("parted by spaces, column 1", spaced),
    "annotated lines": Shape('CSV with ";", column 1', annotated),
    "defanged": Shape("lines", defanged),
    "ports": Shape("lines", ports, "hosts"),
    "URLs": Shape("lines", urls, "hosts"),
    "ranges": Shape("lines", ranges, "networks"),
    "tight ranges": Shape("lines", tight_ranges, "networks"),
    "start and end": Shape('parted by tabs, column 1 "Start" to "End"', two_columns, "networks"),
    "netmasks": Shape("lines", netmasks, "networks"),
    "hosts file": Shape("hosts file", hosts, "domains"),
    "adblock": Shape("lines", adblock, "domains"),
    "JSON lines": Shape('JSON lines: JSON objects, "cidr"', json_lines),
    "JSON objects": Shape('JSON objects, "ip_address"', json_objects),
    "JSON strings": Shape("JSON list", json_strings),
    "wrapped JSON": Shape('JSON objects, "value"', wrapped_json),
    "JSON by id": Shape('JSON objects, "ioc_value"', iocs_by_id),
    "MISP event": Shape("MISP event", misp),
    "STIX 2 bundle": Shape("STIX 2 bundle", stix),
}  # fmt: skip
