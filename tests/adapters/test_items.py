from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamodb import control_items, items, records
from chalicelib.core.errors import UnreadableRecordError
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
from chalicelib.core.quarantine.rounds import Rounds
from chalicelib.core.quarantine.times import Times
from tests.builders import MINUTE, NOON, a_quarantine, a_sighting

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
        st.builds(
            Original,
            TEXTS,
            TEXTS,
            st.lists(TEXTS, max_size=5).map(tuple),
            st.none() | MOMENTS,
        ),
        max_size=4,
    ).map(tuple),
    steps=st.fixed_dictionaries(dict.fromkeys(StepName, STEPS)),
    released_at=st.none() | MOMENTS,
    workers=st.dictionaries(TEXTS, MOMENTS, max_size=3),
    times=st.builds(Times, *[st.none() | MOMENTS] * 4),
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
    item = through_dynamodb(records.from_quarantine(quarantine))

    assert records.to_quarantine(item) == quarantine


@given(SIGHTINGS)
def test_a_sighting_comes_back_as_it_was(sighting: Sighting) -> None:
    item = through_dynamodb(items.from_sighting("key", sighting))

    assert list(items.to_sightings([item])) == [sighting]


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
    assert items.to_breaker({}).count == 0


def test_a_breaker_of_an_older_version_counts_on() -> None:
    older = {"since": NOON.isoformat(), "count": 3}

    assert items.to_breaker(older).opened == (NOON,) * 3


def test_a_record_of_the_first_version_is_read() -> None:
    """As version 1 wrote it: without a schema, and without what came later."""
    step = {"status": "done", "detail": ""}
    first = {
        "pk": "about#111122223333/eu-west-1/i-0a1b2c3d4e5f60718",
        "sk": "quarantine#000001",
        "kind": "quarantine",
        "instance_id": "i-0a1b2c3d4e5f60718",
        "account_id": "111122223333",
        "region": "eu-west-1",
        "number": Decimal(1),
        "state": "CONTAINED",
        "version": Decimal(4),
        "opened_at": "2026-03-01T12:00:00+00:00",
        "opened_by": "guardduty",
        "reason": "It talks to a server.",
        "finding_id": "f-1",
        "finding_type": "Backdoor:EC2/C&CActivity.B",
        "severity": a_quarantine().severity.value,
        "originals": [{"interface_id": "eni-1", "vpc_id": "vpc-1", "group_ids": ["sg-web"]}],
        "steps": dict.fromkeys(("cut", "drain", "announce", "evidence"), step),
        "release": None,
        "released_at": None,
        "workers": {},
    }

    quarantine = records.to_quarantine(first)

    assert quarantine.state is State.CONTAINED
    assert quarantine.originals == (Original("eni-1", "vpc-1", ("sg-web",)),)
    assert quarantine.step(StepName.STOP).status is StepStatus.SKIPPED
    assert quarantine.unknown == {}


LATER = [
    ("tier", "gold"),
    ("steps", {"teleport": {"status": "done", "before": {"group": "web"}}}),
    ("steps", {"stop": {"status": "frozen", "detail": "of a later version"}}),
]


@pytest.mark.parametrize(("name", "value"), LATER, ids=["attribute", "step", "status"])
def test_what_a_later_version_wrote_is_carried_along(name: str, value: Any) -> None:
    item = records.from_quarantine(a_quarantine(State.CONTAINED))
    item = {**item, name: {**item["steps"], **value} if name == "steps" else value}

    again = records.from_quarantine(records.to_quarantine(item).next())

    assert again == {**item, "version": item["version"] + 1}


BROKEN = [{"state": "FROZEN"}, {"originals": None}, {"version": "x"}, {"workers": {"w": "soon"}}]


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: next(iter(change)))
def test_a_record_that_is_none_is_named(change: dict[str, Any]) -> None:
    item = {**records.from_quarantine(a_quarantine()), **change}

    with pytest.raises(UnreadableRecordError, match=r"about#.* quarantine#000001 cannot be read"):
        records.to_quarantine(item)


def test_a_sighting_that_cannot_be_read_counts_as_none() -> None:
    odd = {**items.from_sighting("key", a_sighting()), "response": "later"}

    assert list(items.to_sightings([odd, items.from_sighting("key", a_sighting())])) == [
        a_sighting()
    ]


def test_what_the_watcher_remembers_comes_back_as_it_was() -> None:
    rounds = Rounds(
        "last",
        (("key", NOON),),
        "111122223333",
        {"deny group of vpc-1": "no room"},
        {"a#1": "CONTAINED"},
    )

    item = through_dynamodb(control_items.from_rounds(rounds))

    assert control_items.to_rounds(item) == rounds
    assert control_items.to_rounds({**item, "failing": [["key"]]}) == Rounds()
