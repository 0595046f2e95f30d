"""The incident report: one page that stands by itself, for the night and for the auditor.

There is no script, and nothing is fetched: the page says so to the browser itself, so that a file
of it is as safe as what the API serves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.host import in_words as in_words_of_host
from chalicelib.core.host import named
from chalicelib.core.report.drawing import draw_instance
from chalicelib.core.report.facts import name_of
from chalicelib.core.report.markup import NOTHING, Html, join, table, tag
from chalicelib.core.report.moments import time_in_words
from chalicelib.core.report.style import STYLE
from chalicelib.core.report.timeline import draw_timeline
from chalicelib.core.report.words import in_words

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'"
_TONES = {"CONTAINED": "cut", "RELEASED": "free"}
_VALUES = ("title", "remote", "role", "severity", "tactic", "technique")


def render_report(said: Mapping[str, Any]) -> str:
    """Return the report that says `said`, the facts of a quarantine, as HTML."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=CONTENT_SECURITY_POLICY),
        tag("title", f"{said['instance_id']}: {said['state_in_words']}"),
        tag("style", Html(STYLE)),
    )
    page = tag("html", head, tag("body", _top(said), tag("main", *_parts(said))), lang="en")
    return f"<!doctype html>{page}\n"


def _top(said: Mapping[str, Any]) -> Html:
    where = f"account {said['account_id']}, {said['region']}, quarantine {said['quarantine_id']}"
    return tag(
        "header",
        tag("p", said["state_in_words"], class_="state"),
        tag("h1", said["instance_id"]),
        tag("p", said["summary"], class_="summary"),
        tag("p", where, class_="where"),
        *(tag("p", each, class_="where") for each in (in_words_of_host(said["host"]),) if each),
        class_=_TONES.get(said["state"], "work"),
    )


def _parts(said: Mapping[str, Any]) -> Iterator[Html]:
    yield _section("Do next", *(_command(each) for each in said["next"]))
    yield _section("Not as it should be now", _drift(said["drift"]))
    drawings = (
        _section("What happened when, UTC", draw_timeline(said["moments"])),
        _section("What is cut, and what is not", draw_instance(said)),
    )
    yield tag("div", *drawings, class_="pair")
    if said["limits"]:
        yield tag("p", said["limits"], class_="note")
    yield _section("Who else it hurts, and who is in danger", _around(said["blast_radius"]))
    yield _section("The finding", the_finding(said))
    yield _section("Steps", the_steps(said["steps"]))
    yield _section("Interfaces", _interfaces(said["interfaces"], said["group_names"]))
    yield _section("Who did what", the_people(said["people"]))
    yield _section("Release", _release(said["release"]))
    yield _section("Evidence", _evidence(said["evidence"]))
    yield _section("Every line of the record", _timeline(said["timeline"]))


def _command(each: Mapping[str, str]) -> Html:
    first, *options = each["command"].split(" --")
    parts = (first, *(f"--{option}" for option in options))  # a line breaks between two of them
    code = tag("code", *(join(tag("span", part), Html(" ")) for part in parts))
    return tag("div", tag("b", each["do"]), code, class_="command")


def the_finding(said: Mapping[str, Any]) -> Html:
    """Return what the facts say of the finding."""
    finding = said["finding"]
    named = finding["type"] or "none: it was asked for by hand"
    known = [(name.capitalize(), str(finding[name])) for name in _VALUES if finding.get(name)]
    rows = [("Type", named), ("Why", finding["why"]), *known]
    if finding["id"]:
        rows.append(("Id", finding["id"]))
    opened = f"{_at(said['opened_at'])} by {name_of(said['opened_by'])}"
    took = time_in_words(said["time_to_contain"])
    cut = [("Read back as cut", took)] if took else []
    return _facts([*rows, ("Opened", opened), *cut])


def _drift(drift: Iterable[Mapping[str, str]]) -> Html:
    rows = [(each["subject"], each["kind"].replace("_", " "), each["detail"]) for each in drift]
    return table(("What", "How", "In detail"), rows)


def _around(said: Mapping[str, Any] | None) -> Html:
    if said is None:
        return NOTHING
    unknown = (f"Not known: {each}" for each in said["unknown"])
    lines = (*said["hurts"], *said["shares"], *unknown)
    return tag("ul", *(tag("li", each) for each in lines or ("Nobody that is known of.",)))


def the_steps(steps: Iterable[Mapping[str, str]]) -> Html:
    """Return a table of the steps, and how each stands."""
    rows = [
        (
            each["step"].replace("_", " "),
            tag("b", each["status"], class_=each["status"]),
            each["detail"],
        )
        for each in steps
    ]
    return table(("Step", "Status", "In detail"), rows)


def _interfaces(interfaces: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Html:
    rows = [
        (
            each["interface_id"],
            each["vpc_id"],
            named(each["groups_before"], names) or "unknown",
            named(each["groups_set"], names) or "unchanged",
        )
        for each in interfaces
    ]
    return table(("Interface", "VPC", "Groups before", "Last set to"), rows)


def the_people(people: Iterable[Mapping[str, str]]) -> Html:
    """Return a table of what people did."""
    rows = [
        (_at(each["at"]), name_of(each["who"]), each["what"].replace("_", " "), each["who"])
        for each in people
    ]
    return table(("When", "Who", "What", "As IAM knows them"), rows)


def _release(release: Mapping[str, Any] | None) -> Html:
    if release is None:
        return NOTHING
    rows = [
        ("Verdict", release["verdict"].replace("_", " ")),
        ("Reason", release["reason"]),
        ("Ordered", f"{_at(release['at'])} by {release['by']}"),
        ("Drift accepted", "yes" if release["accept_drift"] else "no"),
    ]
    if release["confirmed_by"]:
        rows.append(("Confirmed by", release["confirmed_by"]))
    return _facts(rows)


def _evidence(evidence: Iterable[Mapping[str, Any]]) -> Html:
    rows = [(each["name"], each["sha256"] or "stored with the object") for each in evidence]
    return table(("Object", "SHA-256"), rows)


def _timeline(lines: Sequence[Mapping[str, Any]]) -> Html:
    if not lines:
        return NOTHING
    rows = [
        (_at(each["at"]), name_of(each["who"]), each["what"].replace("_", " "), _detail(each))
        for each in lines
    ]
    summary = tag("summary", f"{len(rows)} lines, with the request ids of AWS")
    return tag("details", summary, table(("When", "Who", "What", "In detail"), rows))


def _detail(line: Mapping[str, Any]) -> str:
    return "; ".join(in_words(line["detail"]))


def _section(title: str, *content: Html) -> Html:
    filled = join(*content)
    return tag("section", tag("h2", title), filled) if filled else NOTHING


def _facts(rows: Iterable[tuple[str, str]]) -> Html:
    return tag("dl", *(join(tag("dt", name), tag("dd", value)) for name, value in rows))


def _at(moment: str) -> str:
    return moment[:19].replace("T", " ")
