from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    AwsSilentError,
    ContainmentAtWorkError,
    CordonError,
    StepFailedError,
)
from chalicelib.core.evidence.manifest import Manifest, read_manifest
from chalicelib.core.evidence.snapshots import Snapshot
from chalicelib.core.instance import Instance
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import State, Step, StepName, StepStatus
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.flows.attend import attend
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_policy, a_ref, an_event, an_instance
from tests.fakes import Crash, World

ASKS = ReleaseRequest("arn:aws:iam::111122223333:user/ada", "clean", Verdict.REMEDIATED)
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
    Trouble("ec2.take", "", StepName.SNAPSHOTS),
    Trouble("ec2.stop", "", StepName.STOP),
]


def die() -> None:
    raise Crash


def a_world(**changes: Any) -> World:
    world = World(policy=STOPS)
    world.launch(an_instance(**changes))
    return world


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: f"{t.call} {t.about}")
def test_a_step_that_cannot_be_done_now_leaves_the_cut_and_raises(trouble: Trouble) -> None:
    world = a_world()
    world.fails(trouble.call, AwsBusyError("x", "Slow"), about=trouble.about)

    with pytest.raises(StepFailedError, match=r"is cut off, but: .*x"):
        world.deliver(an_event())

    assert world.is_cut()
    assert world.quarantine().state is State.CONTAINED
    assert world.quarantine().is_due(trouble.step)
    assert world.notices.outcomes[-1] == "step_failed"


@pytest.mark.parametrize("trouble", TROUBLES[2:7], ids=lambda t: f"{t.call} {t.about}")
def test_a_step_that_aws_refuses_has_failed_is_told_once_and_is_quiet_then(
    trouble: Trouble,
) -> None:
    world = a_world()
    world.fails(trouble.call, AwsRefusedError("x", "No"), about=trouble.about)

    answer = world.deliver(an_event())
    for _ in range(12):
        world.now += 5 * MINUTE
        attend(a_ref(), world.responder)

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    failed = Step(StepStatus.FAILED, "x: AWS refused with No")
    assert world.quarantine().step(trouble.step) == failed, "nothing was done: nothing to undo"
    assert not world.quarantine().workers
    assert sorted(world.notices.outcomes) == ["contained", "step_failed"]
    (told,) = (notice for notice in world.notices.sent if notice.outcome == "step_failed")
    assert f"/steps/{trouble.step}" in told.text


def test_a_refused_announcement_stays_due_since_nobody_was_told() -> None:
    world = a_world()
    world.fails("notices.publish", AwsRefusedError("x", "No"), about="contained")

    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    assert world.quarantine().is_due(StepName.ANNOUNCE)


def test_a_failed_step_that_cannot_be_told_is_tried_again() -> None:
    world = a_world()
    world.fails("ec2.stop", AwsRefusedError("x", "No"))
    world.fails("notices.publish", AwsBusyError("x", "Slow"), about="step_failed")

    with pytest.raises(CordonError):
        world.deliver(an_event())

    assert world.quarantine().is_due(StepName.STOP)


def test_a_stop_that_may_still_arrive_keeps_a_release_waiting() -> None:
    world = a_world()
    world.fails("ec2.stop", AwsSilentError("stop", "no answer"))
    with pytest.raises(StepFailedError):
        world.deliver(an_event())

    with pytest.raises(ContainmentAtWorkError):
        release(a_ref(), ASKS, world.responder)


def test_a_release_in_the_midst_of_a_stop_waits_for_it() -> None:
    world = a_world()
    caught: list[str] = []

    def ask() -> None:
        try:
            release(a_ref(), ASKS, world.responder)
        except ContainmentAtWorkError:
            caught.append("waits")

    world.calls.before("ec2.stop", ask)

    world.deliver(an_event())

    assert caught == ["waits"]
    assert world.quarantine().state is State.CONTAINED


