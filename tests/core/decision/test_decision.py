from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest

from chalicelib.core.decision.decision import HOLDS_IN_WORDS, Case, Decision, Hold, Verdict, decide
from chalicelib.core.policy.policy import Mode, Response
from chalicelib.core.quarantine.dossier import Breaker, Dossier
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import State
from tests.builders import (
    DATABASE,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    WEB,
    a_case,
    a_finding,
    a_judgement,
    a_policy,
    a_quarantine,
    a_ref,
    an_instance,
    an_interface,
    some_bounds,
)

LAST_SEEN = NOON - 2 * MINUTE  # of the ordinary finding
RELEASED = a_quarantine(State.RELEASED, released_at=LAST_SEEN)
CONTAIN = Decision(Verdict.CONTAIN, ("command-and-control",))


def under(**policy: Any) -> dict[str, Any]:
    return {"bounds": some_bounds(policy=a_policy(**policy))}


# What makes each hold apply: arguments of a case, and of its dossier.
CAUSES: dict[Hold, tuple[dict[str, Any], dict[str, Any]]] = {
    Hold.OBSERVE_MODE: ({}, {"mode": Mode.OBSERVE}),
    Hold.ACCOUNT_NOT_ALLOWED: ({"ref": a_ref(account_id=OTHER_ACCOUNT)}, {}),
    Hold.EXEMPT: ({}, {"exemption": Exemption("the bastion")}),
    Hold.PROTECTED_CLASS: ({"instance": an_instance(operator="eks.amazonaws.com")}, {}),
    Hold.APPROVAL_REQUIRED: ({"judgement": a_judgement(Response.APPROVE)}, {}),
    Hold.RELEASED_SINCE: ({}, {"quarantine": RELEASED}),
    Hold.BREAKER_OPEN: ({}, {"breaker": Breaker((NOON,) * 12)}),
}


def case_with(*holds: Hold) -> Case:
    case: dict[str, Any] = {}
    dossier: dict[str, Any] = {}
    for hold in holds:
        case.update(CAUSES[hold][0])
        dossier.update(CAUSES[hold][1])
    return a_case(dossier=Dossier(**dossier), **case)


def test_nothing_that_speaks_against_it_lets_a_finding_contain() -> None:
    assert decide(a_case()) == CONTAIN


@pytest.mark.parametrize("hold", CAUSES)
def test_each_hold_alone_is_enough(hold: Hold) -> None:
    assert decide(case_with(hold)) == Decision(Verdict.HOLD, (hold.value,))


@pytest.mark.parametrize(("one", "other"), list(combinations(CAUSES, 2)))
def test_two_holds_are_both_named_in_order(one: Hold, other: Hold) -> None:
    assert decide(case_with(other, one)) == Decision(Verdict.HOLD, (one.value, other.value))


def test_all_holds_together_are_all_named_in_order() -> None:
    decision = decide(case_with(*CAUSES))

    assert decision == Decision(
        Verdict.HOLD,
        (
            "observe_mode",
            "account_not_allowed",
            "exempt",
            "protected_class",
            "approval_required",
            "released_since",
            "breaker_open",
        ),
    )


def test_every_hold_has_words_for_people() -> None:
    assert set(HOLDS_IN_WORDS) == set(Hold)
    assert all(HOLDS_IN_WORDS.values())


@pytest.mark.parametrize("state", [State.CONTAINING, State.CONTAINED, State.RELEASING])
@pytest.mark.parametrize("hold", [h for h in CAUSES if h is not Hold.RELEASED_SINCE])
def test_a_quarantine_that_is_open_is_finished_whatever_holds(hold: Hold, state: State) -> None:
    case, dossier = CAUSES[hold]

    decision = decide(a_case(**case, dossier=Dossier(**dossier, quarantine=a_quarantine(state))))

    assert decision.verdict is Verdict.CONTAIN


@pytest.mark.parametrize(
    ("deployed", "switch", "observes"),
    [
        (Mode.ENFORCE, None, False),
        (Mode.OBSERVE, None, True),
        (Mode.ENFORCE, Mode.OBSERVE, True),
        (Mode.OBSERVE, Mode.ENFORCE, False),
        (Mode.ENFORCE, Mode.ENFORCE, False),
        (Mode.OBSERVE, Mode.OBSERVE, True),
    ],
)
def test_the_kill_switch_goes_before_the_mode_of_the_deployment(
    deployed: Mode, switch: Mode | None, observes: object
) -> None:
    case = a_case(bounds=some_bounds(mode=deployed), dossier=Dossier(mode=switch))

    assert case.is_observed_only is observes
    assert (decide(case) == CONTAIN) is not observes


def test_the_own_account_is_always_allowed_and_others_by_name() -> None:
    bounds = some_bounds(policy=a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT})))

    assert bounds.allows(bounds.own_account)
    assert bounds.allows(OTHER_ACCOUNT)
    assert not bounds.allows("777788889999")


def test_an_allowed_account_is_acted_in() -> None:
    case = a_case(
        ref=a_ref(account_id=OTHER_ACCOUNT), **under(allowed_accounts=frozenset({OTHER_ACCOUNT}))
    )

    assert decide(case) == CONTAIN


def test_an_instance_in_an_account_that_is_not_allowed_need_not_be_looked_at() -> None:
    case = a_case(ref=a_ref(account_id=OTHER_ACCOUNT), instance=None)

    assert decide(case) == Decision(Verdict.HOLD, ("account_not_allowed",))


