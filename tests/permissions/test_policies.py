"""Each function may do what it was seen to do, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

import app as door
from tests.builders import OTHER_ACCOUNT
from tests.permissions.needs import Need, needs_of
from tests.permissions.policies import Statement, denied, granted, of_function, of_member
from tests.permissions.requests import Request
from tests.permissions.work import WORK, requests_of

# What Lambda itself does in the name of a function: it writes logs and traces, and puts what failed
# for good into the queue. The caller of the API waits for an answer; nothing of it fails unseen.
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

FUNCTIONS = sorted(WORK)


def by_platform(function: str) -> set[str]:
    return PLATFORM if function == "api_handler" else {*PLATFORM, DEAD_LETTERS}


def needs(requests: Iterable[Request]) -> list[Need]:
    return [need for request in requests for need in needs_of(request)]


def spare(statements: Sequence[Statement], needed: Iterable[Need]) -> set[str]:
    return granted(statements) - {need.action for need in needed}


def at_home(function: str) -> list[Need]:
    return needs(each for each in requests_of(function) if not each.in_member)


def in_members() -> list[Need]:
    return needs(each for name in FUNCTIONS for each in requests_of(name) if each.in_member)


def test_every_function_is_seen_at_work() -> None:
    assert set(WORK) == {*(source.name for source in door.app.event_sources), "api_handler"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_policy_file_grants_what_its_function_does_and_nothing_else(function: str) -> None:
    statements, needed = of_function(function), at_home(function)

    assert list(denied(needed, statements)) == []
    assert spare(statements, needed) == by_platform(function)


def test_the_role_in_a_member_account_grants_what_is_done_there_and_nothing_else() -> None:
    statements, needed = of_member(OTHER_ACCOUNT), in_members()

    assert list(denied(needed, statements)) == []
    assert spare(statements, needed) == set()


def test_only_functions_that_act_there_may_take_the_role_in_a_member_account() -> None:
    acting = {name for name in FUNCTIONS if any(each.in_member for each in requests_of(name))}

    assert {n for n in FUNCTIONS if "sts:AssumeRole" in granted(of_function(n))} == acting


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_action_is_a_pattern_or_granted_twice(function: str) -> None:
    listed = [action for each in of_function(function) for action in each.actions]

    assert len(listed) == len(set(listed))
    assert not [action for action in listed if "*" in action]


def test_an_action_that_is_spare_or_missing_is_seen() -> None:
    records, *others = of_function("notify")[1:]
    needed = at_home("notify")
    wider = replace(records, actions=(*records.actions, "dynamodb:Scan"))
    narrower = replace(records, actions=tuple(set(records.actions) - {"dynamodb:DeleteItem"}))

    assert "dynamodb:Scan" in spare((wider, *others), needed)
    assert {each.action for each in denied(needed, (narrower, *others))} == {"dynamodb:DeleteItem"}


@pytest.mark.parametrize(
    "change",
    [
        {"resources": ("arn:*:dynamodb:*:*:table/other-*",)},
        {"conditions": {"StringLike": {"dynamodb:LeadingKeys": ["delivery#*", "digest#*"]}}},
        {"conditions": {"StringEquals": {"aws:ResourceAccount": "111111111111"}}},
        {"conditions": {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}},
        {"conditions": {"Null": {"dynamodb:LeadingKeys": "true"}}},
    ],
)
def test_a_resource_or_condition_that_shuts_a_function_out_is_seen(
    change: Any,
) -> None:
    statements = of_function("notify")
    narrower = [
        replace(each, **change) if each.sid == "Deliveries" else each for each in statements
    ]

    left = {each.action for each in denied(at_home("notify"), narrower)}

    assert left
    assert all(action.startswith("dynamodb:") for action in left)
