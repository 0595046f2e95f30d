"""Each function may do what it was seen to do, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import app as door
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, TABLE
from tests.builders import OTHER_ACCOUNT
from tests.permissions.needs import Need, needs_of
from tests.permissions.policies import (
    POLICIES,
    Statement,
    denied,
    granted,
    of_credentials,
    of_function,
    of_member,
)
from tests.permissions.requests import Request
from tests.permissions.work import requests_by_function

# What Lambda itself does in the name of a function: it writes logs and traces, and puts what failed
# for good into the queue.
# Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
PLATFORM = {
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
DEAD_LETTERS = "sqs:SendMessage"
NOT_AGAIN = {"contain_finding", "notify"}  # schedules come again, and callers of the API hear of it

ROOM = 10_240  # characters of a role's inline policies, white space left out
FUNCTIONS = sorted({*(source.name for source in door.app.event_sources), "api_handler"})


def needs(requests: Iterable[Request]) -> list[Need]:
    return [need for request in requests for need in needs_of(request)]


def spare(statements: Sequence[Statement], needed: Iterable[Need]) -> set[str]:
    return granted(statements) - {need.action for need in needed}


def test_every_function_has_a_policy_file_and_no_other_is_there() -> None:
    assert sorted(path.stem for path in POLICIES.glob("*.json")) == FUNCTIONS


def test_every_policy_grants_what_was_seen_to_be_needed_and_nothing_else(tmp_path: Path) -> None:
    requests = requests_by_function(tmp_path)
    there = needs(each for made in requests.values() for each in made if each.in_member)
    takes_role = {name for name, made in requests.items() if any(r.in_member for r in made)}

    assert sorted(requests) == FUNCTIONS
    for name, made in requests.items():
        own = (each for each in made if not each.in_member and not each.of_credentials)
        here, statements = needs(own), of_function(name)
        by_lambda = {*PLATFORM, DEAD_LETTERS} if name in NOT_AGAIN else PLATFORM
        assert list(denied(here, statements)) == [], name
        assert spare(statements, here) == by_lambda, name
        assert ("sts:AssumeRole" in granted(statements)) is (name in takes_role)
    assert list(denied(there, of_member(OTHER_ACCOUNT))) == []
    assert spare(of_member(OTHER_ACCOUNT), there) == set()
    keys = needs(each for made in requests.values() for each in made if each.of_credentials)
    for template in ("resources.yaml", "member.yaml"):
        role = of_credentials(template, OTHER_ACCOUNT)
        assert list(denied(keys, role)) == []
        assert spare(role, keys) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_action_is_a_pattern_or_granted_twice(function: str) -> None:
    listed = [
        (action, resource)
        for each in of_function(function)
        for action in each.actions
        for resource in each.resources
    ]

    assert len(listed) == len(set(listed))
    assert not [action for action, _ in listed if "*" in action]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_has_room_in_its_role(function: str) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    text = (POLICIES / f"{function}.json").read_text(encoding="utf-8")

    assert len("".join(text.split())) < ROOM


FORGET = Request(
    "dynamodb",
    "DeleteItem",
    {"TableName": TABLE, "Key": {"pk": {"S": "digest#daily"}, "sk": {"S": "1"}}},
    AWS_REGION,
    AWS_ACCOUNT,
)


def with_deliveries(**changes: Any) -> list[Statement]:
    """Return the policy of the notifier, with its statement about deliveries changed."""
    return [
        replace(each, **changes) if each.sid == "Deliveries" else each
        for each in of_function("notify")
    ]


def test_an_action_that_is_spare_or_missing_is_seen() -> None:
    needed = needs([FORGET])
    exact = with_deliveries(actions=("dynamodb:DeleteItem",))
    wider = with_deliveries(actions=("dynamodb:DeleteItem", "dynamodb:Scan"))

    assert list(denied(needed, exact)) == []
    assert spare(wider, needed) - spare(exact, needed) == {"dynamodb:Scan"}
    assert list(denied(needed, with_deliveries(actions=("dynamodb:Scan",)))) == needed


@pytest.mark.parametrize(
    "change",
    [
        {"resources": ("arn:*:dynamodb:*:*:table/other-*",)},
        {"resources": (f"arn:*:dynamodb:*:*:table/{TABLE}/index/*",)},
        {"resources": (f"arn:*:dynamodb:eu-west-1:*:table/{TABLE}",)},
        {"conditions": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["delivery#*"]}}},
        {"conditions": {"StringEquals": {"aws:ResourceAccount": OTHER_ACCOUNT}}},
        {"conditions": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}},
        {"conditions": {"Null": {"dynamodb:LeadingKeys": "true"}}},
    ],
)
def test_a_resource_or_condition_that_shuts_a_function_out_is_seen(change: Any) -> None:
    assert list(denied(needs([FORGET]), with_deliveries(**change))) == needs([FORGET])


NOTE = Request(
    "securityhub",
    "BatchUpdateFindings",
    {"FindingIdentifiers": [], "Note": {"Text": "cleaned", "UpdatedBy": "ada"}},
    AWS_REGION,
    AWS_ACCOUNT,
)


def test_the_notifier_writes_the_note_of_a_finding_and_suppresses_none() -> None:
    suppresses = replace(NOTE, arguments={**NOTE.arguments, "Workflow": {"Status": "SUPPRESSED"}})

    assert list(denied(needs([NOTE]), of_function("notify"))) == []
    assert list(denied(needs([suppresses]), of_function("notify"))) == needs([suppresses])