@pytest.mark.parametrize(
    "instance",
    [None, an_instance(state="terminated"), an_instance(state="shutting-down")],
    ids=["not found", "terminated", "shutting down"],
)
@pytest.mark.parametrize("hold", [None, Hold.EXEMPT, Hold.BREAKER_OPEN])
def test_an_instance_that_is_gone_is_told_whatever_holds(instance: Any, hold: Hold | None) -> None:
    dossier = Dossier(**CAUSES[hold][1]) if hold else Dossier()

    decision = decide(a_case(instance=instance, dossier=dossier))

    assert decision == Decision(Verdict.ALERT, ("instance_gone",))


def test_an_instance_that_goes_while_it_is_contained_is_told() -> None:
    case = a_case(instance=None, dossier=Dossier(quarantine=a_quarantine()))

    assert decide(case) == Decision(Verdict.ALERT, ("instance_gone",))


def test_an_instance_without_an_interface_has_nothing_to_cut() -> None:
    decision = decide(a_case(instance=an_instance(interfaces=())))

    assert decision == Decision(Verdict.ALERT, ("no_interface",))


def test_a_stopped_instance_is_contained_before_it_starts_again() -> None:
    assert decide(a_case(instance=an_instance(state="stopped"))) == CONTAIN


def test_an_instance_that_the_policy_lists_is_exempt() -> None:
    listed = under(exempt_instances=frozenset({WEB}))
    other = under(exempt_instances=frozenset({DATABASE}))

    assert decide(a_case(**listed)) == Decision(Verdict.HOLD, ("exempt",))
    assert decide(a_case(**other)) == CONTAIN


@pytest.mark.parametrize(("left", "verdict"), [(MINUTE, "hold"), (timedelta(0), "contain")])
def test_an_exemption_ends(left: timedelta, verdict: str) -> None:
    case = a_case(dossier=Dossier(exemption=Exemption("a scan", NOON + left)))

    assert decide(case).verdict == verdict


ROUTER = an_instance(is_route=True)


@pytest.mark.parametrize(
    "instance",
    [
        ROUTER,
        an_instance(tags={"aws:eks:cluster-name": "shop"}),
        an_instance(tags={"aws:ecs:clusterName": "shop"}),
        an_instance(tags={"aws:ecs:capacityProviderName": "spot"}),
        an_instance(tags={"aws:ecs:containerInstanceId": "3f2a"}),
        an_instance(operator="eks.amazonaws.com"),
    ],
    ids=["router", "node of EKS", "node of ECS", "capacity of ECS", "agent of ECS", "managed"],
)
def test_an_instance_that_carries_others_is_protected(instance: Any) -> None:
    assert decide(a_case(instance=instance)) == Decision(Verdict.HOLD, ("protected_class",))


def test_a_tag_that_its_owner_can_set_protects_nobody() -> None:
    tags = {"cordon:exempt": "true", "Name": "aws:eks:cluster-name", "eks:cluster-name": "shop"}
    tags["AmazonECSManaged"] = ""

    assert decide(a_case(instance=an_instance(tags=tags))) == CONTAIN


def test_the_policy_may_leave_routers_unprotected() -> None:
    assert decide(a_case(instance=ROUTER, **under(protect_routers=False))) == CONTAIN


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(-MINUTE, "contain"), (timedelta(0), "hold"), (MINUTE, "hold")],
    ids=["activity after the release", "at the release", "before the release"],
)
def test_only_activity_after_the_release_counts(after: timedelta, verdict: str) -> None:
    released = a_quarantine(State.RELEASED, released_at=LAST_SEEN + after)

    assert decide(a_case(dossier=Dossier(quarantine=released))).verdict == verdict


def test_activity_of_unknown_time_does_not_count_after_a_release() -> None:
    undated = replace(a_finding(), last_seen=None)

    case = a_case(finding=undated, dossier=Dossier(quarantine=RELEASED))

    assert decide(case) == Decision(Verdict.HOLD, ("released_since",))


def test_a_flag_that_the_suspect_can_set_makes_no_router() -> None:
    flagged = an_instance(an_interface(source_dest_check=False))

    assert decide(a_case(instance=flagged)) == CONTAIN


@pytest.mark.parametrize(
    ("age", "is_replayed", "hours", "verdict"),
    [
        (timedelta(hours=49), True, 48, "hold"),
        (timedelta(hours=48), True, 48, "contain"),
        (timedelta(hours=49), True, 0, "contain"),
        (timedelta(hours=49), False, 48, "contain"),
        (None, True, 48, "hold"),
    ],
    ids=["old", "young", "never stale", "sent once", "of unknown age"],
)
def test_what_is_sent_again_and_is_old_cuts_nobody_by_itself(
    age: timedelta | None,
    is_replayed: bool,  # noqa: FBT001 - a parameter of the test
    hours: int,
    verdict: str,
) -> None:
    last_seen = NOON - age if age else None
    finding = replace(a_finding(), last_seen=last_seen, is_replayed=is_replayed)

    case = a_case(finding=finding, **under(stale_after=timedelta(hours=hours)))

    assert decide(case).verdict == verdict
    assert (decide(case).reasons == ("stale",)) is (verdict == "hold")
