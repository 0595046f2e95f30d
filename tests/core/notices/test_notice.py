from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.errors import MalformedNoticeError
from chalicelib.core.notices.fit import CUT
from chalicelib.core.notices.notice import Kind, Notice, parse_notice, read_notice
from tests.builders import ACCOUNT

NOTICE = Notice(
    kind=Kind.HOLD,
    outcome="held",
    severity="High",
    account_id=ACCOUNT,
    subject="HELD i-1",
    sections=(("What was found", ("one", "two")), ("Nothing", ()), ("What is next", ("three",))),
    facts={"region": "eu-west-1", "reasons": ["exempt"]},
)


def test_a_notice_reads_as_a_plain_text_without_empty_sections() -> None:
    assert NOTICE.text == "HELD i-1\n\nWhat was found\n  one\n  two\n\nWhat is next\n  three\n"


def test_a_notice_without_sections_is_its_subject() -> None:
    assert replace(NOTICE, sections=()).text == "HELD i-1\n"


def test_a_notice_is_data_for_machines() -> None:
    assert json.loads(json.dumps(NOTICE.as_json())) == {
        "version": 1,
        "kind": "hold",
        "outcome": "held",
        "severity": "High",
        "account_id": ACCOUNT,
        "subject": "HELD i-1",
        "region": "eu-west-1",
        "reasons": ["exempt"],
        "sections": [
            {"heading": "What was found", "lines": ["one", "two"]},
            {"heading": "Nothing", "lines": []},
            {"heading": "What is next", "lines": ["three"]},
        ],
        "text": NOTICE.text,
    }


def test_what_a_subscriber_reads_is_what_was_said() -> None:
    said = NOTICE.as_json()

    assert parse_notice(json.dumps(said)) == said


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{", "[" * 100_000, "9" * 5_000, "{'kind': 'hold'}"],
    ids=lambda text: text[:10],
)
def test_what_is_no_json_is_no_notice(text: str) -> None:
    with pytest.raises(MalformedNoticeError) as caught:
        parse_notice(text)

    assert caught.value.field == "the message"


@pytest.mark.parametrize("text", ["null", "[]", '"hold"', "7", "true"])
def test_what_is_no_object_is_no_notice(text: str) -> None:
    with pytest.raises(MalformedNoticeError) as caught:
        parse_notice(text)

    assert caught.value.field == "the message"


@pytest.mark.parametrize("field", ["kind", "outcome", "severity", "account_id", "subject", "text"])
@pytest.mark.parametrize("value", [None, 7, ["hold"], {}, True], ids=repr)
def test_a_field_that_every_notice_has_is_named_when_it_is_no_text(
    field: str, value: object
) -> None:
    said = NOTICE.as_json() | {field: value}

    with pytest.raises(MalformedNoticeError) as caught:
        parse_notice(json.dumps(said))

    assert caught.value.field == field


@pytest.mark.parametrize("field", ["version", "kind", "text"])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    said: dict[str, Any] = NOTICE.as_json()
    del said[field]

    with pytest.raises(MalformedNoticeError, match=f"{field} is missing"):
        parse_notice(json.dumps(said))


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_is_refused(version: object) -> None:
    with pytest.raises(MalformedNoticeError) as caught:
        parse_notice(json.dumps(NOTICE.as_json() | {"version": version}))

    assert caught.value.field == "version"


def test_a_notice_that_was_received_is_the_notice_that_was_published() -> None:
    received = read_notice(parse_notice(json.dumps(NOTICE.as_json())))

    assert received == NOTICE
    assert received.id == NOTICE.id


def test_a_notice_without_sections_has_the_lines_of_its_text() -> None:
    said = NOTICE.as_json()
    del said["sections"]

    lines = ("What was found", "one", "two", "What is next", "three")
    assert read_notice(said) == replace(NOTICE, sections=(("", lines),))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "rumour"),
        ("sections", None),
        ("sections", {}),
        ("sections", ["one"]),
        ("sections", [{"heading": "one"}]),
        ("sections", [{"heading": 1, "lines": []}]),
        ("sections", [{"heading": "one", "lines": "two"}]),
        ("sections", [{"heading": "one", "lines": [2]}]),
    ],
)
def test_a_kind_or_sections_that_are_none_are_named(field: str, value: object) -> None:
    with pytest.raises(MalformedNoticeError) as caught:
        read_notice(NOTICE.as_json() | {field: value})

    assert caught.value.field == field


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "alerted"},
        {"account_id": "444455556666"},
        {"sections": ()},
        {"facts": {"region": "eu-west-1", "reasons": []}},
    ],
    ids=str,
)
def test_what_says_something_else_has_another_id(changes: dict[str, Any]) -> None:
    assert replace(NOTICE, **changes).id != NOTICE.id
    assert replace(NOTICE).id == NOTICE.id


LONG = replace(NOTICE, sections=(("What", ("1234567890",) * 9), ("To do", ("release",))))


@pytest.mark.parametrize(
    ("most", "sections"),
    [
        (106, LONG.sections),
        (105, (("What", (*("1234567890",) * 7, "and 2 more")), ("To do", ("release",)))),
        (40, (("What", ("1234567890", "and 8 more")), ("To do", ("release",)))),
        (35, (("What", ("1234567890",)), ("", (CUT,)))),
        (0, (("", (CUT,)),)),
    ],
)
def test_a_notice_is_shortened_where_it_is_long_and_says_still_what_to_do(
    most: int, sections: Any
) -> None:
    assert LONG.shortened(most) == replace(LONG, sections=sections)
