"""A person gives an instance back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AlreadyReleasedError,
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    ContainmentAtWorkError,
    CordonError,
    DriftError,
    FourEyesError,
    NotAllowedError,
    NotReleasedError,
    RecordMovedError,
    StaleViewError,
    UnknownInstanceError,
)
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import Line, State, Step, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.drift import DriftKind
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.flows.attend import attend
from chalicelib.flows.release import release
from tests.builders import (
    FINDING,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    a_release,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import World

ADA = "arn:aws:iam::111122223333:user/ada"
BOB = "arn:aws:iam::111122223333:user/bob"
ROLE = "arn:aws:sts::111122223333:assumed-role/responder"
BEFORE = {"eni-1": ("sg-web", "sg-ssh"), "eni-2": ("sg-other",)}
BUSY = AwsBusyError("doing", "Throttling")


def asks(**changes: Any) -> ReleaseRequest:
    return replace(ReleaseRequest(ADA, "cleaned", Verdict.REMEDIATED), **changes)


def a_world(**changes: Any) -> World:
    """Return a world in which the ordinary instance was just contained."""
    world = World(**changes)
    world.launch(
        an_instance(
            an_interface(groups=("sg-web", "sg-ssh")), an_interface("eni-2", "vpc-2", ("sg-other",))
        )
    )
    world.deliver(an_event())
    assert world.is_cut()
    world.now += MINUTE
    world.calls.made.clear()
    world.pauses.clear()
    return world


def test_an_instance_gets_exactly_its_groups_back() -> None:
    world = a_world()

    handover = release(a_ref(), asks(), world.responder)

    assert world.ec2.groups_on(WEB) == BEFORE
    assert handover.quarantine.state is State.RELEASED
    assert handover.drift == ()
    assert world.quarantine() == handover.quarantine


def test_the_record_is_releasing_before_the_network_is_touched() -> None:
    world = a_world()
    states: list[State] = []
    world.calls.before("ec2.apply", lambda: states.append(world.quarantine().state))

    release(a_ref(), asks(), world.responder)

    assert states == [State.RELEASING]
    assert not world.quarantine().workers


def test_who_released_and_why_stands_in_the_record_and_in_its_timeline() -> None:
    world = a_world()

    release(a_ref(), asks(reason="the key was rotated"), world.responder)

    order = world.quarantine().release
    assert order is not None
    assert (order.by, order.reason, order.verdict) == (ADA, "the key was rotated", "remediated")
    lines = world.quarantines.lines(world.quarantine())
    assert [(line.who, line.what) for line in lines[-2:]] == [
        (ADA, "releasing"),
        ("cordon", "released"),
    ]
    changes = lines[-1].detail["changes"]
    assert [each["interface"] for each in changes] == ["eni-1", "eni-2"]
    assert all(each["request_id"] for each in changes)


def test_people_are_told_once_of_a_release() -> None:
    world = a_world()

    release(a_ref(), asks(), world.responder)

    assert world.notices.outcomes == ["contained", "released"]
    assert "sg-web, sg-ssh" in world.notices.sent[-1].text


def test_a_release_takes_few_calls() -> None:
    world = a_world()

    release(a_ref(), asks(), world.responder)

    changing = [name for name in world.calls.names if name in ("ec2.set_groups", "ec2.start")]
    assert changing == ["ec2.set_groups", "ec2.set_groups"]
    assert world.calls.names.count("quarantines.save") == 2


def test_an_instance_that_was_never_quarantined_cannot_be_released() -> None:
    world = World()
    world.launch(an_instance())

    with pytest.raises(UnknownInstanceError, match="was never in quarantine"):
        release(a_ref(), asks(), world.responder)


def test_an_instance_is_released_once() -> None:
    world = a_world()
    release(a_ref(), asks(), world.responder)

    with pytest.raises(AlreadyReleasedError, match="ada"):
        release(a_ref(), asks(by=BOB), world.responder)

    assert world.notices.outcomes.count("released") == 1


def test_a_record_of_old_without_an_order_is_released_already_as_well() -> None:
    world = World()
    world.quarantines.put(a_quarantine(State.RELEASED))

    with pytest.raises(AlreadyReleasedError):
        release(a_ref(), asks(), world.responder)


def test_a_stale_view_releases_nothing() -> None:
    world = a_world()
    seen = world.quarantine().version

    with pytest.raises(StaleViewError, match=f"at version {seen}, not {seen - 1}"):
        release(a_ref(), asks(version=seen - 1), world.responder)

    assert world.is_cut()
    assert release(a_ref(), asks(version=seen), world.responder).quarantine.state == "RELEASED"


def test_an_account_that_is_allowed_no_more_is_left_alone() -> None:
    world = World()
    world.quarantines.put(a_quarantine(State.CONTAINED, ref=a_ref(account_id=OTHER_ACCOUNT)))

    with pytest.raises(NotAllowedError):
        release(a_ref(account_id=OTHER_ACCOUNT), asks(), world.responder)

    assert "ec2.find" not in world.calls.names


def test_an_instance_of_an_allowed_account_is_released_there() -> None:
    world = World(policy=a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT})))
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.launch(an_instance(an_interface(groups=("sg-deny-vpc-1",)), ref=ref))
    there = world.ec2_in(OTHER_ACCOUNT, ref.region)
    there.add_group(Group("sg-deny-vpc-1", "vpc-1", GroupRole.DENY, is_ready=True))
    there.attach("i-other", an_interface("eni-9", groups=("sg-web", "sg-ssh")))
    world.quarantines.put(a_quarantine(State.CONTAINED, ref=ref))

    release(ref, asks(), world.responder)

    assert there.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh")}


def test_a_release_waits_for_a_containment_that_may_still_change_the_instance() -> None:
    world = a_world()
    busy = world.quarantine().next(workers={"worker-9": world.now + MINUTE})
    world.quarantines.put(busy)

    with pytest.raises(ContainmentAtWorkError, match="12:02:00 UTC"):
        release(a_ref(), asks(), world.responder)

    world.now += MINUTE
    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED


def test_a_half_cut_instance_can_be_released_once_nobody_is_at_work() -> None:
    world = a_world()
    world.quarantines.put(replace(world.quarantine(), state=State.CONTAINING))

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert world.ec2.groups_on(WEB) == BEFORE


def test_what_cordon_stopped_is_started_and_released_once_it_runs() -> None:
    world = a_world(policy=a_policy(stop_after_cut=True))
    assert world.quarantine().steps[StepName.STOP].status is StepStatus.DONE

    first = release(a_ref(), asks(), world.responder)
    attend(a_ref(), world.responder)

    undone = [name for name in world.calls.names if name in ("ec2.start", "ec2.apply")]
    assert undone == ["ec2.start", "ec2.apply"]
    assert first.quarantine.state is State.RELEASING
    assert not first.quarantine.workers
    assert world.ec2.groups_on(WEB) == BEFORE
    assert world.quarantine().state is State.RELEASED
    assert world.ec2.state_of(WEB) == "running"
    assert world.notices.outcomes == ["contained", "released"]


NO_START = [
    AwsRefusedError("start", "IncorrectSpotRequestState"),
    AwsBusyError("start", "InsufficientInstanceCapacity"),
]


@pytest.mark.parametrize("error", NO_START, ids=lambda error: error.code)
def test_what_cannot_be_started_gets_its_groups_back_all_the_same(
    error: AwsBusyError | AwsRefusedError,
) -> None:
    world = a_world(policy=a_policy(stop_after_cut=True))
    world.fails("ec2.start", error)

    with contextlib.suppress(DriftError):
        release(a_ref(), asks(), world.responder)
    for _ in range(3):
        world.now += 5 * MINUTE
        with contextlib.suppress(CordonError):
            attend(a_ref(), world.responder)

    assert world.ec2.groups_on(WEB) == BEFORE
    assert world.quarantine().state is State.RELEASING
    assert world.notices.outcomes == ["contained", "failed"]
    assert error.code in world.notices.sent[-1].text


def test_what_ec2_stops_again_by_itself_is_told_with_its_reason() -> None:
    world = a_world(policy=a_policy(stop_after_cut=True))
    release(a_ref(), asks(), world.responder)
    world.ec2.change(WEB, state="stopped")
    world.ec2.fell_back[WEB] = "Client.InvalidKMSKey.InvalidState"

    with pytest.raises(NotReleasedError, match=r"Client\.InvalidKMSKey"):
        attend(a_ref(), world.responder)

    assert world.quarantine().state is State.RELEASING
    assert "Client.InvalidKMSKey" in world.notices.sent[-1].text


@pytest.mark.parametrize("accepts", [False, True])
def test_a_group_that_is_no_longer_good_for_the_vpc_is_drift_that_names_it(
    accepts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = World()
    world.launch(an_instance(an_interface(groups=("sg-web", "sg-shared"))))
    world.ec2.share("sg-shared", "vpc-hub", "vpc-1")
    world.deliver(an_event())
    world.ec2.share("sg-shared", "vpc-hub")
    world.now += MINUTE

    if not accepts:
        with pytest.raises(DriftError, match="sg-shared no longer exists, or cannot be put on it"):
            release(a_ref(), asks(), world.responder)
        return
    handover = release(a_ref(), asks(accept_drift=True), world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-web",)}
    assert [drift.kind for drift in handover.drift] == [DriftKind.GROUP_DELETED]


def test_what_somebody_else_stopped_stays_stopped() -> None:
    world = a_world()
    world.ec2.change(WEB, state="stopped")

    release(a_ref(), asks(), world.responder)

    assert "ec2.start" not in world.calls.names
    assert world.ec2.groups_on(WEB) == BEFORE


def test_an_instance_that_still_stops_is_started_by_whoever_comes_next() -> None:
    world = a_world(policy=a_policy(stop_after_cut=True))
    world.ec2.change(WEB, state="stopping")

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine.state is State.RELEASING
    world.ec2.change(WEB, state="stopped")
    release(a_ref(), asks(), world.responder)
    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED
    assert world.ec2.state_of(WEB) == "running"


# Drift.


def drifted(world: World, kind: str) -> None:
    """Let something keep the release from being exact."""
    if kind == "group_deleted":
        world.ec2.delete_group("sg-ssh")
    elif kind == "interface_gone":
        world.ec2.detach("eni-2")
    elif kind == "interface_new":
        world.ec2.attach(WEB, an_interface("eni-3", groups=("sg-new",)))
    elif kind == "groups_changed":
        world.ec2.attach(WEB, an_interface(groups=("sg-evil",)))
    elif kind == "instance_gone":
        world.ec2.change(WEB, state="terminated")


KINDS = ("group_deleted", "interface_gone", "interface_new", "groups_changed", "instance_gone")


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_exact_is_said_and_nothing_is_touched(kind: str) -> None:
    world = a_world()
    drifted(world, kind)
    groups = world.ec2.groups_on(WEB)

    with pytest.raises(DriftError) as caught:
        release(a_ref(), asks(), world.responder)

    assert len(caught.value.drift) == 1
    assert world.ec2.groups_on(WEB) == groups
    assert world.quarantine().state is State.CONTAINED


@pytest.mark.parametrize("kind", KINDS)
def test_who_accepts_the_drift_gets_the_rest_back_and_the_remainder_named(kind: str) -> None:
    world = a_world()
    drifted(world, kind)

    handover = release(a_ref(), asks(accept_drift=True), world.responder)

    assert handover.quarantine.state is State.RELEASED
    told = world.notices.sent[-1]
    assert told.outcome == "released"
    if kind == "groups_changed":  # it was given back what it had: nothing of the drift is left
        assert world.ec2.groups_on(WEB) == BEFORE
        assert handover.drift == ()
    else:
        assert [each.kind.value for each in handover.drift] == [kind]
        assert handover.drift[0].detail in told.text
    if kind == "group_deleted":
        assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-web",)
    if kind == "interface_new":
        assert world.ec2.groups_on(WEB)["eni-3"] == ("sg-new",)


def test_drift_that_comes_up_on_the_way_stops_the_release_until_it_is_accepted() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.delete_group("sg-ssh"))

    with pytest.raises(DriftError, match="sg-ssh no longer exists"):
        release(a_ref(), asks(), world.responder)

    assert world.quarantine().state is State.RELEASING
    handover = release(a_ref(), asks(by=BOB, accept_drift=True), world.responder)
    assert handover.quarantine.state is State.RELEASED
    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-web",)


# Once begun.


def test_a_release_that_could_not_be_finished_is_gone_on_with_by_the_same_request() -> None:
    world = a_world()
    seen = world.quarantine().version
    world.fails("ec2.set_groups", BUSY, times=4 * 2)

    first = release(a_ref(), asks(version=seen), world.responder)
    second = release(a_ref(), asks(version=seen), world.responder)

    assert first.quarantine.state is State.RELEASING
    assert second.quarantine.state is State.RELEASED
    assert world.ec2.groups_on(WEB) == BEFORE


def test_while_another_worker_is_at_a_release_the_same_request_leaves_it_to_that() -> None:
    world = a_world()
    order = a_release()
    releasing = world.quarantine().next(
        state=State.RELEASING, release=order, workers={"worker-9": world.now + LEASE}
    )
    world.quarantines.put(releasing)

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine == releasing
    assert world.is_cut()
    world.now += LEASE
    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED
    assert world.quarantine().release == order


def test_a_call_without_an_answer_keeps_others_away_until_it_cannot_come_late_any_more() -> None:
    world = a_world()
    world.fails("ec2.set_groups", AwsSilentError("set", "ReadTimeoutError"), times=1)

    first = release(a_ref(), asks(), world.responder)
    second = release(a_ref(), asks(), world.responder)

    assert first.quarantine.state is second.quarantine.state is State.RELEASING
    assert second.quarantine.workers
    world.now += LEASE
    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED


def test_a_refusal_of_aws_is_told_and_leaves_the_release_to_be_gone_on_with() -> None:
    world = a_world()
    refused = AwsRefusedError("set the groups", "UnauthorizedOperation")
    world.fails("ec2.set_groups", refused, times=2)

    with pytest.raises(AwsRefusedError):
        release(a_ref(), asks(), world.responder)

    assert world.quarantine().state is State.RELEASING
    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED


def test_nothing_is_called_released_before_ec2_says_so() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.answers_stale(10))

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine.state is State.RELEASING
    assert "released" not in world.notices.outcomes


def test_ec2_that_answers_late_is_asked_again() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.answers_stale(2))

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert world.pauses == [0.5, 1.0]


def test_a_record_that_moved_is_looked_at_again() -> None:
    world = a_world()
    world.calls.before("quarantines.save", lambda: world.quarantines.put(world.quarantine().next()))

    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED


def test_a_record_that_never_stops_moving_is_left_alone() -> None:
    world = a_world()
    world.calls.before(
        "quarantines.save", lambda: world.quarantines.put(world.quarantine().next()), times=99
    )

    with pytest.raises(RecordMovedError):
        release(a_ref(), asks(), world.responder)

    assert world.is_cut()


def test_a_table_that_does_not_answer_is_no_release() -> None:
    world = a_world()
    world.fails("quarantines.save", BUSY)

    with pytest.raises(AwsBusyError):
        release(a_ref(), asks(), world.responder)

    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED


# Four eyes.


def a_careful_world() -> World:
    return a_world(policy=a_policy(four_eyes=True, confirm_within=timedelta(minutes=60)))


def test_where_four_eyes_are_asked_the_first_request_gives_nothing_back() -> None:
    world = a_careful_world()

    handover = release(a_ref(), asks(), world.responder)

    assert handover.quarantine.state is State.CONTAINED
    assert world.is_cut()
    assert world.notices.outcomes[-1] == "requested"
    assert world.timeline()[-1] == "release_asked"


def test_a_second_person_confirms() -> None:
    world = a_careful_world()
    release(a_ref(), asks(), world.responder)
    world.now += MINUTE

    handover = release(a_ref(), asks(by=BOB), world.responder)

    order = handover.quarantine.release
    assert handover.quarantine.state is State.RELEASED
    assert order is not None
    assert (order.by, order.confirmed_by) == (ADA, BOB)
    assert handover.quarantine.released_at == world.now
    assert world.ec2.groups_on(WEB) == BEFORE


def test_the_first_person_cannot_confirm() -> None:
    world = a_careful_world()
    release(a_ref(), asks(), world.responder)

    with pytest.raises(FourEyesError, match="another person"):
        release(a_ref(), asks(), world.responder)

    assert world.is_cut()


def test_another_session_of_the_same_role_cannot_confirm() -> None:
    world = a_careful_world()
    role = "arn:aws:sts::111122223333:assumed-role/responder"
    release(a_ref(), asks(by=f"{role}/ada"), world.responder)

    with pytest.raises(FourEyesError, match="another person"):
        release(a_ref(), asks(by=f"{role}/bob"), world.responder)

    assert world.is_cut()


@pytest.mark.parametrize(
    "other", [{"verdict": Verdict.FALSE_POSITIVE}, {"accept_drift": True}], ids=str
)
def test_the_second_person_must_say_the_same(other: dict[str, Any]) -> None:
    world = a_careful_world()
    release(a_ref(), asks(), world.responder)

    with pytest.raises(FourEyesError, match="must say the same"):
        release(a_ref(), asks(by=BOB, **other), world.responder)

    assert world.is_cut()


def test_a_request_that_is_too_old_is_none() -> None:
    world = a_careful_world()
    release(a_ref(), asks(), world.responder)
    world.now += timedelta(minutes=61)

    handover = release(a_ref(), asks(by=BOB), world.responder)

    assert handover.quarantine.state is State.CONTAINED
    assert handover.quarantine.release is not None
    assert handover.quarantine.release.by == BOB


def test_drift_on_the_way_needs_two_persons_too() -> None:
    world = a_careful_world()
    release(a_ref(), asks(), world.responder)
    world.calls.before("ec2.apply", lambda: world.ec2.delete_group("sg-ssh"))
    with pytest.raises(DriftError):
        release(a_ref(), asks(by=BOB), world.responder)

    with pytest.raises(DriftError):
        release(a_ref(), asks(accept_drift=True), world.responder)

    handover = release(a_ref(), asks(by=BOB, accept_drift=True), world.responder)
    assert handover.quarantine.state is State.RELEASED


def test_another_session_of_the_first_role_cannot_accept_drift() -> None:
    world = a_careful_world()
    release(a_ref(), asks(by=f"{ROLE}/ada"), world.responder)
    world.calls.before("ec2.apply", lambda: world.ec2.delete_group("sg-ssh"))
    with pytest.raises(DriftError):
        release(a_ref(), asks(by=BOB), world.responder)

    with pytest.raises(DriftError):
        release(a_ref(), asks(by=f"{ROLE}/eve", accept_drift=True), world.responder)


# What is learned.


def test_of_very_many_findings_the_cause_and_the_last_are_called_false_in_one_call() -> None:
    world = a_world()
    for number in range(200):
        world.quarantines.append(
            world.quarantine(), Line(world.now, "guardduty", "finding", {"finding": str(number)})
        )

    release(a_ref(), asks(verdict=Verdict.FALSE_POSITIVE), world.responder)

    assert world.detector.called_false[0] == FINDING
    assert world.detector.called_false[1:] == [str(number) for number in range(199, 150, -1)]


def test_a_false_positive_is_told_to_guardduty_and_a_suppression_proposed_not_made() -> None:
    world = a_world()
    world.deliver(an_event(type_="CryptoCurrency:EC2/BitcoinTool.B", finding_id="second"))

    handover = release(a_ref(), asks(verdict=Verdict.FALSE_POSITIVE), world.responder)

    assert world.detector.called_false == [FINDING, "second"]
    assert handover.proposal is not None
    assert handover.proposal.arguments["DetectorId"] == "detector-1"
    assert handover.proposal.command in world.notices.sent[-1].text


def test_of_a_quarantine_by_hand_there_is_no_finding_to_call_false() -> None:
    world = a_world()
    world.quarantines.put(replace(world.quarantine(), finding_id=None, finding_type=None))

    handover = release(a_ref(), asks(verdict=Verdict.FALSE_POSITIVE), world.responder)

    assert world.detector.called_false == []
    assert handover.proposal is None


def test_guardduty_that_does_not_answer_keeps_no_release_waiting() -> None:
    world = a_world()
    world.fails("detector.call_false", BUSY)

    handover = release(a_ref(), asks(verdict=Verdict.FALSE_POSITIVE), world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert "Throttling" in world.quarantines.lines(world.quarantine())[-1].detail["feedback"]
    assert handover.proposal is not None


# What comes after.


def test_an_old_finding_does_not_contain_again_and_a_newer_one_does() -> None:
    world = a_world()
    release(a_ref(), asks(), world.responder)
    at = world.quarantine().released_at
    assert at is not None

    old = world.deliver(an_event(last_seen=at.isoformat()))
    new = world.deliver(an_event(last_seen=(at + timedelta(seconds=1)).isoformat()))

    assert (old.outcome, old.instances[0].reasons) == (Outcome.HELD, ("released_since",))
    assert new.outcome is Outcome.CONTAINED
    assert world.quarantine().number == 2
    assert world.is_cut()


def test_activity_since_the_release_began_is_new_however_long_it_took() -> None:
    world = a_world()
    began = world.now
    world.fails("ec2.set_groups", BUSY, times=8)
    release(a_ref(), asks(), world.responder)
    world.now += MINUTE

    release(a_ref(), asks(), world.responder)

    assert world.quarantine().released_at == began


def test_a_step_that_is_unfinished_does_not_keep_a_release_waiting() -> None:
    world = a_world()
    steps = {**world.quarantine().steps, StepName.EVIDENCE: Step(StepStatus.PENDING)}
    world.quarantines.put(world.quarantine().next(steps=steps))

    assert release(a_ref(), asks(), world.responder).quarantine.state is State.RELEASED
    assert world.now > NOON


@pytest.mark.parametrize("accepts", [False, True])
def test_an_interface_attached_during_the_quarantine_is_drift_and_stays_cut_off(
    accepts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = a_world()
    world.ec2.attach(WEB, an_interface("eni-late", groups=("sg-backdoor",)))
    attend(a_ref(), world.responder)
    assert world.ec2.groups_on(WEB)["eni-late"] == ("sg-deny-vpc-1",)

    if not accepts:
        with pytest.raises(DriftError, match="eni-late: attached since, then on sg-backdoor"):
            release(a_ref(), asks(), world.responder)
        assert world.quarantine().state is State.CONTAINED
        return
    handover = release(a_ref(), asks(accept_drift=True), world.responder)

    assert world.ec2.groups_on(WEB) == {**BEFORE, "eni-late": ("sg-backdoor",)}
    assert [drift.kind for drift in handover.drift] == [DriftKind.INTERFACE_NEW]


def test_a_start_without_an_answer_keeps_its_lease_since_it_may_come_late() -> None:
    world = a_world(policy=a_policy(stop_after_cut=True))
    world.fails("ec2.start", AwsSilentError("start", "ReadTimeoutError"))

    release(a_ref(), asks(), world.responder)

    assert world.quarantine().at_work(world.now)


def test_an_interface_that_came_and_went_is_no_drift() -> None:
    world = a_world()
    world.ec2.attach(WEB, an_interface("eni-late", groups=("sg-backdoor",)))
    attend(a_ref(), world.responder)
    world.ec2.detach("eni-late")

    assert release(a_ref(), asks(), world.responder).drift == ()
