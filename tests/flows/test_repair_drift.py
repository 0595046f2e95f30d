"""Who lets a quarantined instance out has it for as long as four calls take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, RecordMovedError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.call import OwnRoles
from chalicelib.core.quarantine.record import State, StepName, StepStatus
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.flows.attend import attend
from chalicelib.flows.repair_drift import repair_drift
from tests.builders import (
    ACCOUNT,
    MINUTE,
    OTHER_ACCOUNT,
    WEB,
    a_policy,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.core.quarantine.test_call import an_api_call, assumed
from tests.fakes import World

OWN = OwnRoles("dev", ACCOUNT)
ETH0, ETH1 = "eni-0a1b2c3d4e5f60718", "eni-0fedcba9876543210"
EVIL, DENY = "sg-0e0e0e0e", "sg-0d0d0d0d"
MALLORY = f"arn:aws:iam::{ACCOUNT}:user/mallory"


def a_world(**changes: Any) -> World:
    """Return a world in which the ordinary instance was just contained."""
    world = World(**changes)
    world.ec2.add_group(Group(DENY, "vpc-1", GroupRole.DENY, is_ready=True))
    world.launch(an_instance(an_interface(ETH0, groups=("sg-web",))))
    world.deliver(an_event())
    world.now += MINUTE
    world.calls.made.clear()
    return world


def is_cut(world: World) -> bool:
    return set(world.ec2.groups_on(WEB).values()) == {(DENY,)}


def moves(world: World, group: str = EVIL, **detail: Any) -> dict[str, Any]:
    """Somebody puts the interface on another group; return what CloudTrail tells of it."""
    world.ec2.attach(WEB, an_interface(ETH0, groups=(group,)))
    said = {"networkInterfaceId": ETH0, "groupSet": {"items": [{"groupId": group}]}}
    return an_api_call("ModifyNetworkInterfaceAttribute", requestParameters=said, **detail)


def attaches(world: World) -> dict[str, Any]:
    world.ec2.attach(WEB, an_interface(ETH1, groups=(EVIL,)))
    said = {"networkInterfaceId": ETH1, "instanceId": WEB, "deviceIndex": 1}
    return an_api_call("AttachNetworkInterface", requestParameters=said)


def spoils(world: World) -> dict[str, Any]:
    world.ec2.add_group(Group(DENY, "vpc-1", GroupRole.DENY, is_ready=False))
    said = {"groupId": DENY, "ipPermissions": {"items": [{"ipProtocol": "-1"}]}}
    return an_api_call("AuthorizeSecurityGroupEgress", requestParameters=said)


@pytest.mark.parametrize("touches", [moves, attaches])
def test_what_a_call_let_out_is_cut_off_again_and_told_with_who_it_was(touches: Any) -> None:
    world = a_world()

    answer = repair_drift(touches(world), OWN, world.responder)

    assert is_cut(world)
    assert (answer["let_out"], answer["by"]) == ([WEB], MALLORY)
    assert world.notices.outcomes == ["contained", "repaired"]
    assert world.timeline().count("cut_again") == 1
    [line] = [
        each for each in world.quarantines.timeline(world.quarantine()) if each.what == "let_out"
    ]
    assert (line.who, line.detail["call"]) == (MALLORY, answer["call"])


@pytest.mark.parametrize("touches", [moves, attaches])
def test_the_same_event_again_changes_nothing_more(touches: Any) -> None:
    world = a_world()
    event = touches(world)
    repair_drift(event, OWN, world.responder)
    before = world.quarantine()

    assert repair_drift(event, OWN, world.responder)["let_out"] == []
    assert world.quarantine() == before


def test_a_group_that_was_given_a_rule_loses_it() -> None:
    world = a_world()
    event = spoils(world)

    assert repair_drift(event, OWN, world.responder)["groups"] == [DENY]

    assert "ec2.prepare" in world.calls.names
    assert "ec2.set_groups" not in world.calls.names


def test_a_group_of_somebody_else_is_nobodys_business() -> None:
    world = a_world()
    said = {"groupId": EVIL}
    event = an_api_call("AuthorizeSecurityGroupIngress", requestParameters=said)

    assert repair_drift(event, OWN, world.responder)["groups"] == []
    assert "ec2.prepare" not in world.calls.names


@pytest.mark.parametrize(
    "detail",
    [
        {"userIdentity": assumed(ACCOUNT, "cordon-dev-contain_finding")},
        {"userIdentity": assumed(ACCOUNT, "cordon-dev-repair_drift")},
        {"errorCode": "Client.UnauthorizedOperation"},
    ],
)
def test_what_cordon_did_itself_or_aws_refused_is_not_even_looked_at(detail: Any) -> None:
    world = a_world()

    assert "ignored" in repair_drift(moves(world, **detail), OWN, world.responder)

    assert world.calls.made == []


def test_an_account_that_is_not_allowed_is_left_alone() -> None:
    world = a_world()
    event = {**moves(world), "account": OTHER_ACCOUNT}

    assert "ignored" in repair_drift(event, OWN, world.responder)
    assert world.calls.made == []


@pytest.mark.parametrize("state", [None, State.CONTAINING, State.RELEASING, State.RELEASED])
def test_an_instance_that_is_not_contained_is_left_to_who_is_at_work(state: State | None) -> None:
    world = World()
    world.launch(an_instance(an_interface(ETH0, groups=("sg-web",))))
    if state:
        world.deliver(an_event())
        world.quarantines.put(world.quarantine().next(state=state))
    world.calls.made.clear()

    assert repair_drift(moves(world), OWN, world.responder)["let_out"] == []
    assert "ec2.set_groups" not in world.calls.names


def test_an_instance_that_is_gone_is_left_to_the_watcher() -> None:
    world = a_world()
    event = moves(world)
    world.ec2.change(WEB, state="terminated")

    assert repair_drift(event, OWN, world.responder)["let_out"] == []


def test_an_interface_of_no_instance_is_nobodys_business() -> None:
    world = a_world()
    said = {"networkInterfaceId": ETH1}
    event = an_api_call("ModifyNetworkInterfaceAttribute", requestParameters=said)

    assert repair_drift(event, OWN, world.responder)["let_out"] == []
    assert world.calls.names == ["ec2.holders"]


def test_who_only_observes_tells_and_changes_nothing() -> None:
    world = a_world()
    world.mode = Mode.OBSERVE

    repair_drift(moves(world), OWN, world.responder)
    spoilt = repair_drift(spoils(world), OWN, world.responder)

    assert spoilt["groups"] == [DENY]
    assert not {"ec2.set_groups", "ec2.prepare"} & set(world.calls.names)
    assert world.notices.outcomes == ["contained", "drifted"]


def test_another_cordon_that_keeps_it_cut_off_is_yielded_to_without_a_further_call() -> None:
    world = a_world()
    world.ec2.of_rivals = frozenset({EVIL})

    repair_drift(moves(world), OWN, world.responder)

    assert "ec2.set_groups" not in world.calls.names
    assert world.calls.names.count("ec2.rivals") == 1


def test_a_hop_that_is_just_made_is_waited_for() -> None:
    world = a_world()
    drain = next(each for each in world.ec2.groups() if each.role is GroupRole.DRAIN)
    event = moves(world, drain.id)
    working = replace(world.quarantine(), workers={"other": world.now + MINUTE})
    world.quarantines.put(working)
    responder = world.responder

    def lands(_: float) -> None:
        world.ec2.attach(WEB, an_interface(ETH0, groups=(DENY,)))

    answer = repair_drift(event, OWN, replace(responder, pause=lands))

    assert answer["let_out"] == []
    assert "ec2.set_groups" not in world.calls.names


def test_beside_a_worker_that_is_at_work_it_is_cut_off_all_the_same() -> None:
    """A worker may take a minute for its snapshots; the intruder does not wait for them."""
    world = a_world()
    working = replace(world.quarantine(), workers={"other": world.now + MINUTE})
    world.quarantines.put(working)

    repair_drift(moves(world), OWN, world.responder)

    assert is_cut(world)


def test_who_loses_a_race_looks_again() -> None:
    world = a_world()
    event = moves(world)
    world.fails("quarantines.save", RecordMovedError(WEB), times=1)

    assert repair_drift(event, OWN, world.responder)["let_out"] == [WEB]
    assert is_cut(world)


def test_who_loses_every_race_raises_and_is_sent_the_event_again() -> None:
    world = a_world()
    event = moves(world)
    world.fails("quarantines.save", RecordMovedError(WEB))

    with pytest.raises(RecordMovedError):
        repair_drift(event, OWN, world.responder)


@pytest.mark.parametrize("error", [AwsBusyError, AwsRefusedError])
def test_what_cannot_be_done_is_told_once_and_raised(error: Any) -> None:
    world = a_world()
    event = moves(world)
    world.fails("ec2.set_groups", error("set the groups", "Because"))

    for _ in range(2):
        with pytest.raises(Exception, match=r"Because|eni-"):
            repair_drift(event, OWN, world.responder)

    assert world.notices.outcomes == ["contained", "failed"]


# What an administrator's loop is worth. A tick is a call of Cordon's; a minute has 600 of them. He
# looks every minute and moves the interface back if it is cut off; nothing is stopped for it.
_MINUTE, _WATCH, _ROUNDS = 600, 3000, 20


def _open_for(world: World, repair: Any) -> int:
    """Return after how many calls of `repair` the instance is cut off."""
    world.calls.made.clear()
    repair()
    return world.calls.names.index("ec2.set_groups") + 1


def test_an_administrators_loop_of_re_attaching_loses_nearly_all_of_its_time() -> None:
    before = after = 0
    world = a_world(policy=a_policy(stop_after_repairs=0))
    for _ in range(_ROUNDS):
        moves(world)  # a minute after the watcher's last look, and there till its next
        before += _WATCH - _MINUTE + _open_for(world, lambda: attend(a_ref(), world.responder))
        for _ in range(_WATCH // _MINUTE):
            event = moves(world)
            after += _open_for(world, lambda event=event: repair_drift(event, OWN, world.responder))

    assert 0.8 < before / (_ROUNDS * _WATCH) < 0.82
    assert after / (_ROUNDS * _WATCH) < 0.02


def test_who_goes_on_has_the_instance_stopped_by_the_events_alone() -> None:
    world = a_world()

    for _ in range(world.policy.stop_after_repairs):
        repair_drift(moves(world), OWN, world.responder)

    assert world.quarantine().step(StepName.STOP).status is StepStatus.DONE
