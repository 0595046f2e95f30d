from __future__ import annotations

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.page import Page

TEXT = """\
version = 1
# drain = false

  [ containment ]
drain = true
"stop" = true

[[rules]]
name = "one"
types = [
  "name",
]

[[rules]]
  name = "two"
name.more = 1
"""


@pytest.mark.parametrize(
    ("section", "key", "nth", "line"),
    [
        ("", "version", 0, 1),
        ("containment", "", 0, 4),
        ("containment", "drain", 0, 5),
        ("containment", "stop", 0, 6),
        ("rules", "", 0, 8),
        ("rules", "name", 0, 9),
        ("rules", "types", 0, 10),
        ("rules", "", 1, 14),
        ("rules", "name", 1, 15),
    ],
)
def test_a_name_is_found_on_its_line(section: str, key: str, nth: int, line: int) -> None:
    assert Page(TEXT).line(section, key, nth) == line


@pytest.mark.parametrize(("section", "key", "line"), [("containment", "name", 4), ("", "x", 16)])
def test_a_name_that_is_not_there_is_missed_at_its_section_or_the_end(
    section: str, key: str, line: int
) -> None:
    assert Page(TEXT).line(section, key) == line


@pytest.mark.parametrize(("section", "nth"), [("breaker", 0), ("rules", 2), ("contain", 0)])
def test_a_section_that_is_not_there_is_missed_at_the_end(section: str, nth: int) -> None:
    assert Page(TEXT).line(section, "drain", nth) == 16


def test_a_key_of_the_last_section_that_is_not_there_is_missed_at_its_head() -> None:
    assert Page(TEXT).line("rules", "why", 1) == 14


def test_an_empty_page_has_a_first_line() -> None:
    assert Page("").line("", "version") == 1


def test_a_key_is_not_taken_for_a_longer_one() -> None:
    assert Page("[a]\ndrain_all = 1\ndrain = 2\n").line("a", "drain") == 3


def test_a_name_with_odd_characters_is_looked_for_as_it_is() -> None:
    assert Page('[a]\nxb = 1\n".b" = 2\n').line("a", ".b") == 3


def test_known_names_pass() -> None:
    Page(TEXT).only({"drain": True}, {"drain", "stop"}, "containment")


def test_an_unknown_section_is_refused_at_its_head() -> None:
    page = Page(TEXT)
    page.only({"version": 1, "containment": {}}, {"version"}, "")

    with pytest.raises(PolicyError) as caught:
        page.refuse()

    assert (caught.value.line, str(caught.value)) == (
        4,
        "policy file, line 4: unknown name containment; known are version",
    )


def test_a_page_without_complaint_is_not_refused() -> None:
    Page(TEXT).refuse()


def test_a_section_is_taken_out_of_the_document() -> None:
    assert Page(TEXT).section({"containment": {"drain": 1}}, "containment", ["drain"]) == {
        "drain": 1
    }


def test_a_value_is_read() -> None:
    assert Page(TEXT).read("containment", "drain", "7", int) == 7


def test_a_value_that_cannot_be_read_is_refused_with_its_reason() -> None:
    def refuse(value: object) -> None:
        raise ValueError(f"must not be {value}")

    page = Page(TEXT)

    assert page.read("containment", "drain", True, refuse) is None  # noqa: FBT003 - a TOML value
    assert page.complaints == [(5, "drain must not be True")]


def test_a_complaint_is_one_line_that_nothing_can_hide_in() -> None:
    page = Page(TEXT)
    page.complain(1, "a\x1b[2J\nb" + "c" * 1000)

    assert page.complaints[0][1].startswith("a [2J bc")
    assert len(page.complaints[0][1]) == 500


def test_toml_is_parsed() -> None:
    assert Page("a = 1\n").parse() == {"a": 1}


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = !\n", 2), ("a = 1\n\nb = [", 3)])
def test_what_is_no_toml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(PolicyError) as caught:
        Page(text).parse()

    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\ufeffversion = 1\n", "byte order mark"),
        ("version = 1\n#" + "x" * 1_000_000, "longer than a million characters"),
    ],
)
def test_a_file_no_editor_should_have_saved_is_refused(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        Page(text).parse()
