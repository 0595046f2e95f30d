"""The incident report as Markdown, to be put into a ticket."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chalicelib.core.host import in_words
from chalicelib.core.plain_text import one_line
from chalicelib.core.report.facts import name_of
from chalicelib.core.report.moments import since, time_in_words

_LONG = 600  # characters
_OPENS = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))")
# A link of a bare address needs its "://" or its "www.", a character by its number its "&".
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@]|&(?=#|\w+;)|(?<=www)\.)|(?<=:)(//)", re.IGNORECASE)


def render_markdown(facts: Mapping[str, Any]) -> str:
    """Return what `facts` of a report say, as Markdown; nothing in them is markup, or a link."""
    return "\n".join(_lines(facts)) + "\n"


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {_text(said['instance_id'])}: {said['state_in_words']}"
    yield f"\n{_begun(said['summary'])}\n"
    finding = said["finding"]
    yield f"- finding: {_text(finding['type'] or 'none, by hand')}, {_text(finding['severity'])}"
    if finding["tactic"]:
        yield f"- MITRE ATT&CK: {_text(finding['tactic'])}, {_text(finding['technique'] or '-')}"
    yield f"- account {_text(said['account_id'])}, {_text(said['region'])}"
    if host := in_words(said["host"]):
        yield f"- host: {_text(host)}"
    if took := time_in_words(said["time_to_contain"]):
        yield f"- cut off and read back {took}"
    yield "\n## Do next\n"
    yield from (f"- {each['do']}: `{each['command']}`" for each in said["next"])
    yield from _table("Not as it should be", said["drift"], "subject", "kind", "detail")
    yield "\n## What happened when, UTC\n"
    for each in said["moments"]:
        after = each["seconds_after"]
        took = "" if after is None else f" (+ {since(after)})"
        yield f"- {each['at'][:19]} {_text(each['what'])}{took}"
    yield from _table("What is cut", said["paths"], "path", "stands", "why")
    yield from _around(said["blast_radius"])
    yield from _table("Steps", said["steps"], "step", "status", "detail")
    people = [{**each, "who": name_of(each["who"])} for each in said["people"]]
    yield from _table("Who did what", people, "at", "who", "what")
    yield from _table("Evidence", said["evidence"], "name", "sha256")
    if said["limits"]:
        yield f"\n{_text(said['limits'])}"


def _around(said: Mapping[str, Any] | None) -> Iterator[str]:
    if said is None:
        return
    yield "\n## Who else it hurts, and who is in danger\n"
    unknown = (f"Not known: {each}" for each in said["unknown"])
    lines = (*said["hurts"], *said["shares"], *unknown)
    yield from (f"- {_begun(each)}" for each in lines or ("Nobody that is known of.",))


def _table(title: str, rows: Iterable[Mapping[str, Any]], *columns: str) -> Iterator[str]:
    found = list(rows)
    if not found:
        return
    yield f"\n## {title}\n"
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for each in found:
        yield f"| {' | '.join(_text(str(each[name] or '-')) for name in columns)} |"


def _begun(text: str) -> str:
    """Return text that begins a line, and begins no list or heading there."""
    return _OPENS.sub(r"\1\\", _text(text))


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1\2", one_line(text, _LONG))
