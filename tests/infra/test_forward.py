"""Findings of other Regions reach the one that Cordon runs in."""

from __future__ import annotations

from typing import Any

import app as door
from tests.infra.template import read

RESOURCES: dict[str, Any] = read("forward.yaml")["Resources"]
HOME = "arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default"


def test_what_is_forwarded_is_what_the_function_at_home_takes() -> None:
    assert RESOURCES["Forward"]["Properties"]["EventPattern"] == door.GUARDDUTY_FINDING
    assert RESOURCES["ForwardCalls"]["Properties"]["EventPattern"] == door.CALLS_THAT_LET_OUT


def test_it_goes_to_the_bus_at_home_and_may_go_nowhere_else() -> None:
    [target] = RESOURCES["Forward"]["Properties"]["Targets"]
    [policy] = RESOURCES["Forwarder"]["Properties"]["Policies"]
    [may] = policy["PolicyDocument"]["Statement"]

    assert (target["Arn"], target["RoleArn"]) == (HOME, "Forwarder.Arn")
    assert (may["Action"], may["Resource"]) == ("events:PutEvents", HOME)
    assert target["DeadLetterConfig"] == {"Arn": "Undelivered.Arn"}
    [of_calls] = RESOURCES["ForwardCalls"]["Properties"]["Targets"]
    assert (of_calls["Arn"], of_calls["RoleArn"]) == (HOME, "Forwarder.Arn")


def test_three_regions_of_an_account_take_no_name_from_each_other() -> None:
    """IAM's names are of the account; a rule's and a queue's are of their Region."""
    assert "RoleName" not in RESOURCES["Forwarder"]["Properties"]


def test_the_stack_set_gives_every_parameter_and_reaches_the_account_of_cordon_alone() -> None:
    template = read("forward-stackset.yaml")
    stack_set = template["Resources"]["Forwards"]["Properties"]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack_set["Parameters"]}
    [group] = stack_set["StackInstancesGroup"]

    assert given == {name: name for name in read("forward.yaml")["Parameters"]}
    for name in given:
        pattern = template["Parameters"][name]["AllowedPattern"]
        assert pattern == read("forward.yaml")["Parameters"][name]["AllowedPattern"]
    assert group["Regions"] == "Regions"
    assert group["DeploymentTargets"] == {
        "OrganizationalUnitIds": ["OrganizationalUnit"],
        "Accounts": ["CordonAccount"],
        "AccountFilterType": "INTERSECTION",
    }
    assert stack_set["TemplateURL"] == "ForwardTemplate"
