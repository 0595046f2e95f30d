from __future__ import annotations

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    NotContainedError,
    OpenToEverythingError,
)
from chalicelib.core.quarantine.record import Original, State
from chalicelib.core.steps.network import Group, GroupRole
from tests.builders import WEB, an_event, an_instance, an_interface, groups_of
from tests.fakes import World
from tests.fakes.calls import ALWAYS

THROTTLED = AwsBusyError("set the groups", "RequestLimitExceeded")
DENIED = AwsRefusedError("set the groups", "UnauthorizedOperation")


def no_answer() -> None:
    raise AwsSilentError("set the groups", "ReadTimeoutError")


def a_world() -> World:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2")))
    return world


def test_a_stale_reading_is_read_again() -> None:
    world = a_world()
    world.ec2.answers_stale(3)  # the look, and two readings after the cut

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.pauses == [0.5, 1.0]


def test_a_change_that_is_throttled_is_tried_in_the_next_round() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, times=1, about="eni-2 deny")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()


def test_the_reading_after_the_last_round_counts() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, times=3, about="eni-2 deny")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.pauses == [0.5, 1.0, 1.5]


def test_an_instance_that_is_never_read_back_as_cut_is_not_called_contained() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-2 deny")

    with pytest.raises(NotContainedError, match="eni-2 is on sg-web"):
        world.deliver(an_event())

    assert world.quarantine().state is State.CONTAINING
    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-deny-vpc-1",)
    assert world.notices.outcomes == ["failed"]
    assert "eni-2" in world.notices.sent[0].text


def test_a_containment_that_failed_converges_when_it_is_sent_again() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, times=4, about="eni-2 deny")
    with pytest.raises(NotContainedError):
        world.deliver(an_event())

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.quarantine().originals == (
        Original("eni-1", "vpc-1", ("sg-web",)),
        Original("eni-2", "vpc-1", ("sg-web",)),
    )
    assert world.notices.outcomes == ["failed", "contained"]


def test_the_same_failure_is_told_once() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-2 deny")

    for _ in range(3):
        with pytest.raises(NotContainedError):
            world.deliver(an_event())

    assert world.notices.outcomes == ["failed"]


def test_another_failure_is_told_again() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, times=4, about="eni-2 deny")
    with pytest.raises(NotContainedError):
        world.deliver(an_event())
    world.fails("ec2.set_groups", DENIED, about="eni-2 deny")

    with pytest.raises(AwsRefusedError):
        world.deliver(an_event())

    assert world.notices.outcomes == ["failed", "failed"]


def test_a_change_that_is_refused_raises_and_the_other_interfaces_are_cut() -> None:
    world = a_world()
    world.fails("ec2.set_groups", DENIED, about="eni-1 deny")

    with pytest.raises(AwsRefusedError, match="UnauthorizedOperation"):
        world.deliver(an_event())

    assert world.ec2.groups_on(WEB)["eni-2"] == ("sg-deny-vpc-1",)
    assert world.quarantine().state is State.CONTAINING
    assert world.calls.names.count("ec2.apply") == 1


def test_a_failure_to_tell_of_a_failure_raises_as_well() -> None:
    world = a_world()
    world.fails("ec2.set_groups", DENIED)
    world.fails("notices.publish", AwsBusyError("publish", "Throttled"))

    with pytest.raises(AwsBusyError, match="publish"):
        world.deliver(an_event())


