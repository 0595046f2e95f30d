from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.threat_lists.guards import Guard, stopping
from tests.builders import PACKAGED
from tests.core.threat_lists.examples import a_whole


def guards(**changes: Any) -> list[Guard]:
    return [guard for guard, _ in stopping(a_whole(**changes), PACKAGED)]


def test_a_good_list_passes_every_guard() -> None:
    assert guards() == []
    assert guards(before=None) == []


@pytest.mark.parametrize(
    ("stopped", "guard", "passes"),
    [
        ({"unreadable": ("x cannot be read",)}, Guard.UNREADABLE, {"unreadable": ()}),
        ({"entries": 0, "before": None}, Guard.EMPTY, {"entries": 1, "before": None}),
        ({"entries": 49}, Guard.SHRUNK, {"entries": 50}),
        ({"entries": 201}, Guard.GROWN, {"entries": 200}),
        ({"entries": 104, "before": 3}, Guard.GROWN, {"entries": 103, "before": 3}),
        ({"entries": 19, "lasting": 40}, Guard.SHRUNK, {"entries": 20, "lasting": 40}),
        ({"emptied": ("sources/a",)}, Guard.SOURCE_EMPTIED, {"emptied": ()}),
        ({"was_not_activated": True}, Guard.NOT_ACTIVATED, {"was_not_activated": False}),
        ({"lists": 7}, Guard.OVER_QUOTA, {"lists": 6}),
        ({"lists": 1, "room": 0}, Guard.OVER_QUOTA, {"lists": 1, "room": 1}),
    ],
)
def test_a_guard_stops_a_list_and_lets_a_good_one_through(
    stopped: dict[str, Any], guard: Guard, passes: dict[str, Any]
) -> None:
    assert guards(**stopped) == [guard]
    assert guards(**passes) == []


def test_every_guard_that_stops_is_named_with_its_reason() -> None:
    found = dict(stopping(a_whole(entries=0, unreadable=("a", "b")), PACKAGED))

    assert found == {
        Guard.UNREADABLE: "a; b",
        Guard.EMPTY: "no usable entry is left",
        Guard.SHRUNK: "0 entries instead of 100: more than 50% would go",
    }


def test_a_first_list_may_be_of_any_length() -> None:
    assert guards(entries=5_000, before=None) == []


def test_a_list_that_expires_as_a_whole_goes_and_what_follows_it_may_be_of_any_length() -> None:
    assert guards(entries=0, lasting=0) == []
    assert guards(entries=0, lasting=1) == [Guard.EMPTY, Guard.SHRUNK]
    assert guards(entries=5_000, before=0, lasting=0) == []


def test_only_the_quota_yields_to_nobody() -> None:
    assert [guard for guard in Guard if not guard.yields] == [Guard.OVER_QUOTA]