def test_what_was_stopped_by_a_worker_that_died_is_started_by_a_release() -> None:
    world = a_world()
    world.calls.after("ec2.stop", die)
    with pytest.raises(Crash):
        world.deliver(an_event())
    world.now += LEASE

    release(a_ref(), ASKS, world.responder)
    handover = release(a_ref(), ASKS, world.responder)

    assert handover.quarantine.state is State.RELEASED
    assert world.ec2.state_of(WEB) == "running"


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
    rounds = 4 if trouble.step in REVERSIBLE else 1  # of one try
    world.fails(trouble.call, AwsBusyError("x", "Slow"), times=rounds, about=trouble.about)
    with pytest.raises(StepFailedError):
        world.deliver(an_event())
    begun = len(world.calls.made)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert not world.quarantine().is_unfinished
    saved = [c.about.split()[1] for c in world.calls.made[begun:] if c.name == "quarantines.save"]
    done = "steps_settled" if trouble.step in REVERSIBLE else trouble.step
    assert [what for what in saved if not what.endswith("_started")] == [done]


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
    assert world.quarantine().steps[StepName.STOP].detail == "EC2 was read back"


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
    world.policy = replace(world.policy, fleet=False)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert "ec2.stop" not in world.calls.names
    assert world.quarantine().steps[StepName.STOP].status is StepStatus.SKIPPED
    assert why in world.notices.sent[0].text


def test_a_version_of_the_finding_that_was_kept_while_held_is_there_once() -> None:
    world = a_world()
    world.mode = Mode.OBSERVE
    world.deliver(an_event())
    world.mode = Mode.ENFORCE

    world.deliver(an_event())

    kept = [call.about for call in world.calls.made if call.name == "evidence.keep"]
    assert [name.split("/")[0] for name in kept].count("findings") == 2
    assert len([name for name in world.evidence.kept if name.startswith("findings/")]) == 1


def state_of(world: World) -> str:
    found: Instance | None = world.ec2.find(WEB)
    assert found is not None
    return found.state


def test_one_snapshot_of_all_volumes_is_taken_and_kept_after_the_release() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    world.deliver(an_event(finding_id="second"))
    world.now += MINUTE

    release(a_ref(), ASKS, world.responder)

    assert world.ec2.snapshots == {"i-0a1b2c3d4e5f60718-1": (Snapshot("snap-1"),)}
    step = world.quarantine().step(StepName.SNAPSHOTS)
    assert (step.status, step.detail) == (StepStatus.DONE, "snap-1")


def test_a_crash_right_after_the_snapshot_takes_no_second_one() -> None:
    world = World()
    world.launch(an_instance())
    world.calls.after("ec2.take", die)
    with pytest.raises(Crash):
        world.deliver(an_event())

    world.deliver(an_event())

    assert len(world.ec2.snapshots) == 1
    assert world.quarantine().step(StepName.SNAPSHOTS).status is StepStatus.DONE


def test_the_policy_can_leave_snapshots_off() -> None:
    world = World(policy=a_policy(snapshots=False))
    world.launch(an_instance())

    world.deliver(an_event())

    assert world.ec2.snapshots == {}
    assert world.quarantine().step(StepName.SNAPSHOTS).status is StepStatus.SKIPPED


def test_console_and_user_data_are_kept_as_evidence() -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.left_behind = ("panic", "#!/bin/sh")

    world.deliver(an_event())

    kept = {
        name.rpartition("/")[2].rpartition("-")[0]: t for name, t in world.evidence.kept.items()
    }
    assert (kept["console"], kept["user-data"]) == ("panic", "#!/bin/sh")
    detail = world.quarantine().step(StepName.EVIDENCE).detail
    assert all(part in detail for part in ("instance-before", "findings/", "console", "user-data"))


def test_a_console_that_may_not_be_read_fails_nothing_and_is_named() -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.left_behind = ("", "#!/bin/sh")
    world.fails("ec2.console", AwsRefusedError("read the console", "UnauthorizedOperation"))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    step = world.quarantine().step(StepName.EVIDENCE)
    assert step.status is StepStatus.DONE
    assert "read the console: AWS refused with UnauthorizedOperation" in step.detail
    assert "user-data" in step.detail


