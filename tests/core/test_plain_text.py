from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.plain_text import one_line, subject_line

# st.text() leaves out surrogates, which JSON can hold.
HOSTILE = st.text(st.characters(exclude_categories=[]), max_size=300)
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(HOSTILE, st.integers(min_value=3, max_value=60))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(c) in UNPRINTABLE for c in line)


@given(HOSTILE, st.integers(min_value=3, max_value=60))
def test_a_clean_line_is_left_as_it_is(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("a plain line", "a plain line"),
        ("Größe, 大きさ, 🔥", "Größe, 大きさ, 🔥"),
        ("one\ntwo\r\nthree\ttabs", "one two three tabs"),
        ("  spaces   inside  ", "spaces inside"),
        ("\x1b[31mred\x07", "[31mred"),
        ("left\u202etfel\u202c", "left tfel"),
        ("\u2066hidden\u2069", "hidden"),
        ("zero\u200bwidth\ufeff", "zero width"),
        ("next\x85line\u2028para\u2029graph", "next line para graph"),
        ("half\ud800pair", "half pair"),
        ("private\ue000use", "private use"),
        ("nul\x00byte", "nul byte"),
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_what_moves_or_hides_text_becomes_a_space(text: str, line: str) -> None:
    assert one_line(text, 80) == line


@pytest.mark.parametrize(
    ("length", "line"),
    [(9, "x" * 9), (10, "x" * 10), (11, "x" * 7 + "..."), (10_000, "x" * 7 + "...")],
)
def test_a_text_over_the_limit_ends_in_three_dots(length: int, line: str) -> None:
    assert one_line("x" * length, 10) == line


@given(HOSTILE)
def test_a_subject_is_what_sns_takes(text: str) -> None:
    subject = subject_line(text)

    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject == subject.strip()


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("CONTAINED i-1: C&C", "CONTAINED i-1: C&C"),
        ("Größe", "Gr??e"),
        ("", "Cordon"),
        ("\n \u202e", "Cordon"),
        ("x" * 99, "x" * 99),
        ("x" * 100, "x" * 96 + "..."),
        ("a\r\nBcc: everybody", "a Bcc: everybody"),
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_a_subject_keeps_what_ascii_can_say(text: str, subject: str) -> None:
    assert subject_line(text) == subject
