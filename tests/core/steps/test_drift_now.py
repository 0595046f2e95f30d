"""What the API shows as drift, by the state that the record is in."""

from __future__ import annotations

import pytest

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Original, State
from chalicelib.core.steps.drift import Drift, DriftKind, drift_now
from tests.builders import NOON, WEB, a_quarantine, an_instance, an_interface, groups_of

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


def test_the_interface_that_was_let_out_is_the_one_that_is_named_and_where_it_is() -> None:
    quarantine = a_quarantine(
        State.CONTAINED,
        originals=(
            Original("eni-0", "vpc-1", ("sg-web", "sg-ssh")),
            Original("eni-1", "vpc-1", ("sg-web",)),
        ),
    )
    cut, out = (
        an_interface("eni-1", groups=CUT),
        an_interface("eni-0", groups=("sg-web", "sg-ssh")),
    )

    assert drift_now(quarantine, an_instance(cut, out), GROUPS, EXISTING) == (
        Drift(DriftKind.NOT_CUT_OFF, "eni-0", "it is on sg-web, sg-ssh"),
    )


@pytest.mark.parametrize(
    ("groups", "said"), [(("sg-a", "sg-b"), "sg-a, sg-b"), ((), "unknown groups")]
)
def test_what_came_since_is_told_with_the_groups_that_it_brought(
    groups: tuple[str, ...], said: str
) -> None:
    came = Original("eni-0", "vpc-1", groups, since=NOON)
    instance = an_instance(an_interface("eni-0", groups=CUT))

    (drift,) = drift_now(
        a_quarantine(State.CONTAINED, originals=(came,)), instance, GROUPS, EXISTING
    )

    assert drift.detail.startswith(f"attached since, then on {said};")


def test_what_cannot_be_given_back_is_told_with_why() -> None:
    quarantine = a_quarantine(
        State.RELEASING,
        originals=(Original("eni-0", "vpc-1", ()), Original("eni-9", "vpc-1", ("sg-web",))),
    )
    instance = an_instance(an_interface("eni-0", groups=CUT))

    assert drift_now(quarantine, instance, GROUPS, EXISTING) == (
        Drift(DriftKind.ORIGINAL_UNKNOWN, "eni-0", "it was on Cordon's groups only"),
        Drift(DriftKind.INTERFACE_GONE, "eni-9", "no longer attached"),
    )


def test_an_interface_that_somebody_moved_is_named_once() -> None:
    assert kinds(State.CONTAINED, on("sg-other")) == [DriftKind.GROUPS_CHANGED]


def test_what_stands_in_the_way_of_a_release_is_shown_before_anybody_asks() -> None:
    assert kinds(State.CONTAINED, on(*CUT), frozenset({"sg-web"})) == [DriftKind.GROUP_DELETED]


@pytest.mark.parametrize("instance", [None, an_instance(state="terminated")], ids=["no", "gone"])
def test_of_an_instance_that_is_gone_nothing_else_is_said(instance: Instance | None) -> None:
    assert drift_now(a_quarantine(State.CONTAINED), instance, GROUPS, EXISTING) == (
        Drift(DriftKind.INSTANCE_GONE, WEB, "the instance is gone"),
    )


def test_of_a_quarantine_that_is_over_nothing_is_expected() -> None:
    assert kinds(State.RELEASED, on("sg-anything")) == []
