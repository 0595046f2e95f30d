"""Rules by place: what is done depends on where EC2 says that the instance is."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import AwsBusyError
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.record import StepName, StepStatus
from tests.builders import (
    ACCOUNT,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    PACKAGED,
    WEB,
    an_event,
    an_instance,
)
from tests.fakes import World

LAB = {"vpcs": "vpc-0000000a", "subnets": "subnet-0000000a", "profiles": "scanner"}
RULE = """
version = 1
[[rules]]
name = "own"
types = ["Backdoor:EC2/C&CActivity.*"]
response = "{response}"
why = "Ours."
{place}
"""
IN_LAB = 'vpcs = ["vpc-0000000a"]'


def a_world(response: str, **facts: Any) -> World:
    rule = RULE.format(response=response, place=IN_LAB)
    world = World(policy=parse_policy(rule, PACKAGED))
    world.launch(an_instance(**facts))
    return world


@pytest.mark.parametrize(
    ("response", "outcome"),
    [("record", "recorded"), ("alert", "alerted"), ("ignore", "ignored"), ("hold", "held")],
)
def test_in_its_place_a_rule_decides_and_elsewhere_another(response: str, outcome: str) -> None:
    there, elsewhere = a_world(response, place=LAB), a_world(response)

    assert there.deliver(an_event()).outcome == outcome
    assert there.deliver(an_event()).instances[0].reasons in (("own",), ("approval_required",))
    assert not there.is_cut()
    assert elsewhere.deliver(an_event()).outcome == "contained"


def test_a_rule_that_contains_in_a_place_contains_there_alone() -> None:
    rule = RULE.format(response="contain", place='not_profiles = ["scanner"]')
    world = World(policy=parse_policy(rule.replace("C&CActivity.*", "Spambot"), PACKAGED))
    world.launch(an_instance(place={**LAB, "profiles": "web"}))
    spam = an_event(type_="Backdoor:EC2/Spambot", severity=5)

    assert world.deliver(spam).outcome == "contained"


def test_a_cut_takes_as_many_trips_with_rules_of_places_as_without() -> None:
    with_rules, without = a_world("record"), World()
    without.launch(an_instance())

    with_rules.deliver(an_event())
    without.deliver(an_event())

    assert with_rules.calls.names == without.calls.names


def test_a_held_instance_waits_for_a_person_whatever_else_is_found() -> None:
    world = a_world("hold", place=LAB)
    world.deliver(an_event(type_="Backdoor:EC2/Spambot", finding_id="f1"))

    answer = world.deliver(an_event())

    assert (answer.outcome, answer.instances[0].reasons) == ("held", ("approval_required",))


@pytest.mark.parametrize("tags", [{}, {"vpc": "vpc-0000000a", "Name": "scanner", "exempt": "yes"}])
def test_an_attacker_who_tags_his_instance_gains_nothing(tags: dict[str, str]) -> None:
    world = a_world("record", tags=tags)

    assert world.deliver(an_event()).outcome == "contained"


def test_what_the_finding_says_of_the_place_counts_for_nothing() -> None:
    world = a_world("record")
    event = an_event()
    interface = {"vpcId": "vpc-0000000a", "networkInterfaceId": "eni-1"}
    event["detail"]["resource"]["instanceDetails"]["networkInterfaces"] = [interface]

    assert world.deliver(event).outcome == "contained"


def test_where_cordon_may_not_look_a_rule_of_a_vpc_fits_nobody() -> None:
    world = a_world("record", place=LAB)

    answer = world.deliver(an_event(account_id=OTHER_ACCOUNT))

    assert answer.instances[0].reasons == ("account_not_allowed",)


def test_where_ec2_does_not_answer_it_is_told_and_tried_again() -> None:
    world = a_world("record", place=LAB)
    world.fails("ec2.find", AwsBusyError("describe", "Throttling"), about=WEB)

    with pytest.raises(AwsBusyError):
        world.deliver(an_event())
    assert world.notices.sent


def grouped(account_id: str, *lines: str) -> Policy:
    head = f'version = 1\n[groups.prod]\naccounts = ["{account_id}"]\n'
    return parse_policy(head + "\n".join(lines), PACKAGED)


def a_world_of(account_id: str, *lines: str) -> World:
    world = World(policy=grouped(account_id, *lines))
    world.launch(an_instance())
    return world


THRESHOLD = ("[groups.prod.containment]", "contain_from = 9.0")
BREAKER = ("[groups.prod.breaker]", "max_containments = 1", "kept_for_critical = 0")
STEPS = ("[groups.prod.containment]", "drain = false", "snapshots = false", "stop_after_cut = true")


def test_below_the_threshold_of_its_group_an_instance_is_held() -> None:
    there, elsewhere = a_world_of(ACCOUNT, *THRESHOLD), a_world_of(OTHER_ACCOUNT, *THRESHOLD)

    assert there.deliver(an_event()).instances[0].reasons == ("approval_required",)
    assert elsewhere.deliver(an_event()).outcome == "contained"


def test_the_breaker_of_its_group_holds_an_instance() -> None:
    there, elsewhere = a_world_of(ACCOUNT, *BREAKER), a_world_of(OTHER_ACCOUNT, *BREAKER)
    for world in (there, elsewhere):
        world.quarantines.breakers[ACCOUNT] = Breaker((NOON - MINUTE,))

    assert there.deliver(an_event()).instances[0].reasons == ("breaker_open",)
    assert elsewhere.deliver(an_event()).outcome == "contained"


def test_the_steps_of_its_group_are_taken_in_an_account() -> None:
    there, elsewhere = a_world_of(ACCOUNT, *STEPS), a_world_of(OTHER_ACCOUNT, *STEPS)

    assert there.deliver(an_event()).outcome == elsewhere.deliver(an_event()).outcome
    skipped = (StepName.DRAIN, StepName.SNAPSHOTS)
    assert {there.quarantine().step(name).status for name in skipped} == {StepStatus.SKIPPED}
    assert there.quarantine().step(StepName.STOP).status is StepStatus.DONE
    assert {elsewhere.quarantine().step(name).status for name in skipped} == {StepStatus.DONE}
    assert elsewhere.quarantine().step(StepName.STOP).status is StepStatus.SKIPPED


def test_a_cut_takes_as_many_trips_with_groups_as_without() -> None:
    with_groups, without = a_world_of(OTHER_ACCOUNT, *STEPS, *BREAKER), World()
    without.launch(an_instance())

    with_groups.deliver(an_event())
    without.deliver(an_event())

    assert with_groups.calls.names == without.calls.names
