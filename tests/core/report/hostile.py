"""An incident in which others chose every text, and what must hold of each page that shows it.

A page may hold no tag but those that our templates write, letter for letter: then every parser
of HTML reads it alike. Markdown is read by a parser of others, with raw HTML allowed.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt

from chalicelib.core.api.view import shown_whole
from chalicelib.core.quarantine.record import (
    Line,
    Original,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
)
from chalicelib.core.report.facts import facts
from chalicelib.core.report.formats import rendered
from chalicelib.core.steps.drift import Drift, DriftKind
from cordon.commands.show import tell
from cordon.console import pages
from tests.builders import NOON, a_quarantine, a_release
from tests.core.notices.channels.hostile import hostile_texts
from tests.core.test_surroundings import named

_TAG = re.compile(r'<(/?[a-z][a-z0-9]*|!doctype html)((?: [a-zA-Z0-9-]+="[^"<>]*")*)>')
_NAMES = re.compile(r' ([a-zA-Z0-9-]+)="([^"]*)"')
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|#x27);)")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_GOES_TO = re.compile(r"/|#[a-z]+|/i/[^/]*/[^/]*/[^/]*|/act")
# What GitHub and others make a link of without being asked.
_BARE_LINK = re.compile(r"(?<!\\)(?:\b[a-z]+://|\bwww\.)|[^\\\s]@", re.IGNORECASE)
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_ALIVE = {"link_open", "image", "html_inline", "html_block", "fence", "code_block", "s_open"}
_FORMS = {"heading_open", "list_item_open", "tr_open", "td_open", "blockquote_open", "hr"}
_CHANGES = [
    {"interface": "eni-1", "groups": "sg-1", "request_id": "r", "error": "", "role": "deny"}
]


class Elements(HTMLParser):
    """What the standard library's parser finds on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(name.lower() for name, _ in attrs)))


def nothing_alive_in(text: str, *, parsed: bool = True) -> None:
    """Show `text` in every place of report and console; `parsed`: read it by a parser as well.

    Raises:
        AssertionError: something of it is alive.
    """
    for name, show in SHOWN.items():
        shown = show(text)
        stray = {each for each in set(shown) - {"\n"} if unicodedata.category(each) in _HIDDEN}
        assert not stray, f"{name} shows {stray!a}"
        if name == "markdown":
            check_markdown(shown)
        elif name == "json":
            assert shown.isascii()
            assert isinstance(json.loads(shown), dict)
        elif name != "terminal":
            check_html(name, shown)
            if parsed:
                check_parsed(shown)


def texts_on_pages(count: int) -> None:
    """Show `count` hostile texts in every place of report and console."""
    for nth, text in enumerate(hostile_texts(count)):
        nothing_alive_in(text, parsed=nth % 10 == 0)


def check_html(name: str, page: str) -> None:
    """See that the page `name` holds the tags of our templates, text, and nothing else."""
    style, _, rest = page.partition("</style>")
    assert style.count("<style>") == 1, f"{name} has another style"
    whole = style.partition("<style>")[0] + "<style></style>" + rest
    text = _TAG.sub("", whole)
    assert "<" not in text, f"{name}: {text[text.index('<') :][:80]!a}"
    assert ">" not in text, f"{name}: {text[: text.index('>')][-80:]!a}"
    assert not _ENTITY.search(text), f"{name} holds a bare ampersand"
    tags = _tags(whole)
    assert tags <= _benign(name), f"{name}: {tags - _benign(name)}"
    for attribute, value in _NAMES.findall(whole):
        if attribute in ("href", "action"):
            assert _GOES_TO.fullmatch(value), f"{name} leads to {value!a}"


def check_parsed(page: str) -> None:
    """See that a parser of HTML finds those tags too, and no other."""
    assert Elements(page).found == {each for each in _tags(page) if each[0][0] not in "/!"}


def _tags(page: str) -> set[tuple[str, tuple[str, ...]]]:
    return {
        (name.split()[0], tuple(each.lower() for each, _ in _NAMES.findall(said)))
        for name, said in _TAG.findall(page)
    }


