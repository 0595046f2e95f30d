from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.events.operators import PatternError
from sandbox.events.pattern import check, matches

# Patterns and events as text, because 8, 8.0 and 8e0 are spellings of one number. The answers are
# those of AWS's open-source matcher, aws/event-ruler at 337e8d9.
VECTORS = json.loads(Path(__file__).with_name("pattern_vectors.json").read_text())

PLAIN = st.text("ab*\\.", max_size=4) | st.integers(-9, 9) | st.booleans() | st.none()
OBJECTS = st.lists(
    st.fixed_dictionaries({}, optional={"k": st.integers(0, 3), "v": st.integers(0, 3)}),
    max_size=4,
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['about']} {v['event'][:40]}")
def test_the_matcher_answers_as_the_one_of_aws(vector: dict[str, str]) -> None:
    try:
        answer = "match" if matches(vector["pattern"], vector["event"]) else "no match"
    except PatternError:
        answer = "invalid"

    assert answer == vector["expect"]


# What the rule compiler of aws/event-ruler refuses, beside the vectors.
@pytest.mark.parametrize(
    "wanted",
    [
        {"numeric": ["<", 5, ">", 1]},
        {"numeric": ["=", 5, "<", 6]},
        {"numeric": [">", 5, "<", 5]},
        {"numeric": [">"]},
        {"numeric": [["="], 5]},
        {"prefix": {}},
        {"prefix": 5},
        {"suffix": {"equals-ignore-case": 5}},
        {"suffix": {"exists": True}},
        {"equals-ignore-case": ["a", "b"]},
        {"wildcard": ["a*"]},
        {"wildcard": "a**"},
        {"wildcard": "a\\b"},
        {"cidr": 5},
        {"cidr": "10.0.0.0/99"},
        {"exists": "true"},
        {"anything-but": {}},
        {"anything-but": {"prefix": ""}},
        {"anything-but": {"exists": True}},
        {"anything-but": [True]},
        {},
        [1],
    ],
    ids=json.dumps,
)
def test_what_aws_refuses_is_refused_before_any_event(wanted: Any) -> None:
    with pytest.raises(PatternError):
        check({"detail": {"key": [wanted]}})


@pytest.mark.parametrize("pattern", ["{", "[]", '{"a": [NaN]}', '{"a": {"b": {}}}'])
def test_a_pattern_that_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        check(pattern)


@given(event=st.dictionaries(st.text("abc", min_size=1), PLAIN, min_size=1))
def test_an_event_matches_the_pattern_of_its_own_values(event: dict[str, Any]) -> None:
    pattern = {key: [value] for key, value in event.items()}

    assert matches(pattern, event)


@given(text=st.text("ab\n*", max_size=6), wanted=st.text("ab\n*", max_size=5))
def test_a_wildcard_means_what_a_regular_expression_says(text: str, wanted: str) -> None:
    if "**" in wanted:
        return
    expression = ".*".join(re.escape(part) for part in wanted.split("*"))
    expected = re.fullmatch(expression, text, re.DOTALL) is not None

    assert matches({"a": [{"wildcard": wanted}]}, {"a": text}) is expected


@given(objects=OBJECTS, key=st.integers(0, 3), value=st.integers(0, 3))
def test_two_conditions_on_an_array_hold_for_one_object(
    objects: list[dict[str, int]], key: int, value: int
) -> None:
    pattern = {"tags": {"k": [key], "v": [{"numeric": ["=", value]}]}}
    expected = {"k": key, "v": value} in objects

    assert matches(pattern, {"tags": objects}) is expected


@given(one=PLAIN, other=PLAIN, value=PLAIN)
def test_or_is_either_alternative(one: Any, other: Any, value: Any) -> None:
    event = {"a": value, "b": value}
    either: dict[str, Any] = {"$or": [{"a": [one]}, {"b": [other]}]}

    assert matches(either, event) is (
        matches({"a": [one]}, event) or matches({"b": [other]}, event)
    )


@given(event=st.dictionaries(st.sampled_from("ab"), PLAIN), text=st.text("ab", max_size=2))
def test_anything_but_is_what_exists_and_is_not_that(event: dict[str, Any], text: str) -> None:
    present = matches({"a": [{"exists": True}]}, event)

    assert present is not matches({"a": [{"exists": False}]}, event)
    assert matches({"a": [{"anything-but": text}]}, event) is (
        present and not matches({"a": [text]}, event)
    )