def test_an_interface_that_is_attached_meanwhile_is_remembered_and_cut() -> None:
    world = a_world()
    late = an_interface("eni-late", groups=("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.ec2.groups_on(WEB)["eni-late"] == ("sg-deny-vpc-1",)
    assert world.quarantine().original("eni-late") == Original(
        "eni-late", "vpc-1", ("sg-backdoor",), since=world.now
    )
    assert "interface_found" in world.timeline()


def test_an_interface_that_is_attached_meanwhile_is_remembered_before_it_is_changed() -> None:
    world = a_world()
    late = an_interface("eni-late", groups=("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    world.deliver(an_event())

    about = [call.about for call in world.calls.made]
    assert about.index(f"{WEB}-1 interface_found") < about.index("eni-late deny")


def test_an_interface_in_a_new_vpc_gets_groups_of_its_own() -> None:
    world = a_world()
    late = an_interface("eni-late", "vpc-2", ("sg-backdoor",))
    world.calls.after("ec2.apply", lambda: world.ec2.attach(WEB, late))

    world.deliver(an_event())

    assert world.ec2.groups_on(WEB)["eni-late"] == ("sg-deny-vpc-2",)


def test_an_interface_that_is_detached_meanwhile_needs_nothing() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.detach("eni-2"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-deny-vpc-1",)}


def test_a_deny_group_that_is_deleted_meanwhile_is_made_again() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.delete_group("sg-deny-vpc-1"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.calls.names.count("ec2.prepare") == 2


def test_a_deny_group_that_somebody_gives_rules_meanwhile_is_mended() -> None:
    world = a_world()
    poisoned = Group("sg-deny-vpc-1", "vpc-1", GroupRole.DENY, is_ready=False)
    world.calls.after("ec2.apply", lambda: world.ec2.add_group(poisoned))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert all(group.is_ready for group in world.ec2.groups())


@pytest.mark.parametrize("error", [DENIED, THROTTLED])
def test_a_vpc_whose_deny_group_cannot_be_made_does_not_keep_the_others_waiting(
    error: AwsBusyError | AwsRefusedError,
) -> None:
    world = World()
    world.launch(an_instance(an_interface("eni-2", "vpc-2", ("sg-other",)), an_interface()))
    world.fails("ec2.prepare", error, about="deny vpc-2")

    with pytest.raises(type(error)):
        world.deliver(an_event())

    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-deny-vpc-1",)


def test_the_first_cut_does_not_wait_for_the_group_of_another_vpc() -> None:
    world = World()
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)
    world.launch(an_instance(an_interface(), an_interface("eni-2", "vpc-2", ("sg-other",))))

    world.deliver(an_event())

    about = [call.about for call in world.calls.made]
    assert about.index("eni-1 deny") < about.index("deny vpc-2")
    assert world.is_cut()


def test_an_interface_that_ec2_stops_naming_is_not_taken_for_cut() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-2 deny")
    world.ec2.hide("eni-2")

    with pytest.raises(NotContainedError, match="EC2 does not say on which groups eni-2 is"):
        world.deliver(an_event())

    assert world.quarantine().state is State.CONTAINING


def test_an_interface_that_left_the_instance_is_proven_to_have_left() -> None:
    world = a_world()
    world.calls.before("ec2.apply", lambda: world.ec2.detach("eni-2"))

    assert world.deliver(an_event()).outcome is Outcome.CONTAINED
    assert "ec2.attached" in world.calls.names


def test_an_instance_that_is_terminated_meanwhile_is_told_as_gone() -> None:
    world = a_world()
    world.calls.after("ec2.apply", lambda: world.ec2.change(WEB, state="terminated"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALERTED
    assert answer.instances[0].reasons == ("instance_gone",)
    assert world.quarantine().state is State.CONTAINING
    assert not world.quarantine().workers
    assert world.notices.outcomes == ["alerted"]


def test_a_worker_that_failed_gives_its_lease_back() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-2 deny")

    with pytest.raises(NotContainedError):
        world.deliver(an_event())

    assert not world.quarantine().workers


def test_a_worker_whose_change_was_not_answered_keeps_its_lease() -> None:
    world = a_world()
    silent = AwsSilentError("set the groups", "ReadTimeoutError")
    world.fails("ec2.set_groups", silent, about="eni-2 deny")

    with pytest.raises(AwsSilentError):
        world.deliver(an_event())

    assert world.quarantine().workers


def test_a_change_that_is_not_answered_and_was_carried_out_all_the_same_is_read_back() -> None:
    world = a_world()
    world.calls.after("ec2.set_groups", no_answer, about="eni-2 deny")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED


@pytest.mark.parametrize(("role", "most"), [("deny", 1), ("drain", 2)])
def test_what_ec2_does_not_answer_is_over_while_there_is_time_to_tell_people(
    role: str, most: int
) -> None:
    world = a_world()
    hung: list[str] = []

    def hang() -> None:
        hung.append("for 18 seconds")
        no_answer()

    # Of the hop's two denies the first worked, and nothing that comes after it is answered.
    skip = 0 if role == "deny" else 1
    world.calls.before("ec2.set_groups", hang, about="eni-2 deny", times=ALWAYS, skip=skip)

    with pytest.raises((AwsSilentError, OpenToEverythingError)):
        world.deliver(an_event())

    assert len(hung) == most
    assert world.notices.sent


def test_a_lease_that_cannot_be_given_back_lapses() -> None:
    world = a_world()
    world.fails("ec2.set_groups", THROTTLED, about="eni-2 deny")
    world.fails("quarantines.save", THROTTLED, about="left")

    with pytest.raises(NotContainedError):
        world.deliver(an_event())

    assert world.quarantine().workers
