from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.notices.channels.lines import fitted, tame
from chalicelib.core.notices.fit import CUT

TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)
SECTIONS = st.lists(st.tuples(TEXT, st.lists(TEXT, max_size=6).map(tuple)), max_size=30)


@given(SECTIONS, st.integers(min_value=40, max_value=2_000), st.integers(0, 9))
def test_sections_take_no_more_than_they_may(
    sections: list[tuple[str, tuple[str, ...]]], most: int, frame: int
) -> None:
    def size(text: str) -> int:
        return len(text) + frame

    fits = fitted(sections, most, size)

    assert sum(size(h) + sum(map(size, lines)) for h, lines in fits) <= most


@given(SECTIONS)
def test_what_fits_is_all_there(sections: list[tuple[str, tuple[str, ...]]]) -> None:
    some = sections[:20]
    fits = fitted(some, 1_000_000)

    shown = [line for _, lines in fits for line in lines]
    assert shown == [tame(line) for _, lines in some for line in lines if tame(line)]


def test_a_section_without_lines_is_left_out() -> None:
    assert fitted([("empty", ()), ("blank", ("\n",)), ("full", ("x",))], 100) == (("full", ("x",)),)


def test_a_long_list_gives_way_before_what_stands_after_it() -> None:
    steps = ("What was done", ("The step stop: FAILED", *(f"eni-{n}" for n in range(500))))
    call = ("To give it back", ("cordon release i-1",))

    (_, lines), last = fitted([steps, call], 200)

    assert lines[0] == "The step stop: FAILED"
    assert lines[-1] == f"and {502 - len(lines)} more"
    assert len(lines) > 10
    assert last == call


def test_what_does_not_fit_even_then_leaves_a_mark() -> None:
    sections = [(f"A{n}", ("x" * 20,)) for n in range(9)]

    *some, last = fitted(sections, 80)

    assert some == sections[:3]
    assert last == ("", (CUT,))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://a.example", "https[:]//a.example"),
        ("WWW.a.example", "WWW[.]a.example"),
        ("10:30, a/b//c", "10:30, a/b//c"),
        ("s3://lists/a.json", "s3://lists/a.json"),
        ("as3://a.example", "as3[:]//a.example"),
        ("POST /quarantines/i-1?a=b&c=d", "POST /quarantines/i-1?a=b&c=d"),
    ],
)
def test_an_address_cannot_be_clicked_on(text: str, line: str) -> None:
    assert tame(text) == line
