from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.api.cursor import Place, parse_cursor
from chalicelib.core.errors import MalformedRequestError
from tests.builders import NOON, a_quarantine, a_ref


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])),
    st.integers(1, 10**6 - 1),
)
def test_a_place_comes_back_as_it_was(opened_at: datetime, number: int) -> None:
    place = Place(opened_at, a_ref().key, number)

    assert parse_cursor(place.as_cursor()) == place


def test_the_place_of_a_quarantine_is_where_its_list_is_ordered() -> None:
    assert Place.of(a_quarantine()) == Place(NOON, a_ref().key, 1)


@pytest.mark.parametrize("text", [None, ""])
def test_without_a_cursor_a_list_begins_at_its_start(text: str | None) -> None:
    assert parse_cursor(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "ä",
        "!" * 700,
        encoded([]),
        encoded({"a": 1}),
        encoded([NOON.isoformat(), "key", 0]),
        encoded([NOON.isoformat(), "key", True]),
        encoded([NOON.isoformat(), "key", 10**6]),
        encoded([NOON.isoformat(), "", 1]),
        encoded([NOON.isoformat(), "a key", 1]),
        encoded([NOON.isoformat(), 7, 1]),
        encoded(["yesterday", "key", 1]),
        encoded(["2026-03-01T12:00:00", "key", 1]),
        encoded([7, "key", 1]),
        base64.b64encode(b"[" * 300).decode(),
        base64.b64encode(f'["{NOON.isoformat()}", "key", 1]{" " * 600}'.encode()).decode(),
    ],
)
def test_what_cordon_did_not_make_is_refused(text: str) -> None:
    with pytest.raises(MalformedRequestError, match="cursor must be a next_cursor"):
        parse_cursor(text)


@given(st.text(max_size=80))
def test_whatever_a_caller_sends_is_read_or_refused(text: str) -> None:
    try:
        place = parse_cursor(text)
    except MalformedRequestError:
        return
    assert place is None or place.number > 0
