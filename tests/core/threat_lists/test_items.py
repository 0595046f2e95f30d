"""A document is looked at a little at a time; what is found is what a whole look finds."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.threat_lists import items as module
from chalicelib.core.threat_lists.items import Item, items

TEXTS = st.text('ab"\\,:[]{} \n\u00e9\u20ac', max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 10**6) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
ARRAY = ["[", {"a": 1}, "]", {"b": [2, {"c": "},"}]}, '",']


def found(body: bytes | str) -> list[Item]:
    encoded = body if isinstance(body, bytes) else body.encode()
    return list(chain.from_iterable(items(encoded)))


def under(name: str, *values: Any) -> list[Item]:
    return [(name, value) for value in values]


@given(
    document=st.lists(VALUES, max_size=6) | st.dictionaries(TEXTS, VALUES, max_size=6),
    ascii_only=st.booleans(),
    indent=st.sampled_from((None, 1)),
    bytes_at_once=st.integers(1, 20),
)
def test_what_is_read_in_small_pieces_is_what_is_read_at_once(
    document: Any,
    ascii_only: bool,  # noqa: FBT001
    indent: int | None,
    bytes_at_once: int,
) -> None:
    body = json.dumps([document], ensure_ascii=ascii_only, indent=indent).encode()
    wrapped = json.dumps({"a": document, "b": [1]}, ensure_ascii=ascii_only, indent=indent)
    whole = found(wrapped)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_WINDOW", bytes_at_once)
        patched.setattr(module, "_PIECE", bytes_at_once * 2)
        patched.setattr(module, "_FEW", 2)

        assert found(body) == under("", document)
        assert found(wrapped) == whole
        assert found(b" \n" + body + b"\r\t") == under("", document)


def test_of_two_members_with_one_name_both_are_seen() -> None:
    body = '{"a": [{"b": 1, "b": 2}], "c": ["x"], "a": [3], "d": []}'

    assert found(body) == [("a", {"b": 2}), ("c", "x"), ("a", 3)]


def test_a_name_may_be_escaped() -> None:
    assert found(r'{"\u0061\"": [1]}') == [('a"', 1)]


@pytest.mark.parametrize("document", [ARRAY, {"a": ARRAY, "b": {"c": {"d": ARRAY}}}])
def test_a_document_that_is_cut_anywhere_is_broken(document: Any) -> None:
    body = json.dumps(document)

    for end in range(1, len(body)):
        with pytest.raises(ValueError, match="JSON"):
            found(body[:end])


@pytest.mark.parametrize(
    "body",
    [
        "[1,]",
        "[1 2]",
        "[1}",
        '{"a": [1],}',
        '{"a": [1] "b": [2]}',
        '{"a" [1]}',
        "{[1]}",
        '{"a": [1]]',
    ],
)
def test_a_document_with_a_wrong_mark_is_broken(body: str) -> None:
    with pytest.raises(ValueError, match="broken JSON"):
        found(body)


MANY = [f"45.1.2.{n}" for n in range(250)]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `MANY` be more than is looked at as a whole."""
    for limit, characters in (("_WINDOW", 256), ("_MEMBER", 256), ("_LARGEST", 2_048)):
        monkeypatch.setattr(module, limit, characters)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"data": {"more": {"items": MANY}, "next": None}, "n": [1]},
            [*under("items", *MANY), ("n", 1)],
        ),
        ({"data": {"a": {"b": {"c": {"d": MANY}}}}}, under("d", *MANY)),
        ({"flat": dict.fromkeys(MANY, 1), "n": [1]}, under("n", 1)),
        ([{"Event": {"Attribute": MANY}}, 1], [*under("Attribute", *MANY), ("", 1)]),
    ],
    ids=["wrapped", "deep", "flat", "event"],
)
def test_what_is_large_is_looked_into(document: Any, expected: list[Item]) -> None:
    assert found(json.dumps(document)) == expected


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    "document",
    [
        {"data": {"a": {"b": {"c": {"d": {"e": MANY}}}}}},
        {"a": ["x"], "text": "y" * 600},
        [{"ips": MANY, "allowed": True}],  # what it says of its list could be missed
    ],
    ids=["too deep", "a text", "an item"],
)
def test_what_is_too_large_to_be_looked_at_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="too large"):
        found(json.dumps(document))
