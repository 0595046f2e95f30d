from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.notices.about_quarantines import LIMITS
from chalicelib.core.quarantine.record import Line, Original, State
from chalicelib.core.report.facts import facts
from chalicelib.core.report.markdown import render_markdown
from chalicelib.core.report.page import render_report
from chalicelib.core.steps.drift import Drift, DriftKind
from chalicelib.core.surroundings import Surroundings
from cordon.console.pages import told
from tests.builders import FINDING, MINUTE, NOON, WEB, a_quarantine, a_release
from tests.core.report.hostile import (
    a_hostile_case,
    check_html,
    check_markdown,
    nothing_alive_in,
    texts_on_pages,
)
from tests.core.test_surroundings import CROWDED

CHANGES = [
    {"interface": "eni-1", "groups": "sg-deny", "request_id": "r-1", "error": "", "role": "deny"},
    {"interface": "eni-2", "groups": "sg-deny", "request_id": "", "error": "", "role": "deny"},
    {"interface": "eni-3", "groups": "sg-deny", "request_id": "", "error": "refused", "role": ""},
]
LINES = (
    Line(NOON, "cordon", "opened", {"finding": FINDING, "originals": {"eni-1": ["sg-a", "sg-b"]}}),
    Line(NOON + MINUTE / 40, "cordon", "contained", {"changes": CHANGES, "nothing": []}),
    Line(NOON + MINUTE, "arn:aws:iam::1:user/ada", "asked_again", {"reason": "", "level": 2}),
)
DRIFT = (Drift(DriftKind.GROUPS_CHANGED, "eni-1", "somebody moved it to sg-evil"),)


