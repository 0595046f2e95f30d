from __future__ import annotations

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.dossier import Sighting
from tests.builders import (
    ACCOUNT,
    FINDING,
    MINUTE,
    NOON,
    WEB,
    a_finding,
    a_ref,
    an_event,
    an_instance,
)
from tests.fakes import World

PROBE = "Recon:EC2/PortProbeUnprotectedPort"


def a_contained_world() -> World:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    return world


def sighting(world: World, finding_id: str = FINDING) -> Sighting:
    found = world.quarantines.dossier(a_ref().key, ACCOUNT).sighting(finding_id)
    assert found is not None
    return found


def test_the_same_event_twice_is_already_contained_and_told_once() -> None:
    world = a_contained_world()
    lines, kept = world.timeline(), dict(world.evidence.kept)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.notices.outcomes == ["contained"]
    assert world.timeline() == lines
    assert world.evidence.kept == kept


def test_a_second_finding_is_appended_and_told_once() -> None:
    world = a_contained_world()
    event = an_event(type_="CryptoCurrency:EC2/BitcoinTool.B", finding_id="second")

    answers = [world.deliver(event) for _ in range(3)]

    assert {answer.outcome for answer in answers} == {Outcome.ALREADY_CONTAINED}
    assert world.notices.outcomes == ["contained", "already_contained"]
    assert world.timeline().count("finding") == 1
    assert [name for name in world.evidence.kept if "/second/" in name]
    assert world.quarantine().finding_id == FINDING


def test_an_update_of_the_same_finding_is_kept_and_not_told_again() -> None:
    world = a_contained_world()

    for count in range(4, 7):
        world.deliver(an_event(count=count))

    findings = [name for name in world.evidence.kept if name.startswith("findings/")]
    assert len(findings) == 4
    assert world.timeline().count("finding") == 3
    assert world.notices.outcomes == ["contained"]


def test_the_line_of_an_update_names_the_version_that_was_kept() -> None:
    world = a_contained_world()

    world.deliver(an_event(count=9))

    line, listed = world.quarantines.timeline(world.quarantine())[-2:]
    assert listed.what == "evidence_listed"
    assert (line.who, line.what) == ("guardduty", "finding")
    assert line.detail["sha256"] == a_finding(count=9).sha256
    assert [name for name in world.evidence.kept if line.detail["sha256"] in name]


def test_the_finding_that_caused_the_containment_is_not_told_as_a_repeat() -> None:
    world = a_contained_world()
    world.quarantines.remember(
        a_ref().key, Sighting(FINDING, "x", Response.CONTAIN, NOON, told="failed:BusyError")
    )

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.ALREADY_CONTAINED
    assert world.notices.outcomes == ["contained"]
    assert sighting(world).told == f"contained:{WEB}-1"


def test_an_alert_is_told_once() -> None:
    world = World()

    for count in range(3):
        world.deliver(an_event(type_=PROBE, severity=2, count=count + 1))

    assert world.notices.outcomes == ["alerted"]
    assert len(world.evidence.kept) == 3


def test_an_alert_whose_severity_rises_to_another_band_is_told_again() -> None:
    world = World()

    for severity in (2, 3.9, 5, 5.5, 8):
        world.deliver(an_event(type_=PROBE, severity=severity))

    assert [notice.severity for notice in world.notices.sent] == ["Low", "Medium", "High"]


def test_an_alert_whose_record_was_lost_is_told_twice_rather_than_never() -> None:
    world = World()
    world.fails("quarantines.remember", AwsBusyError("remember", "Slow"), times=1)
    with pytest.raises(AwsBusyError):
        world.deliver(an_event(type_=PROBE))

    world.deliver(an_event(type_=PROBE))

    assert world.notices.outcomes == ["alerted", "alerted"]


def test_a_notice_that_could_not_be_sent_is_sent_when_the_event_comes_again() -> None:
    world = World()
    world.fails("notices.publish", AwsBusyError("publish", "Slow"), times=1)
    with pytest.raises(AwsBusyError):
        world.deliver(an_event(type_=PROBE))

    world.deliver(an_event(type_=PROBE))

    assert world.notices.outcomes == ["alerted"]


def test_what_was_seen_and_told_is_remembered() -> None:
    world = World()
    world.launch(an_instance())
    world.now = NOON + MINUTE

    world.deliver(an_event())

    assert sighting(world) == Sighting(
        FINDING,
        "Backdoor:EC2/C&CActivity.B",
        Response.CONTAIN,
        NOON + MINUTE,
        f"contained:{WEB}-1",
        a_finding().sha256,
    )


def test_an_instance_that_is_gone_is_told_once() -> None:
    world = World()

    for count in range(2):
        world.deliver(an_event(count=count + 1))

    assert world.notices.outcomes == ["alerted"]
    assert world.notices.sent[0].facts["reasons"] == ["instance_gone"]


def test_a_failure_that_was_told_does_not_pretend_that_the_finding_was_kept() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("quarantines.open", AwsBusyError("open", "Slow"), times=1)

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())

    assert sighting(world).sha256 == ""


def test_a_failure_about_a_finding_that_was_kept_remembers_so() -> None:
    world = a_contained_world()
    world.fails("ec2.apply", AwsBusyError("set", "Slow"))
    world.ec2.change(WEB, state="running")
    world.ec2.attach(WEB, an_instance().interfaces[0])

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())

    assert sighting(world).sha256 == a_finding().sha256
