"""Threat intel sets and threat entity sets, in process and served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.guardduty.models import guardduty_backends
from moto.moto_api import state_manager
from moto.s3.models import s3_backends

from sandbox.faithful.guardduty_lists import MODEL, SETS
from tests.sandbox.estate import ACCOUNT, REGION
from tests.sandbox.guard import Guard, Sets, refused


@pytest.fixture(params=["Intel", "Entity"])
def sets(request: pytest.FixtureRequest, guard: Guard) -> Sets:
    return Sets(guard, request.param)


@pytest.fixture
def slowly() -> Iterator[None]:
    """Let a status move on at the third look."""
    state_manager.set_transition(MODEL, {"progression": "manual", "times": 3})
    yield
    state_manager.unset_transition(MODEL)


def entries(guard: Guard, set_id: str) -> list[str]:
    detector: Any = guardduty_backends[ACCOUNT][REGION].get_detector(guard.detector)
    everything = vars(detector)["_intel_sets"] | vars(detector).get("_entity_sets", {})
    return list(everything[set_id].entries)


def test_a_set_is_active_when_it_is_looked_at(sets: Sets) -> None:
    made = sets.create(Tags={"by": "cordon"})

    found = sets.get(made)

    assert (found["Name"], found["Format"], found["Status"]) == ("bad ones", "TXT", "ACTIVE")
    assert found["Location"] == "s3://lists/bad ones.txt"
    assert found["Tags"] == {"by": "cordon"}
    assert sets.ids() == [made]


@pytest.mark.usefixtures("slowly")
def test_a_set_takes_its_time_to_become_active(sets: Sets) -> None:
    made = sets.create()

    assert [sets.status(made) for _ in range(3)] == ["ACTIVATING", "ACTIVATING", "ACTIVE"]


@pytest.mark.usefixtures("slowly")
def test_a_set_that_is_activating_is_left_alone(sets: Sets) -> None:
    made = sets.create()

    with refused():
        sets.update(made, Name="other")
    with refused():
        sets.delete(made)


def test_a_set_that_is_not_activated_is_inactive(sets: Sets) -> None:
    made = sets.create(Activate=False)

    assert sets.status(made) == "INACTIVE"


def test_a_set_is_deactivated(sets: Sets) -> None:
    made = sets.create()
    sets.get(made)

    sets.update(made, Activate=False)

    assert sets.status(made) == "INACTIVE"


def test_a_set_takes_another_name_and_place(sets: Sets, guard: Guard) -> None:
    made = sets.create()
    sets.get(made)
    guard.write(b"192.0.2.9\n", key="others.txt")

    sets.update(made, Name="others", Location="s3://lists/others.txt", Activate=True)

    found = sets.get(made)
    assert (found["Name"], found["Location"]) == ("others", "s3://lists/others.txt")


@pytest.mark.parametrize(
    "location",
    [
        "s3://lists/bad ones.txt",
        "https://s3.amazonaws.com/lists/bad%20ones.txt",
        "https://s3.us-east-1.amazonaws.com/lists/bad%20ones.txt",
        "https://lists.s3.us-east-1.amazonaws.com/bad%20ones.txt",
    ],
)
def test_a_place_has_many_spellings(sets: Sets, location: str) -> None:
    assert sets.status(sets.create(Location=location)) == "ACTIVE"


def test_what_a_list_holds_later_counts_after_the_next_activation(guard: Guard) -> None:
    sets = Sets(guard, "Intel")
    made = sets.create()
    sets.get(made)

    guard.write(b"192.0.2.9\n")
    assert entries(guard, made) == ["198.51.100.0/24", "203.0.113.7"]

    sets.update(made, Activate=True)
    assert entries(guard, made) == ["192.0.2.9"]


@pytest.mark.parametrize(
    ("key", "body"), [("nothing.txt", None), ("empty.txt", b" \n")], ids=["missing", "empty"]
)
def test_a_list_that_cannot_be_read_is_an_error(
    sets: Sets, guard: Guard, key: str, body: bytes | None
) -> None:
    if body is not None:
        guard.write(body, key=key)

    found = sets.get(sets.create(Location=f"s3://lists/{key}"))

    assert found["Status"] == "ERROR"
    assert ("ErrorDetails" in found) == ("UpdatedAt" in found)  # both are of entity sets only


def test_a_deleted_list_is_an_error(sets: Sets, guard: Guard) -> None:
    guard.s3.put_bucket_versioning(Bucket="lists", VersioningConfiguration={"Status": "Enabled"})
    guard.s3.delete_object(Bucket="lists", Key="bad ones.txt")

    assert sets.status(sets.create()) == "ERROR"


def test_a_bucket_of_another_account_than_expected_is_an_error(sets: Sets) -> None:
    assert sets.status(sets.create(ExpectedBucketOwner="210987654321")) == "ERROR"
    assert sets.status(sets.create("ours", ExpectedBucketOwner=ACCOUNT)) == "ACTIVE"


@pytest.mark.parametrize(("kind", "status"), [("Intel", "ACTIVE"), ("Entity", "ERROR")])
def test_an_entity_set_needs_a_bucket_of_its_own_account(
    guard: Guard, kind: str, status: str
) -> None:
    elsewhere = s3_backends["210987654321"]["aws"]
    elsewhere.create_bucket("theirs", REGION)
    elsewhere.put_object("theirs", "list.txt", b"192.0.2.9\n")

    made = Sets(guard, kind).create(Location="s3://theirs/list.txt")

    assert Sets(guard, kind).status(made) == status


def test_an_error_is_mended_by_the_next_activation(sets: Sets, guard: Guard) -> None:
    made = sets.create(Location="s3://lists/late.txt")
    assert sets.status(made) == "ERROR"
    guard.write(b"192.0.2.9\n", key="late.txt")

    sets.update(made, Activate=True)

    assert sets.status(made) == "ACTIVE"


def test_a_deleted_set_is_gone(sets: Sets) -> None:
    made = sets.create()
    sets.get(made)

    sets.delete(made)

    assert sets.ids() == []
    with refused():
        sets.get(made)


def test_one_set_too_many_is_refused(sets: Sets) -> None:
    for number in range(SETS):
        sets.create(f"list {number}")

    with refused():
        sets.create("one more")
    assert len(sets.ids()) == SETS


def test_a_repeated_token_makes_one_set(sets: Sets) -> None:
    first, second = (sets.create(ClientToken="same") for _ in range(2))

    assert first == second
    assert sets.ids() == [first]


def test_sets_come_in_pages(sets: Sets) -> None:
    made = [sets.create(f"list {number}") for number in range(3)]

    first = sets.page(MaxResults=2)

    assert sets.ids(MaxResults=2) == made[:2]
    assert sets.ids(MaxResults=2, NextToken=first["NextToken"]) == made[2:]
    assert "NextToken" not in sets.page(NextToken=first["NextToken"])


@pytest.mark.parametrize(
    "wrong",
    [{"Format": "PDF"}, {"Location": "lists/bad.txt"}, {"Location": "s3://lists/" + "x" * 300}],
    ids=["format", "place", "length"],
)
def test_what_makes_no_sense_is_refused(sets: Sets, wrong: dict[str, Any]) -> None:
    with refused():
        sets.create(**wrong)
    assert sets.ids() == []


def test_an_unknown_detector_is_refused(guard: Guard) -> None:
    sets = Sets(guard, "Entity")
    guard.detector = "0" * 32

    with refused():
        sets.create()
