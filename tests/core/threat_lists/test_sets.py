from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.publication import Publication
from chalicelib.core.threat_lists.sets import (
    Create,
    Delete,
    ListSet,
    Step,
    Update,
    failed,
    is_ours,
    plan,
    room,
)
from tests.core.threat_lists.examples import PLACE, a_publication, a_set


def planned(live: Publication | None, *ours: ListSet) -> list[Step]:
    return list(plan(live, ours, "dev", PLACE))


def test_nothing_is_done_where_all_is_as_it_should_be() -> None:
    assert planned(a_publication(), a_set()) == []
    assert planned(None) == []


def test_a_first_list_makes_a_set_for_each_part() -> None:
    assert planned(a_publication("lists/a.txt", "lists/b.txt")) == [
        Create("cordon-dev-threats-1", ListKind.ENTITY, f"{PLACE}lists/a.txt"),
        Create("cordon-dev-threats-2", ListKind.ENTITY, f"{PLACE}lists/b.txt"),
    ]


def test_a_set_that_reads_another_list_is_updated() -> None:
    old = a_set("lists/old.txt")

    assert planned(a_publication(), old) == [Update(old, f"{PLACE}lists/a.txt")]


@pytest.mark.parametrize("status", ["INACTIVE", "ERROR"])
def test_a_set_that_is_not_active_is_activated(status: str) -> None:
    off = a_set(status=status)

    assert planned(a_publication(), off) == [Update(off, f"{PLACE}lists/a.txt")]


def test_what_is_needed_no_more_is_taken_away_last() -> None:
    surplus, other_kind = a_set(number=2), a_set(kind=ListKind.IP, id="ip")
    twin = a_set(id="twin")

    assert planned(a_publication(), other_kind, a_set(), surplus, twin) == [
        Delete(other_kind),
        Delete(surplus),
        Delete(twin),
    ]
    assert planned(None, surplus) == [Delete(surplus)]


@given(
    st.lists(st.sampled_from(["lists/a.txt", "lists/b.txt", "lists/c.txt"]), max_size=4),
    st.lists(
        st.builds(
            lambda part, number, status, kind: a_set(
                part, number, status=status, kind=kind, id=f"{part}{number}{status}{kind}"
            ),
            st.sampled_from(["lists/a.txt", "lists/b.txt"]),
            st.integers(1, 4),
            st.sampled_from(["ACTIVE", "INACTIVE", "ERROR"]),
            st.sampled_from(ListKind),
        ),
        max_size=5,
        unique_by=lambda each: each.id,
    ),
)
def test_after_the_plan_there_is_nothing_left_to_do(parts: list[str], ours: list[ListSet]) -> None:
    live = a_publication(*parts) if parts else None
    sets = {each.id: each for each in ours}
    for step in planned(live, *ours):
        match step:
            case Create(name, kind, location):
                sets[name] = ListSet(name, name, kind, "ACTIVE", location)
            case Update(changed, location):
                sets[changed.id] = a_set(
                    id=changed.id, name=changed.name, kind=changed.kind, location=location
                )
            case Delete(gone):
                del sets[gone.id]

    assert planned(live, *sets.values()) == []
    assert sorted(each.location for each in sets.values()) == sorted(PLACE + part for part in parts)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("cordon-dev-threats-1", True),
        ("cordon-dev-threats-12", True),
        ("cordon-dev-threats-0", False),
        ("cordon-dev-threats-", False),
        ("cordon-dev-threats-1 ", False),
        ("cordon-dev-x-threats-1", False),
        ("cordon-prod-threats-1", False),
        ("corporate", False),
    ],
)
def test_a_set_is_ours_by_its_whole_name(name: str, ours: bool) -> None:  # noqa: FBT001
    assert is_ours(name, "dev") is ours


def test_a_set_failed_with_the_list_that_is_live() -> None:
    bad = a_set(status="ERROR")

    assert failed(a_publication(), [bad, a_set(number=2)], PLACE) == (bad,)
    assert failed(a_publication("lists/new.txt"), [bad], PLACE) == ()
    assert failed(a_publication(kind=ListKind.IP), [bad], PLACE) == ()


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("ACTIVATING", True),
        ("DEACTIVATING", True),
        ("DELETE_PENDING", True),
        ("ACTIVE", False),
        ("ERROR", False),
    ],
)
def test_a_set_on_its_way_is_moving(status: str, moves: bool) -> None:  # noqa: FBT001
    assert a_set(status=status).is_moving is moves


def test_others_take_room_of_the_same_kind() -> None:
    everyones = [a_set(), a_set(name="theirs"), a_set(name="theirs", kind=ListKind.IP)]

    assert room(everyones, ListKind.ENTITY, "dev", 6) == 5
    assert room(everyones * 9, ListKind.ENTITY, "dev", 6) == 0