class Page(HTMLParser):
    """The elements and attributes of a page, its text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.add((tag, tuple(sorted(name for name, _ in attrs))))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def report(**changes: Any) -> Page:
    quarantine = a_quarantine(changes.pop("state", State.CONTAINED), **changes)
    return Page(render_report(facts(quarantine, LINES, DRIFT)))


@pytest.mark.parametrize(
    "fact",
    [
        WEB,
        FINDING,
        "Not contained any more",
        "Backdoor:EC2/C&CActivity.B",
        "Command and Control (TA0011)",
        "2026-03-01 12:00:00 by guardduty",
        "+ 1.5 s",
        "eni-1 was on sg-a, sg-b",
        "eni-1 to sg-deny (request r-1)",
        "eni-2 to sg-deny (it was gone)",
        "eni-3 to sg-deny (refused)",
        "arn:aws:iam::1:user/ada",
        "asked again",
        "level: 2",
        "groups changed",
        "somebody moved it to sg-evil",
        "sg-web, sg-ssh",
        LIMITS[0],
    ],
)
def test_the_report_tells(fact: str) -> None:
    assert fact in report().text


def test_a_page_is_whole() -> None:
    page = report()

    assert page.open == []
    assert ("html", ("lang",)) in page.elements
    assert ("th", ("scope",)) in page.elements


@pytest.mark.parametrize("state", list(State))
def test_the_state_is_seen_at_a_glance(state: State) -> None:
    words = {"CONTAINING": "Being contained", "RELEASING": "Being released"}
    page = Page(render_report(facts(a_quarantine(state), LINES, ())))

    assert page.text.count(words.get(state, state.capitalize())) >= 2


def test_who_released_it_stands_on_the_page() -> None:
    order = a_release(confirmed_by="arn:aws:iam::1:user/bob", accepts_drift=True)

    text = report(state=State.RELEASED, release=order).text

    for fact in (order.by, order.reason, "user/bob", "remediated", "Ordered2026-03-01 12:01:00"):
        assert fact in text


def test_a_request_for_release_is_no_release() -> None:
    text = report(release=a_release()).text

    assert "Drift acceptedno" in text
    assert "Released" not in text


def test_what_there_is_nothing_to_say_of_is_left_out() -> None:
    by_hand = a_quarantine(
        finding_id=None,
        finding_type=None,
        originals=(Original("eni-1", "vpc-1", ()),),
        opened_by="arn:aws:iam::1:user/ada",
    )

    page = Page(render_report(facts(by_hand, (), ())))

    assert "none: it was asked for by hand" in page.text
    assert "unknown" in page.text
    for heading in ("Every line", "Not as it should be", "Release", "MITRE"):
        assert heading not in page.text


def test_a_file_of_the_page_forbids_scripts_and_requests_itself() -> None:
    text = render_report(facts(a_quarantine(State.CONTAINED), LINES, ()))
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert "default-src &#x27;none&#x27;" in text
    assert f"sha256-{digest}" in text
    assert " style=" not in text


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_no_text_can_become_part_of_the_page(text: str) -> None:
    nothing_alive_in(text)


def test_no_text_of_those_who_know_how_becomes_part_of_a_page() -> None:
    texts_on_pages(60)


@pytest.mark.parametrize("alive", ["<b>", "<p onclick='x'>", '<a href="//e.example">', "&#60;"])
def test_what_is_alive_on_a_page_would_be_seen(alive: str) -> None:
    page = told("Done", "HERE", "/", is_done=True)
    check_html("told", page)

    with pytest.raises(AssertionError):
        check_html("told", page.replace("HERE", alive))


@pytest.mark.parametrize(
    "alive", ["[a](b)", "<b>", "https://e.example", "www.e.example", "\n# a", "\n- a", "a@e"]
)
def test_what_is_alive_in_a_ticket_would_be_seen(alive: str) -> None:
    ticket = render_markdown({**a_hostile_case("a"), "limits": "HERE"})
    check_markdown(ticket)

    with pytest.raises(AssertionError):
        check_markdown(ticket.replace("HERE", alive))


def test_whom_it_hurts_is_on_the_page_and_in_the_drawing() -> None:
    page = Page(render_report(facts(a_quarantine(State.CONTAINED), LINES, (), CROWDED)))

    for fact in (
        "Traffic of others runs through it: rtb-1 to 0.0.0.0/0.",
        "i-1, i-2",
        "Auto Scaling group web, 2 in service",
        "load balancing front, 0 other healthy",
        "Elastic IP 203.0.113.7",
        "role web, shared with 2 other",
    ):
        assert fact in page.text


def test_whom_it_hurts_is_said_to_be_unknown_or_nobody_and_left_out_unless_looked_at() -> None:
    def text(around: Surroundings | None) -> str:
        return Page(render_report(facts(a_quarantine(State.CONTAINED), LINES, (), around))).text

    assert "Not known: Elastic IPs: AWS refused" in text(Surroundings(addresses="AWS refused"))
    assert "Nobody that is known of." in text(Surroundings())
    assert "role lone" in text(Surroundings(role="arn:aws:iam::1:instance-profile/lone"))
    assert "Who else it hurts" not in text(None)


def test_a_command_on_the_page_can_be_copied_as_it_is() -> None:
    said = facts(a_quarantine(State.CONTAINED), LINES, ())
    page = Page(render_report(said))

    assert all(f"{each['command']} " in page.text for each in said["next"])


def test_what_somebody_let_out_is_nowhere_called_contained() -> None:
    said = facts(a_quarantine(State.CONTAINED), LINES, DRIFT)
    page = Page(render_report(said))

    assert said["state_in_words"] == "Not contained any more"
    assert "now sg-deny" not in page.text
    assert (
        "now sg-deny" in Page(render_report(facts(a_quarantine(State.CONTAINED), LINES, ()))).text
    )


def test_the_finding_is_told_in_words_in_the_record_as_well() -> None:
    opened = Line(NOON, "cordon", "opened", {"about": {"role": "TARGET", "remote": None}})
    page = Page(render_report(facts(a_quarantine(State.CONTAINED), (opened,), ())))

    assert "role: TARGET" in page.text
    assert "remote" not in page.text
