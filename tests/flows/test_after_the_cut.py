from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, StepFailedError
from chalicelib.core.instance import Instance
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from tests.builders import WEB, a_policy, an_event, an_instance
from tests.fakes import World

STOPS = a_policy(stop_after_cut=True)
IN_A_GROUP = {"aws:autoscaling:groupName": "web"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A call that fails, and what it is called for."""

    call: str
    about: str
    step: StepName


TROUBLES = [
    Trouble("notices.publish", "contained", StepName.ANNOUNCE),
    Trouble("quarantines.save", "announce", StepName.ANNOUNCE),
    Trouble("quarantines.as_described", "", StepName.EVIDENCE),
    Trouble("evidence.keep", "instance-before", StepName.EVIDENCE),
    Trouble("evidence.keep", "findings/", StepName.EVIDENCE),
    Trouble("ec2.stop", "", StepName.STOP),
    Trouble("quarantines.save", "stop", StepName.STOP),
]


def a_world(**changes: Any) -> World:
    world = World(policy=STOPS)
    world.launch(an_instance(**changes))
    return world


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: f"{t.call} {t.about}")
@pytest.mark.parametrize("error", [AwsBusyError("x", "Slow"), AwsRefusedError("x", "No")])
def test_a_step_that_fails_leaves_the_cut_and_raises(
    trouble: Trouble, error: AwsBusyError | AwsRefusedError
) -> None:
    world = a_world()
    world.fails(trouble.call, error, about=trouble.about)

    with pytest.raises(StepFailedError, match="is cut off, but: x"):
        world.deliver(an_event())

    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED
    assert world.quarantine().steps[trouble.step].status is StepStatus.PENDING
    assert world.notices.outcomes[-1] == "step_failed"


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: f"{t.call} {t.about}")
def test_a_step_that_fails_does_not_stop_the_next(trouble: Trouble) -> None:
    world = a_world()
    world.fails(trouble.call, AwsBusyError("x", "Slow"), about=trouble.about)

    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    others = {StepName.ANNOUNCE, StepName.EVIDENCE, StepName.STOP} - {trouble.step}
    assert {world.quarantine().steps[name].status for name in others} == {StepStatus.DONE}


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: f"{t.call} {t.about}")
def test_a_step_that_failed_is_resumed_and_finished_ones_are_not_repeated(
    trouble: Trouble,
) -> None:
    world = a_world()
    world.fails(trouble.call, AwsBusyError("x", "Slow"), times=1, about=trouble.about)
    with pytest.raises(StepFailedError):
        world.deliver(an_event())
    begun = len(world.calls.made)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert not world.quarantine().is_unfinished
    saved = [c.about.split()[1] for c in world.calls.made[begun:] if c.name == "quarantines.save"]
    assert saved == [trouble.step]


def test_all_problems_of_one_delivery_are_named() -> None:
    world = a_world()
    world.fails("notices.publish", AwsBusyError("publish", "Slow"), times=1)
    world.fails("evidence.keep", AwsBusyError("keep", "Slow"))

    with pytest.raises(StepFailedError) as caught:
        world.deliver(an_event())

    assert caught.value.problems == (
        "publish: AWS answered Slow",
        "keep: AWS answered Slow",
    )


def test_an_announcement_whose_record_was_lost_is_made_twice_rather_than_never() -> None:
    world = a_world()
    world.fails("quarantines.save", AwsBusyError("x", "Slow"), times=1, about="announce")
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    world.deliver(an_event())

    assert world.notices.outcomes == ["contained", "step_failed", "contained"]


def test_the_instance_is_stopped_after_the_cut_where_the_policy_says_so() -> None:
    world = a_world()

    world.deliver(an_event())

    names = world.calls.names
    assert state_of(world) == "stopped"
    assert names.index("ec2.apply") < names.index("ec2.stop")
    assert world.quarantine().steps[StepName.STOP].detail.startswith("request request-")


def test_the_instance_is_not_stopped_unless_the_policy_says_so() -> None:
    world = World()
    world.launch(an_instance())

    world.deliver(an_event())

    assert state_of(world) == "running"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tags": IN_A_GROUP}, "member of the Auto Scaling group web"),
        ({"root_device_type": "instance-store"}, "instance store"),
        ({"state": "stopped"}, "stopped already"),
    ],
)
def test_an_instance_that_must_not_be_stopped_is_not_and_people_know_why(
    changes: dict[str, Any], why: str
) -> None:
    world = a_world(**changes)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert "ec2.stop" not in world.calls.names
    assert world.quarantine().steps[StepName.STOP].status is StepStatus.SKIPPED
    assert why in world.notices.sent[0].text


def test_a_version_of_the_finding_that_was_kept_while_held_is_not_kept_again() -> None:
    world = a_world()
    world.mode = Mode.OBSERVE
    world.deliver(an_event())
    world.mode = Mode.ENFORCE

    world.deliver(an_event())

    kept = [call.about for call in world.calls.made if call.name == "evidence.keep"]
    assert [name.split("/")[0] for name in kept] == ["findings", "quarantines"]


def state_of(world: World) -> str:
    found: Instance | None = world.ec2.find(WEB)
    assert found is not None
    return found.state
