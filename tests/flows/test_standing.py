from __future__ import annotations

from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.notices.posture import DetectorHealth
from chalicelib.flows.standing import how_it_stands
from chalicelib.flows.watch import watch
from tests.builders import NOON, an_event, an_instance
from tests.fakes import World


def test_before_the_watcher_ran_only_the_table_is_known() -> None:
    said = how_it_stands(World().responder)

    assert said["breaker"] == {"opened": 0, "limit": 10, "window_minutes": 10, "is_open": False}
    assert (said["watched_at"], said["dead_letters"], said["last_exercise"]) == (None, None, None)


def test_what_the_watcher_saw_is_told_without_asking_aws_again() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    world.control.exercise(NOON)
    world.detector.present = DetectorHealth(is_enabled=True, lists=(("threats", "ACTIVE"),))
    watch(world.responder)
    world.calls.made.clear()

    said = how_it_stands(world.responder)

    assert said["threat_lists"] == [{"name": "threats", "status": "ACTIVE"}]
    assert (said["dead_letters"], said["guardduty_enabled"], said["unknown"]) == (0, True, [])
    assert (said["watched_at"], said["last_exercise"]) == (NOON.isoformat(),) * 2
    assert said["breaker"]["opened"] == 1
    assert {call.name.split(".")[0] for call in world.calls.made} == {"quarantines", "control"}


def test_what_aws_refuses_the_watcher_is_named_and_keeps_it_from_nothing() -> None:
    world = World()
    refused = AwsRefusedError("look", "AccessDenied")
    world.fails("dead_letters.count", refused)
    world.fails("detector.health", refused)

    watch(world.responder)

    said = how_it_stands(world.responder)
    assert (said["dead_letters"], said["threat_lists"], said["guardduty_enabled"]) == (None,) * 3
    assert [each.split(":")[0] for each in said["unknown"]] == ["dead letters", "GuardDuty"]
