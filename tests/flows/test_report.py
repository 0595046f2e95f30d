from __future__ import annotations

import json
from typing import Any

from chalicelib.flows.report import report
from tests.builders import WEB, a_ref, an_event, an_instance
from tests.core.test_surroundings import CROWDED
from tests.fakes import World


def asked(world: World) -> dict[str, Any]:
    body, _ = report("json", a_ref(), world.responder)
    said: dict[str, Any] = json.loads(body)
    return said


def test_a_report_says_whom_the_containment_hurts_now() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    world.neighbourhood.present = CROWDED

    said = asked(world)

    assert said["blast_radius"]["hurts"] == list(CROWDED.hurts())
    assert said["blast_radius"]["siblings"] == ["i-1", "i-2"]


def test_of_an_instance_that_is_gone_nobody_is_looked_for() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    world.ec2.change(WEB, state="terminated")

    assert asked(world)["blast_radius"] is None
