from __future__ import annotations

from datetime import UTC

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb import items
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.dossier import Sighting
from chalicelib.core.quarantine.record import (
    Line,
    Original,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
)
from tests.builders import MINUTE, NOON, a_quarantine

MOMENTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(max_size=20)
STEPS = st.builds(Step, st.sampled_from(StepStatus), TEXTS)

QUARANTINES = st.builds(
    Quarantine,
    ref=st.builds(InstanceRef, TEXTS, TEXTS, TEXTS),
    number=st.integers(1, 999_999),
    state=st.sampled_from(State),
    version=st.integers(1, 10**6),
    opened_at=MOMENTS,
    opened_by=TEXTS,
    reason=TEXTS,
    finding_id=st.none() | TEXTS,
    finding_type=st.none() | TEXTS,
    originals=st.lists(
        st.builds(Original, TEXTS, TEXTS, st.lists(TEXTS, max_size=5).map(tuple)), max_size=4
    ).map(tuple),
    steps=st.fixed_dictionaries(dict.fromkeys(StepName, STEPS)),
    released_at=st.none() | MOMENTS,
    workers=st.dictionaries(TEXTS, MOMENTS, max_size=3),
)

SIGHTINGS = st.builds(
    Sighting,
    TEXTS,
    TEXTS,
    st.sampled_from(Response),
    st.datetimes(max_value=NOON.replace(tzinfo=None, year=9000), timezones=st.just(UTC)),
    TEXTS,
    TEXTS,
)


def through_dynamodb(item: items.Item) -> items.Item:
    typed = {key: TypeSerializer().serialize(value) for key, value in item.items()}
    return {key: TypeDeserializer().deserialize(value) for key, value in typed.items()}


@given(QUARANTINES)
def test_a_quarantine_comes_back_as_it_was(quarantine: Quarantine) -> None:
    item = through_dynamodb(items.from_quarantine(quarantine))

    assert items.to_quarantine(item) == quarantine


@given(SIGHTINGS)
def test_a_sighting_comes_back_as_it_was(sighting: Sighting) -> None:
    item = through_dynamodb(items.from_sighting("key", sighting))

    assert items.to_sighting(item) == sighting


def test_quarantines_of_one_instance_sort_by_number() -> None:
    keys = [items.quarantine_key(a_quarantine(number=n))["sk"] for n in (2, 10, 100_000)]

    assert keys == sorted(keys)


def test_timelines_of_two_quarantines_are_apart() -> None:
    assert items.timeline(a_quarantine(number=1)) != items.timeline(a_quarantine(number=2))


def test_a_line_is_named_by_what_it_says_and_not_by_when() -> None:
    line = Line(NOON, "guardduty", "finding", {"a": 1, "b": 2})
    later = Line(NOON + MINUTE, "guardduty", "finding", {"b": 2, "a": 1})
    other = Line(NOON, "guardduty", "finding", {"a": 1, "b": 3})

    name, again, different = (
        items.from_line(a_quarantine(), each)["sk"] for each in (line, later, other)
    )

    assert name == again != different


def test_an_account_that_never_counted_has_a_breaker_that_is_closed() -> None:
    assert items.to_breaker({}).since is None
