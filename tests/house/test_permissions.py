"""Each function may do what its adapters do, and nothing else."""

from __future__ import annotations

import ast
import json
import pkgutil
from importlib import import_module
from typing import Any

import pytest

import app as door
from chalicelib import adapters
from chalicelib.adapters import (
    control,
    deliveries,
    detector,
    dynamodb,
    ec2,
    parameters,
    public_addresses,
    s3,
    secrets_manager,
    security_groups,
    securityhub,
    sns,
    sqs,
    sts,
    threat_index,
    threat_lists,
    threat_sets,
)
from tests.house.source import PACKAGE, ROOT, tree

# What Lambda itself does in the name of a function.
PLATFORM = {
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
DEAD_LETTERS = {"sqs:SendMessage"}  # only of what nobody waits for

# Every adapter that calls AWS; STS is left out, since botocore calls it for a session.
ADAPTERS = [
    module
    for found in pkgutil.iter_modules(adapters.__path__, f"{adapters.__name__}.")
    if hasattr(module := import_module(found.name), "PERMISSIONS") and module is not sts
]

_CONTAIN = (dynamodb, control, ec2, security_groups, s3, sns, sts)

# What the adapters need that the flow of a function is handed.
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "contain_finding": tuple(module.PERMISSIONS for module in (*_CONTAIN, threat_index)),
    "notify": tuple(
        module.PERMISSIONS for module in (deliveries, parameters, secrets_manager, securityhub, sns)
    ),
    "watch_quarantines": (
        *(module.PERMISSIONS for module in (*_CONTAIN, detector, sqs)),
        ec2.RELEASE_PERMISSIONS,
        security_groups.WATCH_PERMISSIONS,
        detector.WATCH_PERMISSIONS,
    ),
    "sync_threat_lists": tuple(
        module.PERMISSIONS for module in (public_addresses, sns, sts, threat_lists, threat_sets)
    ),
    "api_handler": (
        *(module.PERMISSIONS for module in (*_CONTAIN, detector)),
        ec2.RELEASE_PERMISSIONS,
    ),
}

# What IAM calls an operation that has no action of its own name.
_ACTIONS = {
    ("dynamodb", "TransactWriteItems"): {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    # Making a group with tags needs the right to tag as well.
    ("ec2", "CreateSecurityGroup"): {"ec2:CreateSecurityGroup", "ec2:CreateTags"},
    # GuardDuty's role may read an IP list by a policy that is written and taken away with the list.
    ("guardduty", "CreateThreatIntelSet"): {
        "guardduty:CreateThreatIntelSet",
        "iam:PutRolePolicy",
    },
    ("guardduty", "DeleteThreatIntelSet"): {
        "guardduty:DeleteThreatIntelSet",
        "iam:DeleteRolePolicy",
    },
    ("s3", "ListObjectsV2"): {"s3:ListBucket"},
}
_CLIENTS = {
    "_ec2": "ec2",
    "_dynamodb": "dynamodb",
    "_guardduty": "guardduty",
    "_s3": "s3",
    "_secretsmanager": "secretsmanager",
    "_securityhub": "securityhub",
    "_sns": "sns",
    "_sqs": "sqs",
    "_ssm": "ssm",
}


def statements(function: str) -> list[dict[str, Any]]:
    text = (ROOT / ".chalice" / "policies" / f"{function}.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


def actions(statement: dict[str, Any]) -> set[str]:
    given = statement["Action"]
    return {given} if isinstance(given, str) else set(given)


def test_every_function_is_in_the_table() -> None:
    assert set(NEEDS) == {*(source.name for source in door.app.event_sources), "api_handler"}


@pytest.mark.parametrize("function", sorted(NEEDS))
def test_a_policy_file_grants_exactly_what_the_adapters_need(function: str) -> None:
    needed = {action for permissions in NEEDS[function] for action in permissions}

    granted = set().union(*(actions(each) for each in statements(function)))

    ends_badly = set() if function == "api_handler" else DEAD_LETTERS

    assert granted == needed | PLATFORM | ends_badly


@pytest.mark.parametrize("function", sorted(NEEDS))
def test_a_policy_file_grants_no_wildcard(function: str) -> None:
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert not [action for action in actions(statement) if "*" in action]
        if statement["Resource"] == "*":
            assert all(
                action.startswith(("ec2:Describe", "xray:Put"))
                or action == "guardduty:ListDetectors"
                for action in actions(statement)
            )


@pytest.mark.parametrize("function", sorted(NEEDS))
def test_no_action_is_granted_twice(function: str) -> None:
    listed = [action for each in statements(function) for action in actions(each)]

    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("module", ADAPTERS, ids=lambda m: m.__name__)
def test_an_adapter_lists_exactly_what_it_calls(module: Any) -> None:
    called = set(operations(module.__name__.rsplit(".", 1)[1]))

    needed: set[str] = set()
    for service, operation in called:
        needed |= _ACTIONS.get((service, operation), {f"{service}:{operation}"})

    lists = [value for name, value in vars(module).items() if name.endswith("PERMISSIONS")]
    assert set().union(*lists) == needed
    assert all(list(each) == sorted(each) for each in lists)


def operations(adapter: str) -> list[tuple[str, str]]:
    """Return the AWS operations that an adapter names: service, and name as AWS spells it."""
    found = []
    for node in ast.walk(tree(PACKAGE / "adapters" / f"{adapter}.py")):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Attribute):
            continue
        service = _CLIENTS.get(node.value.attr)
        if service and node.attr != "get_paginator":
            found.append((service, _as_aws(node.attr)))
    for node in ast.walk(tree(PACKAGE / "adapters" / f"{adapter}.py")):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get_paginator"):
            client = ast.unparse(node.func).split(".")[-2]
            found.append((_CLIENTS[client], _as_aws(ast.literal_eval(node.args[0]))))
    return found


def _as_aws(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))
