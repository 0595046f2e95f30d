from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.instance import Instance
from chalicelib.core.quarantine.record import Original, Quarantine
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.drift import Drift, DriftKind, find_drift, referred_groups
from chalicelib.core.steps.network import SetGroups
from chalicelib.core.steps.recovery import left_to_release, plan_release
from tests.builders import WEB, a_quarantine, an_instance, an_interface, groups_of

GROUPS = groups_of("vpc-1")
EXISTING = frozenset({"sg-web", "sg-ssh"})
CUT = ("sg-deny-vpc-1",)


def quarantined(*originals: tuple[str, ...]) -> Quarantine:
    """Return a quarantine of eni-1, eni-2, ... that had these groups."""
    return a_quarantine(
        originals=tuple(Original(f"eni-{n}", "vpc-1", each) for n, each in enumerate(originals, 1))
    )


def now_on(*groups: tuple[str, ...], **more: Any) -> Instance:
    """Return an instance whose eni-1, eni-2, ... carry these groups now."""
    return an_instance(
        *(an_interface(f"eni-{n}", groups=each, **more) for n, each in enumerate(groups, 1))
    )


def drifts(quarantine: Quarantine, instance: Instance | None) -> list[tuple[DriftKind, str]]:
    found = find_drift(quarantine, instance, GROUPS, EXISTING)
    return [(drift.kind, drift.subject) for drift in found]


@pytest.mark.parametrize(
    "now",
    [CUT, ("sg-drain-vpc-1",), ("sg-web", "sg-ssh")],
    ids=["where Cordon put it", "where a crash left it", "given back already"],
)
def test_what_cordon_did_is_no_drift(now: tuple[str, ...]) -> None:
    assert drifts(quarantined(("sg-web", "sg-ssh")), now_on(now)) == []


@pytest.mark.parametrize("instance", [None, an_instance(state="terminated")], ids=["no", "gone"])
def test_an_instance_that_is_gone_is_the_only_drift(instance: Instance | None) -> None:
    quarantine = quarantined(("sg-deleted",))

    assert drifts(quarantine, instance) == [(DriftKind.INSTANCE_GONE, WEB)]


@pytest.mark.parametrize("now", [("sg-other",), ("sg-deny-vpc-1", "sg-other"), ("sg-web",)])
def test_an_interface_that_somebody_moved_is_drift(now: tuple[str, ...]) -> None:
    found = find_drift(quarantined(("sg-web", "sg-ssh")), now_on(now), GROUPS, EXISTING)

    assert found == (
        Drift(DriftKind.GROUPS_CHANGED, "eni-1", f"somebody moved it to {', '.join(now)}"),
    )


def test_an_interface_that_was_detached_is_drift() -> None:
    quarantine = quarantined(("sg-web",), ("sg-web",))

    assert drifts(quarantine, now_on(CUT)) == [(DriftKind.INTERFACE_GONE, "eni-2")]


def test_an_interface_that_was_attached_since_is_drift_and_stays() -> None:
    quarantine = quarantined(("sg-web",))

    found = find_drift(quarantine, now_on(CUT, ("sg-a", "sg-b")), GROUPS, EXISTING)

    assert found == (
        Drift(DriftKind.INTERFACE_NEW, "eni-2", "attached since; it is on sg-a, sg-b and stays"),
    )
    assert plan_release(quarantine, now_on(CUT, ("sg-a",)), EXISTING) == (
        (SetGroups("eni-1", ("sg-web",)),),
    )


def test_a_group_that_was_deleted_is_drift() -> None:
    found = find_drift(quarantined(("sg-web", "sg-x", "sg-y")), now_on(CUT), GROUPS, EXISTING)

    said = "sg-x, sg-y no longer exists, or cannot be put on it any more"
    assert found == (Drift(DriftKind.GROUP_DELETED, "eni-1", said),)


def test_originals_that_nobody_knows_are_drift() -> None:
    assert drifts(quarantined(()), now_on(CUT)) == [(DriftKind.ORIGINAL_UNKNOWN, "eni-1")]


def test_every_drift_is_named() -> None:
    quarantine = quarantined(("sg-x",), ("sg-web",), ("sg-web",))
    instance = an_instance(
        an_interface("eni-1", groups=("sg-other",)),
        an_interface("eni-2", groups=CUT),
        an_interface("eni-4", groups=CUT),
    )

    assert drifts(quarantine, instance) == [
        (DriftKind.GROUP_DELETED, "eni-1"),
        (DriftKind.GROUPS_CHANGED, "eni-1"),
        (DriftKind.INTERFACE_GONE, "eni-3"),
        (DriftKind.INTERFACE_NEW, "eni-4"),
    ]