def test_a_screenshot_that_there_is_none_of_harms_nothing_and_is_named() -> None:
    for error in (AwsRefusedError("x", "UnsupportedOperation"), AwsBusyError("x", "InternalError")):
        world = World()
        world.launch(an_instance())
        world.ec2.left_behind = ("panic", "")
        world.fails("ec2.screenshot", error)

        answer = world.deliver(an_event())

        assert answer.outcome is Outcome.CONTAINED
        step = world.quarantine().step(StepName.EVIDENCE)
        assert step.status is StepStatus.DONE
        assert error.code in step.detail
        assert "/console-" in step.detail


def test_the_screen_and_what_undoes_the_quarantine_are_evidence() -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.shows = b"\xff\xd8picture"

    world.deliver(an_event())

    kept = {name.rpartition("/")[2].partition("-")[0]: t for name, t in world.evidence.kept.items()}
    assert kept["screenshot"] == "\xff\xd8picture"
    undo = json.loads(kept["undo"])
    assert undo["interfaces"][0]["group_ids"] == ["sg-web", "sg-ssh"]
    assert undo["steps"]["metadata"] == {"tokens": "optional"}


def manifests(world: World) -> list[Manifest]:
    bodies = [world.evidence.kept[n] for n in sorted(world.evidence.kept) if "/manifest-" in n]
    return [found for body in bodies if (found := read_manifest(body.encode()))]


def test_a_manifest_lists_every_piece_with_its_hash_and_version() -> None:
    world = World()
    world.launch(an_instance())

    world.deliver(an_event())

    (manifest,) = manifests(world)
    listed = {piece.name: (piece.sha256, piece.version_id) for piece in manifest.pieces}
    assert listed == {
        name: (hashlib.sha256(text.encode()).hexdigest(), "v1")
        for name, text in world.evidence.kept.items()
        if "/manifest-" not in name
    }


def test_each_change_of_the_evidence_has_a_manifest_with_the_hash_of_the_one_before() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    for count in (7, 8):
        world.deliver(an_event(count=count))
        world.deliver(an_event(count=count))  # a repeat changes nothing

    first, second, third = manifests(world)

    assert second.before == hashlib.sha256(first.as_bytes()).hexdigest()
    assert third.before == hashlib.sha256(second.as_bytes()).hexdigest()
    assert [len(each.pieces) for each in (second, third)] == [1, 1]
    lines = world.quarantines.timeline(world.quarantine())
    assert [line.detail["manifest"] for line in lines if line.what == "evidence_listed"] == [
        1,
        2,
        3,
    ]


def test_of_two_who_list_at_once_the_second_goes_on_after_the_first() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    another = an_event(count=5)
    world.calls.before("evidence.keep", lambda: world.deliver(another), about="manifest-0002")

    world.deliver(an_event(count=2))

    assert [each.number for each in manifests(world)] == [1, 2, 3]
    assert "evidence_planted" not in world.notices.outcomes


@pytest.mark.parametrize("body", ["{}", "[", '{"pieces": [{}]}'])
def test_a_manifest_that_somebody_else_put_there_is_told_and_stays_the_version_before(
    body: str,
) -> None:
    world = World()
    world.launch(an_instance())
    planted = "quarantines/" + a_ref().key + "/1/manifest-0001.json"
    world.evidence.keep(planted, body.encode())

    world.deliver(an_event())

    assert len(manifests(world)) == 1
    assert world.evidence.versions[planted] == 2
    assert "evidence_planted" in world.notices.outcomes


@pytest.mark.parametrize("name", ["manifest-0001", "undo-", "surroundings-"])
def test_a_crash_after_a_piece_leaves_one_chain(name: str) -> None:
    world = World()
    world.launch(an_instance())
    world.calls.after("evidence.keep", die, about=name)
    with pytest.raises(Crash):
        world.deliver(an_event())

    world.now += LEASE
    world.deliver(an_event())

    (manifest,) = manifests(world)
    assert {p.name for p in manifest.pieces} == {
        n for n in world.evidence.kept if "/manifest-" not in n
    }
