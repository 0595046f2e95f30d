from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.api.request import ReleaseRequest
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows import file_reports
from chalicelib.flows.release import release
from chalicelib.flows.watch import watch
from tests.builders import MINUTE, WEB, a_quarantine, a_ref, an_event, an_instance
from tests.fakes import World

ADA = "arn:aws:sts::111122223333:assumed-role/responder/ada"


def a_world() -> World:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    return world


def reports(world: World, shape: str = "html") -> list[str]:
    """Return the states that the reports in the evidence show, in the order of their names."""
    names = sorted(name for name in world.evidence.kept if "/report-" in name)
    return [name.split("-")[-2] for name in names if name.endswith(f".{shape}")]


def run(world: World) -> None:
    watch(world.responder)
    world.now += 5 * MINUTE


def give_back(world: World) -> None:
    release(a_ref(), ReleaseRequest(ADA, "clean", Verdict.REMEDIATED), world.responder)


def test_each_state_gets_one_report_for_people_and_one_for_machines() -> None:
    world = a_world()
    for _ in range(3):
        run(world)
    assert reports(world) == reports(world, "json") == ["CONTAINED"]

    give_back(world)
    run(world)

    assert reports(world) == reports(world, "json") == ["CONTAINED", "RELEASED"]
    (last,) = (
        text
        for name, text in world.evidence.kept.items()
        if "RELEASED" in name[:-5] and name.endswith("json")
    )
    assert json.loads(last)["release"]["by"] == ADA


def test_an_old_one_that_is_on_no_list_any_more_is_filed_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_reports, "_LATEST", 1)
    world = a_world()
    run(world)
    later = a_quarantine(State.RELEASED, ref=a_ref("i-00000000000000009"), opened_at=world.now)
    world.quarantines.put(later)
    give_back(world)

    run(world)

    assert sorted(reports(world)) == ["CONTAINED", "RELEASED", "RELEASED"]
    assert len([name for name in world.evidence.kept if WEB in name and "RELEASED" in name]) == 2


def test_what_moved_on_meanwhile_is_left_to_the_lists() -> None:
    world = a_world()
    run(world)
    rounds = world.control.rounds()
    world.control.remember_rounds(
        replace(
            rounds, filed={**rounds.filed, f"{a_ref('i-00000000000000008').key}#1": "CONTAINED"}
        )
    )

    run(world)

    assert reports(world) == ["CONTAINED"]


def test_a_run_without_time_leaves_reports_to_the_next() -> None:
    world = a_world()
    world.calls.after("control.take_turn", lambda: setattr(world, "now", world.now))

    filed = file_reports.file_reports((), {}, world.now - timedelta(seconds=1), world.responder)
    assert (filed, reports(world)) == ({}, [])
    gone = {f"{a_ref().key}#7": "CONTAINED"}
    world.quarantines.put(replace(a_quarantine(State.RELEASED), number=1))
    kept = file_reports.file_reports(
        (),
        {**gone, f"{a_ref().key}#1": "RELEASED"},
        world.now - timedelta(seconds=1),
        world.responder,
    )
    assert kept.keys() >= gone.keys()


def test_a_store_that_cannot_be_had_is_raised_and_the_report_filed_later() -> None:
    world = a_world()
    world.fails("evidence.keep", AwsBusyError("keep", "SlowDown"), times=1)
    with pytest.raises(AwsBusyError):
        run(world)

    run(world)

    assert reports(world) == ["CONTAINED"]
