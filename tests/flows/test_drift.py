from __future__ import annotations

from chalicelib.core.decision.outcome import InstanceAnswer, Outcome
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import Original, State, StepName, StepStatus
from tests.builders import WEB, an_event, an_instance, an_interface
from tests.fakes import World


def a_world() -> World:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2")))
    return world


def test_an_interface_of_an_aws_service_is_left_and_the_others_are_cut() -> None:
    world = World()
    theirs = an_interface("eni-2", groups=("sg-lb",), requester="amazon-elb")
    world.launch(an_instance(an_interface(), theirs))

    answer = world.deliver(an_event())

    assert answer.instances == (
        InstanceAnswer(WEB, Outcome.HELD, ("requester_managed_interface",)),
    )
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-deny-vpc-1",), "eni-2": ("sg-lb",)}
    assert world.quarantine().state is State.CONTAINING
    assert world.notices.outcomes == ["held"]
    assert not world.quarantine().workers


def test_a_partial_cut_says_what_is_left() -> None:
    world = World()
    world.launch(an_instance(an_interface("eni-2", requester="amazon-elb")))

    world.deliver(an_event())

    (line,) = (
        line for line in world.quarantines.lines(world.quarantine()) if line.what == "partly_cut"
    )
    assert line.detail["left"] == ["eni-2 belongs to amazon-elb, which alone may change it"]


def test_a_partial_cut_is_told_once_and_finished_when_the_service_lets_go() -> None:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2", requester="amazon-elb")))
    world.deliver(an_event())
    world.deliver(an_event())
    world.ec2.detach("eni-2")

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.notices.outcomes == ["held", "contained"]


def test_an_instance_that_drifted_is_cut_again() -> None:
    world = a_world()
    world.deliver(an_event())
    world.ec2.attach(WEB, an_interface("eni-1", groups=("sg-backdoor",)))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.is_cut()
    assert "cut_again" in world.timeline()
    assert world.quarantine().original("eni-1") == Original("eni-1", "vpc-1", ("sg-web",))
    assert world.quarantine().steps[StepName.ANNOUNCE].status is StepStatus.DONE


def test_drift_is_left_while_cordon_only_observes() -> None:
    world = a_world()
    world.deliver(an_event())
    world.ec2.attach(WEB, an_interface("eni-1", groups=("sg-backdoor",)))
    world.quarantines.mode = Mode.OBSERVE

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.ec2.groups_on(WEB)["eni-1"] == ("sg-backdoor",)


def test_repairing_drift_ends_with_no_worker_left_in_the_record() -> None:
    world = a_world()
    world.deliver(an_event())
    world.ec2.attach(WEB, an_interface("eni-1", groups=("sg-backdoor",)))

    world.deliver(an_event())

    assert world.timeline().count("taken_up") == 1
    assert not world.quarantine().workers
