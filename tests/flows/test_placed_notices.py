"""A notice says where a person acts, and where the evidence lies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import VERSION
from chalicelib.core.deployed import Deployed
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.notices import about_quarantines
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.quarantine.record import State
from chalicelib.flows.placed_notices import PlacedNotices
from tests.builders import ACCOUNT, NOON, REGION, WEB, a_quarantine
from tests.fakes import World

API = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/api"
BUCKET = "s3://cordon-dev-evidence-111122223333-eu-west-1/"
FOLDER = f"{BUCKET}quarantines/{ACCOUNT}/{REGION}/{WEB}/1/"
CONTAINED = about_quarantines.of_containment(a_quarantine(State.CONTAINED), None, "by_hand")


def told(world: World, notice: Notice) -> Notice:
    PlacedNotices(world.notices, world.control, BUCKET).publish(notice)
    return world.notices.sent[-1]


def throttled() -> None:
    raise AwsBusyError("read control", "Throttling")


def test_a_notice_names_the_api_as_the_command_takes_it_and_its_evidence() -> None:
    world = World()
    world.control.at_work = Deployed(VERSION, NOON, address=API)

    notice = told(world, CONTAINED)

    assert notice.sections[:-1] == CONTAINED.sections
    heading, lines = notice.sections[-1]
    assert heading == "Where"
    assert f"CORDON_API={API.removeprefix('https://')}" in lines[0]
    assert lines[-1] == f"evidence: {FOLDER}"
    assert notice.facts == {**CONTAINED.facts, "api": API, "evidence": FOLDER}
    assert FOLDER in notice.text


@pytest.mark.parametrize("at_work", [None, Deployed(VERSION, NOON)])
def test_an_api_that_nobody_asked_yet_is_not_named(at_work: Deployed | None) -> None:
    world = World()
    world.control.at_work = at_work

    notice = told(world, CONTAINED)

    assert "api" not in notice.facts
    assert notice.facts["evidence"] == FOLDER


def test_what_cannot_be_read_keeps_nobody_from_being_told() -> None:
    world = World()
    world.calls.before("control.deployed", throttled)

    assert "api" not in told(world, CONTAINED).facts


def test_the_address_is_read_once_it_is_known_no_more() -> None:
    world = World()
    notices = PlacedNotices(world.notices, world.control, BUCKET)
    notices.publish(CONTAINED)
    world.control.at_work = Deployed(VERSION, NOON + timedelta(hours=1), address=API)

    notices.publish(CONTAINED)
    notices.publish(CONTAINED)

    assert [notice.facts.get("api") for notice in world.notices.sent] == [None, API, API]
    assert world.calls.names.count("control.deployed") == 2


def test_a_hold_has_no_evidence_of_a_quarantine_yet() -> None:
    held = Notice(Kind.HOLD, "held", "High", ACCOUNT, "HELD", (), {"instance_id": WEB})

    assert "evidence" not in told(World(), held).facts


def test_what_is_about_no_instance_is_told_as_it_is() -> None:
    digest = Notice(Kind.DIGEST, "digest", "Low", ACCOUNT, "Cordon", (), {"region": REGION})

    assert told(World(), digest) == digest
