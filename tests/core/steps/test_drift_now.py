"""What the API shows as drift, by the state that the record is in."""

from __future__ import annotations

import pytest

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import State
from chalicelib.core.steps.drift import DriftKind, drift_now
from tests.builders import a_quarantine, an_instance, an_interface, groups_of

GROUPS = groups_of("vpc-1")
EXISTING = frozenset({"sg-web", "sg-ssh"})
CUT = ("sg-deny-vpc-1",)


def kinds(
    state: State, instance: Instance | None, existing: frozenset[str] = EXISTING
) -> list[str]:
    return [each.kind for each in drift_now(a_quarantine(state), instance, GROUPS, existing)]


def on(*groups: str) -> Instance:
    return an_instance(an_interface(groups=groups))


def test_a_contained_instance_on_the_deny_group_has_not_drifted() -> None:
    assert kinds(State.CONTAINED, on(*CUT)) == []


def test_original_groups_are_drift_while_contained_and_none_on_the_way_out() -> None:
    assert kinds(State.CONTAINED, on("sg-web", "sg-ssh")) == [DriftKind.NOT_CUT_OFF]
    assert kinds(State.RELEASING, on("sg-web", "sg-ssh")) == []


def test_an_interface_that_somebody_moved_is_named_once() -> None:
    assert kinds(State.CONTAINED, on("sg-other")) == [DriftKind.GROUPS_CHANGED]


def test_what_stands_in_the_way_of_a_release_is_shown_before_anybody_asks() -> None:
    assert kinds(State.CONTAINED, on(*CUT), frozenset({"sg-web"})) == [DriftKind.GROUP_DELETED]


@pytest.mark.parametrize("instance", [None, an_instance(state="terminated")], ids=["no", "gone"])
def test_of_an_instance_that_is_gone_nothing_else_is_said(instance: Instance | None) -> None:
    assert kinds(State.CONTAINED, instance) == [DriftKind.INSTANCE_GONE]


def test_of_a_quarantine_that_is_over_nothing_is_expected() -> None:
    assert kinds(State.RELEASED, on("sg-anything")) == []
