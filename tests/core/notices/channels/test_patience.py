from __future__ import annotations

import pytest

from chalicelib.core.notices.channels.patience import seconds_of, wait_of
from chalicelib.core.notices.channels.post import Answer
from tests.builders import NOON

ID = "0f" * 32


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("9" * 400, 999_999_999),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90),
        ("Sun, 01 Mar 2026 12:01:30", 90),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("7.5", None),
        ("\u0667", None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
    ],
)
def test_a_receiver_says_when_to_come_back_in_seconds_or_as_a_date(
    said: str, seconds: float | None
) -> None:
    assert seconds_of(said, NOON) == seconds


@pytest.mark.parametrize(
    ("status", "waits"), [(429, True), (503, True), (500, False), (400, False)]
)
def test_only_who_asks_for_it_is_waited_for(status: int, waits: object) -> None:
    wait = wait_of(Answer(status, b"", "5"), NOON, ID, 0)

    assert (wait is not None) is waits
    assert wait is None or 5 <= wait <= 6


def test_who_does_not_say_how_long_is_waited_for_if_asked_too_often() -> None:
    assert wait_of(Answer(503, b""), NOON, ID, 0) is None
    waits = [wait_of(Answer(429, b""), NOON, "f" * 64, nth) for nth in range(7)]

    assert waits == [1, 2, 4, 8, 16, 20, 20]


def test_each_notice_waits_for_a_time_of_its_own() -> None:
    said = Answer(429, b"", "1")

    waits = {wait_of(said, NOON, f"{nth * 997:04x}" * 16, 4) for nth in range(50)}

    assert len(waits) == 50
