"""One open quarantine, as the watcher sees to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import (
    AwsBusyError,
    CordonError,
    DriftError,
    RefusedError,
    StepFailedError,
)
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import State, Step, StepName, StepStatus
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.flows.attend import attend
from tests.builders import (
    MINUTE,
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
from tests.fakes import Crash, World

BUSY = AwsBusyError("doing", "Throttling")
DAY = timedelta(days=1)


def a_world() -> World:
    """Return a world in which the ordinary instance was just contained."""
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    world.now += MINUTE
    world.calls.made.clear()
    return world


def test_a_quarantine_that_is_as_it_should_be_is_only_looked_at() -> None:
    world = a_world()
    before = world.quarantine()

    attend(a_ref(), world.responder)

    assert world.quarantine() == before
    assert set(world.calls.names) == {
        "ec2.find",
        "ec2.interfaces",
        "ec2.groups",
        "quarantines.dossier",
    }


@pytest.mark.parametrize("state", [State.RELEASED, None])
def test_what_is_not_in_quarantine_is_left_alone(state: State | None) -> None:
    world = World()
    world.launch(an_instance())
    if state:
        world.quarantines.put(a_quarantine(state))

    attend(a_ref(), world.responder)

    assert not world.notices.sent
    assert "quarantines.save" not in world.calls.names


def test_an_account_that_is_allowed_no_more_is_left_alone() -> None:
    world = World()
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.quarantines.put(a_quarantine(ref=ref))

    attend(ref, world.responder)

    assert world.calls.names == ["quarantines.dossier"]


def test_a_containment_whose_worker_died_is_finished() -> None:
    world = World()
    world.launch(an_instance())
    world.calls.before("ec2.apply", _die)
    with pytest.raises(Crash):
        world.deliver(an_event())

    attend(a_ref(), world.responder)  # the lease of the dead worker still runs
    assert not world.is_cut()
    world.now += LEASE
    attend(a_ref(), world.responder)

    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED
    assert not world.quarantine().is_unfinished
    assert world.notices.outcomes == ["contained"]


def _die() -> None:
    raise Crash


def test_a_release_whose_worker_died_is_finished() -> None:
    world = a_world()
    releasing = world.quarantine().next(
        state=State.RELEASING, release=a_release(), workers={"dead": world.now}
    )
    world.quarantines.put(releasing)

    attend(a_ref(), world.responder)

    assert world.quarantine().state is State.RELEASED
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh")}


def test_a_release_that_nobody_ordered_waits_for_a_person() -> None:
    world = a_world()
    world.quarantines.put(world.quarantine().next(state=State.RELEASING))

    with pytest.raises(RefusedError, match="nobody ordered it"):
        attend(a_ref(), world.responder)

    assert world.is_cut()
    assert world.notices.outcomes == ["contained", "failed"]


def test_steps_that_failed_after_the_cut_are_done() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("evidence.keep", BUSY, times=1)
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    attend(a_ref(), world.responder)

    assert not world.quarantine().is_unfinished
    assert any("/instance-before-" in name for name in world.evidence.kept)


def lets_out(world: World) -> None:
    world.ec2.attach(WEB, an_interface(groups=("sg-evil",)))


def attaches(world: World) -> None:
    world.ec2.attach(WEB, an_interface("eni-2", groups=("sg-way-out",)))


def opens_deny(world: World) -> None:
    world.ec2.add_group(Group("sg-deny-vpc-1", "vpc-1", GroupRole.DENY, is_ready=False))


def deletes_deny(world: World) -> None:
    world.ec2.delete_group("sg-deny-vpc-1")


@pytest.mark.parametrize("drift", [lets_out, attaches, opens_deny, deletes_deny])
def test_drift_of_each_kind_is_repaired_and_told(drift: Callable[[World], None]) -> None:
    world = a_world()
    drift(world)

    attend(a_ref(), world.responder)

    assert world.is_cut()
    assert all(group.is_ready for group in world.ec2.groups())
    assert world.notices.outcomes == ["contained", "repaired"]
    assert "cut_again" in world.timeline()


def test_an_interface_that_grew_is_remembered_with_its_own_groups() -> None:
    world = a_world()
    attaches(world)

    attend(a_ref(), world.responder)

    original = world.quarantine().original("eni-2")
    assert original is not None
    assert original.group_ids == ("sg-way-out",)


@pytest.mark.parametrize("after", [False, True])
def test_drift_is_told_even_if_the_process_dies_while_it_is_repaired(*, after: bool) -> None:
    for number in range(1, 60):
        world = a_world()
        lets_out(world)
        world.calls.crash(number, after=after)
        try:
            attend(a_ref(), world.responder)
        except Crash:
            world.now += LEASE
            attend(a_ref(), world.responder)
            assert world.is_cut()
            assert "repaired" in world.notices.outcomes
        else:
            assert number > 10
            return
    raise AssertionError("the repair never came to its end")


def test_who_only_observes_tells_of_drift_once_and_repairs_nothing() -> None:
    world = a_world()
    world.quarantines.mode = Mode.OBSERVE
    lets_out(world)

    attend(a_ref(), world.responder)
    attend(a_ref(), world.responder)

    assert not world.is_cut()
    assert world.notices.outcomes == ["contained", "drifted"]


def test_who_only_observes_tells_again_on_the_next_day() -> None:
    world = a_world()
    world.quarantines.mode = Mode.OBSERVE
    lets_out(world)
    attend(a_ref(), world.responder)
    world.now += DAY

    attend(a_ref(), world.responder)

    assert world.notices.outcomes.count("drifted") == 2


def test_what_was_begun_is_finished_even_by_who_only_observes() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())
    world.quarantines.put(a_quarantine())

    attend(a_ref(), world.responder)

    assert world.is_cut()


@pytest.mark.parametrize("is_known", [False, True])
def test_that_an_instance_is_gone_is_told_once(*, is_known: bool) -> None:
    world = a_world()
    if is_known:
        world.ec2.change(WEB, state="terminated")
    else:
        world = World()
        world.quarantines.put(a_quarantine(State.CONTAINED))

    attend(a_ref(), world.responder)
    attend(a_ref(), world.responder)

    assert world.notices.outcomes.count("instance_gone") == 1
    assert world.quarantine().state is State.CONTAINED


def test_an_interface_of_an_aws_service_is_nothing_to_repair() -> None:
    world = World()
    theirs = an_interface("eni-9", groups=("sg-lb",), requester="amazon-elb")
    world.launch(an_instance(an_interface(), theirs))
    world.deliver(an_event())
    world.now += LEASE
    before = world.quarantine()

    attend(a_ref(), world.responder)

    assert world.quarantine() == before
    assert world.quarantine().state is State.CONTAINING


def test_beside_an_interface_of_an_aws_service_what_got_out_is_cut_again() -> None:
    world = World()
    theirs = an_interface("eni-9", groups=("sg-lb",), requester="amazon-elb")
    world.launch(an_instance(an_interface(), theirs))
    world.deliver(an_event())
    world.now += LEASE
    lets_out(world)

    attend(a_ref(), world.responder)

    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-deny-vpc-1",)
    assert world.quarantine().state is State.CONTAINING


def test_who_loses_a_race_leaves_it_to_the_winner() -> None:
    world = a_world()
    lets_out(world)
    world.calls.before("quarantines.save", lambda: world.quarantines.put(world.quarantine().next()))

    attend(a_ref(), world.responder)

    assert not world.is_cut()
    assert world.notices.outcomes == ["contained"]


def test_trouble_is_told_once_and_raised_each_time() -> None:
    world = a_world()
    lets_out(world)
    world.fails("ec2.set_groups", BUSY)

    for _ in range(3):
        with pytest.raises(CordonError):
            attend(a_ref(), world.responder)
        world.now += LEASE

    assert world.notices.outcomes == ["contained", "failed"]
    assert world.notices.sent[-1].subject == f"LET OUT {WEB}, and it could not be cut off again yet"


def test_trouble_with_a_later_step_does_not_say_that_the_instance_is_not_contained() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("evidence.keep", BUSY)
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    with pytest.raises(StepFailedError):
        attend(a_ref(), world.responder)

    told = world.notices.sent[-1]
    assert told.outcome == "step_failed"
    assert told.subject == f"CONTAINED {WEB}, but a later step could not be done yet"


def test_a_release_that_cannot_be_exact_any_more_is_told_once() -> None:
    world = a_world()
    releasing = world.quarantine().next(state=State.RELEASING, release=a_release())
    world.quarantines.put(releasing)
    world.ec2.delete_group("sg-ssh")

    for _ in range(2):
        with pytest.raises(DriftError):
            attend(a_ref(), world.responder)

    assert world.notices.outcomes == ["contained", "failed"]
    assert "sg-ssh" in world.notices.sent[-1].text


def test_a_quarantine_that_is_open_for_long_is_reminded_of_ever_more_urgently() -> None:
    world = a_world()
    levels: list[tuple[str, str]] = []
    for _ in range(4 * 10):
        world.now += DAY / 4
        attend(a_ref(), world.responder)
    levels = [(n.outcome, n.severity) for n in world.notices.sent if n.kind == "review"]

    assert levels == [("due", "Medium"), ("due", "High"), ("due", "Critical")]


def test_the_time_until_a_reminder_is_a_setting() -> None:
    world = World(policy=a_policy(review_after=DAY))
    world.launch(an_instance())
    world.deliver(an_event())
    world.now += DAY

    attend(a_ref(), world.responder)

    assert world.notices.outcomes == ["contained", "due"]
    assert f"{WEB} is in quarantine for 1 days" in world.notices.sent[-1].subject


def test_an_interface_that_a_worker_left_in_the_hop_is_cut_off_before_its_lease_lapses() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("ec2.set_groups", Crash(), skip=1, times=1, about="eni-1 deny")
    with pytest.raises(Crash):
        world.deliver(an_event())
    assert world.quarantine().at_work(world.now)

    attend(a_ref(), world.responder)

    assert world.is_cut()


def test_an_interface_that_is_only_just_in_the_hop_is_left_to_who_is_at_work() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("ec2.set_groups", Crash(), skip=1, times=1, about="eni-1 deny")
    with pytest.raises(Crash):
        world.deliver(an_event())
    closed = an_interface("eni-1", groups=("sg-deny-vpc-1",))
    world.calls.before("ec2.find", lambda: world.ec2.attach(WEB, closed), skip=1)
    begun = len(world.calls.made)

    attend(a_ref(), world.responder)

    assert not [call for call in world.calls.made[begun:] if call.name == "quarantines.save"]


def test_a_record_from_before_a_step_existed_is_seen_to() -> None:
    world = a_world()
    steps = {StepName.CUT: Step(StepStatus.DONE)}
    world.quarantines.put(replace(world.quarantine(), steps=steps))
    world.ec2.attach(WEB, an_interface(groups=("sg-web",)))

    attend(a_ref(), world.responder)

    assert world.is_cut()
    assert world.notices.outcomes[-1] == "repaired"


def test_a_lease_of_a_clock_that_is_far_ahead_is_cut_to_what_one_is() -> None:
    world = a_world()
    ahead = {"worker-9": world.now + timedelta(days=365)}
    world.quarantines.put(replace(world.quarantine(), workers=ahead))

    attend(a_ref(), world.responder)

    assert world.quarantine().workers == {"worker-9": world.now + 2 * LEASE}
    world.now += 3 * LEASE
    assert not world.quarantine().at_work(world.now)


def fights(world: World, runs: int) -> None:
    """An intruder lets the instance out after each look of the watcher."""
    for _ in range(runs):
        lets_out(world)
        attend(a_ref(), world.responder)
        assert world.is_cut()
        world.now += 5 * MINUTE


def test_a_day_of_drift_is_a_handful_of_messages_ever_more_urgent() -> None:
    world = World(policy=a_policy(stop_after_repairs=0))
    world.launch(an_instance())
    world.deliver(an_event())

    fights(world, 288)

    told = [n for n in world.notices.sent if n.outcome == "repaired"]
    assert [n.facts["repairs"] for n in told] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert [n.severity for n in told] == ["High", "High"] + ["Critical"] * 7
    assert "for the 256th time" in told[-1].subject
    assert world.quarantine().repairs.count == 288


def test_drift_that_comes_back_after_a_day_of_peace_is_told_as_the_first() -> None:
    world = a_world()
    fights(world, 3)
    world.now += DAY

    fights(world, 1)

    assert world.notices.sent[-1].facts["repairs"] == 1


def test_who_lets_it_out_again_and_again_makes_it_stop() -> None:
    world = a_world()

    fights(world, 5)
    assert world.ec2.state_of(WEB) == "running"
    fights(world, 1)

    assert world.ec2.state_of(WEB) == "stopped"
    assert "Stopping the instance: done" in world.notices.sent[-1].text
    fights(world, 2)
    assert world.quarantine().step(StepName.STOP).status is StepStatus.DONE


def test_who_goes_on_loses_the_keys_of_the_role_where_the_owner_says_so() -> None:
    world = World(policy=a_policy(stop_after_repairs=0, deny_after_repairs=3))
    world.launch(an_instance())
    world.ec2.has(WEB, role="web")
    world.deliver(an_event())

    fights(world, 2)
    assert world.quarantine().step(StepName.CREDENTIALS).status is StepStatus.SKIPPED
    fights(world, 1)

    assert world.quarantine().step(StepName.CREDENTIALS).status is StepStatus.DONE
    assert "given to it: done" in world.notices.sent[-1].text
    assert world.ec2.state_of(WEB) == "running"


def test_what_must_not_be_stopped_is_not() -> None:
    world = World()
    world.launch(an_instance(is_spot=True))
    world.deliver(an_event())

    fights(world, 8)

    assert world.ec2.state_of(WEB) == "running"


RIVAL = "sg-deny-of-another"


def is_cut_by_a_rival(world: World) -> None:
    world.ec2.of_rivals = frozenset({RIVAL})
    world.ec2.attach(WEB, an_interface(groups=(RIVAL,)))


def test_of_two_that_enforce_the_one_that_finds_the_other_yields() -> None:
    world = a_world()
    is_cut_by_a_rival(world)

    for _ in range(3):
        attend(a_ref(), world.responder)

    assert world.ec2.groups_on(WEB) == {"eni-1": (RIVAL,)}
    assert world.notices.outcomes == ["contained", "yielded"]


def test_beside_a_rival_an_interface_that_is_out_is_cut_off() -> None:
    world = a_world()
    is_cut_by_a_rival(world)
    attaches(world)

    attend(a_ref(), world.responder)

    assert world.is_cut()


def test_a_rival_whose_group_has_rules_keeps_nothing_cut_off() -> None:
    world = a_world()
    is_cut_by_a_rival(world)
    world.ec2.of_rivals = frozenset()

    attend(a_ref(), world.responder)

    assert world.is_cut()
