from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.api.request import QuarantineRequest, ReleaseRequest
from chalicelib.core.errors import NotAllowedError, UnknownInstanceError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.core.surroundings import Balancer, ScalingGroup, Surroundings
from chalicelib.flows.preview import preview
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.release import release
from tests.builders import WEB, a_ref, an_event, an_instance, an_interface
from tests.fakes import World

ADA = "arn:aws:sts::111122223333:assumed-role/responder/ada"


def asked(world: World) -> dict[str, Any]:
    return preview(a_ref(), world.responder).as_json()


def runs(said: dict[str, Any]) -> dict[str, bool]:
    return {each["step"]: each["would_run"] for each in said["steps"]}


def test_before_there_is_a_quarantine_it_says_what_would_be_done_and_does_nothing() -> None:
    world = World()
    world.launch(an_instance())
    world.ec2.add_group(Group("sg-deny", "vpc-1", GroupRole.DENY, is_ready=True))
    before = world.ec2.groups_on(WEB)

    said = asked(world)

    assert said["quarantine"] is None
    assert {each["groups_then"][0] for each in said["interfaces"]} == {"sg-deny"}
    assert all(runs(said)[step] for step in ("cut", "drain", "announce", "evidence"))
    assert runs(said)["stop"] is False
    assert world.ec2.groups_on(WEB) == before
    assert world.notices.sent == []
    assert not world.evidence.kept


def test_what_it_says_is_what_a_containment_does() -> None:
    world = World()
    world.launch(an_instance())
    said = asked(world)

    quarantine_by_hand(a_ref(), QuarantineRequest(ADA, "seen"), world.responder)

    moved = {each["interface_id"] for each in said["interfaces"] if each["groups_then"]}
    assert set(world.ec2.groups_on(WEB)) == moved
    assert all("without rules" in each["groups_then"][0] for each in said["interfaces"])


def test_of_a_contained_instance_nothing_is_left_to_do() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())

    said = asked(world)

    assert said["quarantine"]["state"] == "CONTAINED"
    assert runs(said) == {"cut": False}


def test_one_that_was_let_out_would_be_cut_off_again() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    (first, *_) = world.ec2.groups_on(WEB)
    world.ec2.attach(WEB, an_interface(first))

    assert runs(asked(world))["cut"] is True


def test_while_it_is_being_released_nothing_would_be_cut() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    request = ReleaseRequest(ADA, "clean", Verdict.REMEDIATED)
    world.fails("ec2.apply", KeyboardInterrupt(), times=1)
    with pytest.raises(KeyboardInterrupt):
        release(a_ref(), request, world.responder)

    said = asked(world)

    assert said["quarantine"]["state"] == State.RELEASING
    assert runs(said) == {"cut": False}


def test_every_hold_that_no_finding_changes_is_named() -> None:
    world = World(mode=Mode.OBSERVE)
    world.policy = replace(world.policy, exempt_instances=frozenset({WEB}), protect_routers=True)
    routing = replace(an_interface("eni-1"), source_dest_check=False)
    world.launch(replace(an_instance(), interfaces=(routing,)))
    world.neighbourhood.present = Surroundings(routes=("rtb-1 to 0.0.0.0/0",))

    said = asked(world)

    assert said["holds"] == ["observe_mode", "exempt", "protected_class"]
    assert len(said["holds_in_words"]) == 3
    assert said["hurts"] == ["Traffic of others runs through it: rtb-1 to 0.0.0.0/0."]


def test_an_interface_of_a_service_stays_where_it_is() -> None:
    world = World()
    theirs = replace(an_interface("eni-2"), requester="amazon-elb")
    world.launch(replace(an_instance(), interfaces=(an_interface("eni-1"), theirs)))

    said = asked(world)

    assert said["interfaces"][1]["groups_then"] == said["interfaces"][1]["groups_now"]
    assert "eni-2 belongs to amazon-elb" in said["steps"][0]["detail"]


def test_a_policy_that_stops_and_does_not_drain_says_so() -> None:
    world = World()
    world.policy = replace(world.policy, drain=False, stop_after_cut=True, metadata=False)
    world.launch(an_instance())

    said = asked(world)

    assert runs(said) == {
        "cut": True,
        "drain": False,
        "protection": True,
        "fleet": False,
        "targets": False,
        "metadata": False,
        "credentials": False,
        "address": False,
        "announce": True,
        "snapshots": True,
        "evidence": True,
        "stop": True,
    }


def test_what_is_around_an_instance_gives_each_step_something_to_do() -> None:
    world = World()
    world.policy = replace(
        world.policy, fleet=True, targets=True, credentials=True, address=True, metadata=True
    )
    world.launch(an_instance(tags={"aws:autoscaling:groupName": "web"}))
    world.neighbourhood.present = Surroundings(
        role="arn:aws:iam::111122223333:instance-profile/web",
        addresses=("198.51.100.7",),
        scaling_group=ScalingGroup("web", desired=2, in_service=2),
        balancers=(Balancer("web", others=1),),
    )

    would = runs(asked(world))

    assert [step for step, runs_then in would.items() if not runs_then] == ["stop"]


def test_an_instance_that_is_not_there_or_must_not_be_looked_at_is_refused() -> None:
    world = World()
    with pytest.raises(UnknownInstanceError):
        asked(world)
    world.launch(replace(an_instance(), state="terminated"))
    with pytest.raises(UnknownInstanceError):
        asked(world)
    with pytest.raises(NotAllowedError):
        preview(replace(a_ref(), account_id="999999999999"), world.responder)
