"""What boto3 makes of values, without importing it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb.attribute_values import plain, typed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=9), VALUES, max_size=6))
def test_an_item_is_written_and_read_as_boto3_does(item: dict[str, Any]) -> None:
    wire = {key: TypeSerializer().serialize(value) for key, value in item.items()}

    assert typed(item) == wire
    assert plain(wire) == {key: TypeDeserializer().deserialize(each) for key, each in wire.items()}
    assert plain(typed(item)) == item


@pytest.mark.parametrize(
    "value", [{"SS": ["a", "b"]}, {"NS": ["1", "2.5"]}, {"B": b"x"}, {"BS": [b"x"]}, {"N": "1.5"}]
)
def test_what_a_person_may_have_written_by_hand_is_read(value: Any) -> None:
    read = plain({"it": value})["it"]

    assert read == TypeDeserializer().deserialize(value)


@given(st.integers(-(10**30), 10**30), st.integers(0, 3))
def test_a_number_that_another_version_wrote_is_carried_along(number: int, places: int) -> None:
    value = Decimal(number).scaleb(-places)

    (read,) = plain(typed({"it": value})).values()

    assert read == value
    assert isinstance(read, int) is (value == value.to_integral_value())


@pytest.mark.parametrize("value", [1.5, {1}, b"x", object()])
def test_what_cordon_never_stores_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="DynamoDB is given no"):
        typed({"it": value})