def test_an_interface_that_an_aws_service_keeps_was_not_touched_and_is_no_drift() -> None:
    kept = now_on(("sg-whatever",), requester="amazon-elb")

    assert drifts(quarantined(("sg-web",)), kept) == []
    assert drifts(a_quarantine(originals=()), kept) == []
    assert plan_release(quarantined(("sg-web",)), kept, EXISTING) == ()


def test_a_drift_is_shown_as_json() -> None:
    drift = Drift(DriftKind.INTERFACE_GONE, "eni-1", "no longer attached")

    assert json.loads(json.dumps(drift.as_json())) == {
        "kind": "interface_gone",
        "subject": "eni-1",
        "detail": "no longer attached",
    }


def test_the_groups_of_every_interface_are_asked_for() -> None:
    quarantine = quarantined(("sg-web", "sg-ssh"), ("sg-web", "sg-db"), ())

    assert referred_groups(quarantine) == {"sg-web", "sg-ssh", "sg-db"}


@pytest.mark.parametrize("now", [CUT, ("sg-drain-vpc-1",), ("sg-other",)])
def test_every_interface_gets_its_own_groups_back(now: tuple[str, ...]) -> None:
    quarantine = quarantined(("sg-web", "sg-ssh"), ("sg-ssh",))

    assert plan_release(quarantine, now_on(now, now), EXISTING) == (
        (SetGroups("eni-1", ("sg-web", "sg-ssh")),),
        (SetGroups("eni-2", ("sg-ssh",)),),
    )


def test_an_interface_that_has_its_groups_back_needs_no_step() -> None:
    quarantine, instance = quarantined(("sg-web",), ("sg-ssh",)), now_on(("sg-web",), CUT)

    assert plan_release(quarantine, instance, EXISTING) == ((SetGroups("eni-2", ("sg-ssh",)),),)


def test_an_interface_gets_back_what_is_left_of_its_groups() -> None:
    quarantine = quarantined(("sg-x", "sg-web", "sg-y"))

    assert plan_release(quarantine, now_on(CUT), EXISTING) == ((SetGroups("eni-1", ("sg-web",)),),)


@pytest.mark.parametrize("original", [(), ("sg-x", "sg-y")], ids=["unknown", "all deleted"])
def test_nothing_is_guessed_for_an_interface_of_whose_groups_none_is_left(
    original: tuple[str, ...],
) -> None:
    assert plan_release(quarantined(original), now_on(CUT), EXISTING) == ()


def test_an_interface_that_is_not_attached_any_more_has_no_step() -> None:
    assert plan_release(quarantined(("sg-web",), ("sg-web",)), now_on(("sg-web",)), EXISTING) == ()


def test_an_interface_that_is_not_back_is_named_with_its_groups() -> None:
    quarantine = quarantined(("sg-web", "sg-ssh"), ("sg-ssh",))

    assert left_to_release(quarantine, now_on(CUT, ("sg-ssh",)), EXISTING) == (
        "eni-1 is not back on sg-web, sg-ssh",
    )
    assert left_to_release(quarantine, now_on(("sg-web", "sg-ssh"), ("sg-ssh",)), EXISTING) == ()


NAMES = st.sampled_from(["sg-a", "sg-b", "sg-c", "sg-d", "sg-e"])
TUPLES = st.lists(NAMES, max_size=5, unique=True).map(tuple)


@given(st.lists(st.tuples(TUPLES, TUPLES), min_size=1, max_size=8), st.frozensets(NAMES))
def test_after_the_plan_nothing_is_left_to_give_back(
    pairs: list[tuple[tuple[str, ...], tuple[str, ...]]], existing: frozenset[str]
) -> None:
    quarantine = quarantined(*(before for before, _ in pairs))
    instance = now_on(*(now for _, now in pairs))
    model = {interface.id: interface.group_ids for interface in instance.interfaces}

    for steps in plan_release(quarantine, instance, existing):
        model.update({step.interface_id: step.group_ids for step in steps})

    after = now_on(*model.values())
    assert left_to_release(quarantine, after, existing) == ()
    for original in quarantine.originals:
        left = tuple(group for group in original.group_ids if group in existing)
        assert not left or sorted(model[original.interface_id]) == sorted(left)


def test_a_verdict_is_one_of_three() -> None:
    assert [verdict.value for verdict in Verdict] == [
        "false_positive",
        "remediated",
        "accepted_risk",
    ]


def test_of_an_instance_that_is_gone_nothing_is_given_back() -> None:
    gone = an_instance(an_interface(groups=CUT), state="terminated")

    assert plan_release(quarantined(("sg-web",)), gone, EXISTING) == ()
    assert plan_release(quarantined(("sg-web",)), None, EXISTING) == ()
