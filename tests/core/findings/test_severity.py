from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.severity import Band, parse_score

SCORES = st.floats(min_value=0.0, max_value=10.0)


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.0, Band.LOW),
        (0.1, Band.LOW),
        (1.0, Band.LOW),
        (3.9, Band.LOW),
        (3.95, Band.LOW),
        (4.0, Band.MEDIUM),
        (6.9, Band.MEDIUM),
        (6.95, Band.MEDIUM),
        (7.0, Band.HIGH),
        (8.9, Band.HIGH),
        (8.95, Band.HIGH),
        (9.0, Band.CRITICAL),
        (10.0, Band.CRITICAL),
    ],
)
def test_a_score_is_in_its_band(score: float, band: Band) -> None:
    assert Band.of(score) is band


@given(SCORES)
def test_no_score_falls_between_two_bands(score: float) -> None:
    band = Band.of(score)

    stronger = list(Band)[list(Band).index(band) + 1 :]
    assert band.floor <= score
    assert all(score < other.floor for other in stronger)


@given(SCORES, SCORES)
def test_a_higher_score_is_never_in_a_weaker_band(one: float, other: float) -> None:
    weaker, stronger = sorted((one, other))

    assert Band.of(weaker).floor <= Band.of(stronger).floor


def test_bands_are_named_as_people_read_them() -> None:
    assert [str(band) for band in Band] == ["Low", "Medium", "High", "Critical"]


@given(SCORES)
def test_a_score_on_the_scale_is_read_as_it_is(score: float) -> None:
    assert parse_score(score) == score
    assert parse_score(repr(score)) == score


@pytest.mark.parametrize(
    ("value", "score"), [(8, 8.0), (0, 0.0), (10, 10.0), ("8", 8.0), ("5.3", 5.3)]
)
def test_whole_numbers_and_numbers_in_strings_are_read(value: object, score: float) -> None:
    read = parse_score(value)

    assert read == score
    assert isinstance(read, float)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        "HIGH",
        "8,0",
        [],
        [8],
        {},
        {"value": 8},
        b"8",
        8j,
        Decimal(8),
    ],
    ids=repr,
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"not a number|could not convert"):
        parse_score(value)


@pytest.mark.parametrize(
    "value",
    [
        -1,
        -0.1,
        11,
        10.1,
        1e300,
        10**400,
        -(10**400),
        math.nan,
        math.inf,
        -math.inf,
        "nan",
        "inf",
        "1e999",
        "-1",
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_is_off_the_scale_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not on the scale"):
        parse_score(value)
