from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.notices.channels.lines import fitted, tame
from chalicelib.core.notices.notice import CUT

TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)
SECTIONS = st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=6).map(tuple)), max_size=30)


@given(SECTIONS, st.integers(min_value=40, max_value=2_000))
def test_sections_take_no_more_than_they_may(
    sections: list[tuple[str, tuple[str, ...]]], most: int
) -> None:
    taken = sum(len(h) + sum(map(len, lines)) for h, lines in fitted(sections, most))

    assert taken <= most + len(CUT)


@given(SECTIONS)
def test_what_fits_is_all_there(sections: list[tuple[str, tuple[str, ...]]]) -> None:
    some = sections[:20]
    fits = fitted(some, 1_000_000)

    shown = [line for _, lines in fits for line in lines]
    assert shown == [tame(line) for _, lines in some for line in lines if tame(line)]


def test_a_section_without_lines_is_left_out() -> None:
    assert fitted([("empty", ()), ("blank", ("\n",)), ("full", ("x",))], 100) == (("full", ("x",)),)


def test_what_does_not_fit_leaves_a_mark() -> None:
    sections = [("A", ("x" * 20, "y" * 20)), ("B", ("z",))]

    assert fitted(sections, 40) == (("A", ("x" * 20, CUT)),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://a.example", "https[:]//a.example"),
        ("WWW.a.example", "WWW[.]a.example"),
        ("10:30, a/b//c", "10:30, a/b//c"),
        ("POST /quarantines/i-1?a=b&c=d", "POST /quarantines/i-1?a=b&c=d"),
    ],
)
def test_an_address_cannot_be_clicked_on(text: str, line: str) -> None:
    assert tame(text) == line