@cache
def _benign(name: str) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Return the tags of a page on which nobody chose anything."""
    return frozenset(_tags(SHOWN[name]("a"))) | frozenset(_tags(SHOWN[name]("")))


def check_markdown(text: str) -> None:
    """See that a document has no link, no HTML and no form but its own."""
    tokens = [token.type for token in _flat(_MARKDOWN.parse(text))]
    assert not _ALIVE & set(tokens), _ALIVE & set(tokens)
    bare = _BARE_LINK.search(re.sub(r"^- [^`]*: `[^`\n]*`$", "", text, flags=re.MULTILINE))
    assert not bare, f"a link: {bare[0]!a}" if bare else ""
    form = [each for each in tokens if each in _FORMS]
    assert form == _outline(), "it has other headings, items or cells"


@cache
def _outline() -> list[str]:
    """Return the form of a document in which nobody chose anything."""
    tokens = _flat(_MARKDOWN.parse(SHOWN["markdown"]("a")))
    return [token.type for token in tokens if token.type in _FORMS]


def _flat(tokens: Any) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


@lru_cache(maxsize=4)
def a_hostile_case(text: str) -> dict[str, Any]:
    """Return the facts of an incident in which others chose every text."""
    return facts(*_hostile(text), named(text))


def _hostile(text: str) -> tuple[Quarantine, tuple[Line, ...], tuple[Drift, ...]]:
    quarantine = a_quarantine(
        State.CONTAINED,
        reason=text,
        opened_by=text,
        finding_type=text,
        finding_id=text,
        originals=(Original(text, text, (text,)),),
        steps={name: Step(StepStatus.DONE, text) for name in StepName},
        release=a_release(by=text, reason=text, confirmed_by=text or None),
        host={"name": text, "private": text, "account": text},
        group_names={text: text},
    )
    changes = [dict.fromkeys(_CHANGES[0], text)]
    told = {"title": text, "remote": text, "role": text}
    lines = (
        Line(NOON, text, text, {text: text, "changes": changes, "more": [text]}),
        Line(NOON, "cordon", "opened", {"originals": {text: [text]}, "about": told}),
    )
    drift = (Drift(DriftKind.GROUPS_CHANGED, text, text),)
    return quarantine, lines, drift


def _board(text: str) -> str:
    listed = {
        **dict.fromkeys(("instance_id", "account_id", "region"), text[:60]),
        "state": text,
        "opened_at": NOON.isoformat(),
        "severity": text,
        "finding_type": text or "by hand",
    }
    held = {**listed, "severity": 5.0, "held_at": NOON.isoformat(), "in_words": [text]}
    breaker = {"is_open": True, "opened": text, "limit": text, "window_minutes": text}
    standing = {
        "breaker": breaker,
        "threat_lists": [{"name": text, "status": text}],
        "dead_letters": text,
        "guardduty_enabled": False,
        "last_exercise": None,
        "watched_at": None,
        "unknown": [text],
    }
    said = {
        "mode": {"mode": text, "lists": "paused"},
        "open": [listed],
        "held": [held],
        "standing": standing,
        "time_to_contain": {},
    }
    return pages.board(said, [listed], "secret")


def _incident(text: str) -> str:
    said = a_hostile_case(text)
    skipped = [{**each, "status": "skipped"} for each in said["steps"]]
    return pages.incident({**said, "steps": skipped}, 1, "secret")


def _terminal(text: str) -> str:
    """Return what `cordon show` prints."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        tell(shown_whole(*_hostile(text)))
    return printed.getvalue()


def _report(shape: str) -> Callable[[str], str]:
    return lambda text: rendered(shape, a_hostile_case(text))[0]


SHOWN: Mapping[str, Callable[[str], str]] = {
    "report": _report("html"),
    "markdown": _report("md"),
    "json": _report("json"),
    "board": _board,
    "incident": _incident,
    "terminal": _terminal,
    "told": lambda text: pages.told(text, text, "/", is_done=False),
}
