"""Each adapter says what IAM must grant to whoever is handed it."""

from __future__ import annotations

import ast
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chalicelib import adapters
from chalicelib.adapters import sts
from tests.adapters.aws import AWS_ACCOUNT
from tests.house.source import tree
from tests.permissions.policies import granted, of_credentials, of_function
from tests.permissions.test_policies import DEAD_LETTERS, FUNCTIONS, PLATFORM

# Every adapter that calls AWS; STS is left out, since botocore calls it for a session.
ADAPTERS = [
    module
    for found in pkgutil.walk_packages(adapters.__path__, f"{adapters.__name__}.")
    if hasattr(module := import_module(found.name), "PERMISSIONS") and module is not sts
]

# What IAM calls an operation that has no action of its own name.
_ACTIONS = {
    ("dynamodb", "TransactWriteItems"): {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    # EC2 starts what a customer's key encrypts with a grant, made in the caller's name.
    ("ec2", "StartInstances"): {"ec2:StartInstances", "kms:CreateGrant"},
    # Making a group with tags needs the right to tag as well.
    ("ec2", "CreateSecurityGroup"): {"ec2:CreateSecurityGroup", "ec2:CreateTags"},
    ("ec2", "CreateSnapshots"): {"ec2:CreateSnapshots", "ec2:CreateTags"},
    # GuardDuty's role may read an IP list by a policy that is written and taken away with the list.
    ("guardduty", "CreateThreatIntelSet"): {
        "guardduty:CreateThreatIntelSet",
        "iam:PutRolePolicy",
    },
    ("guardduty", "DeleteThreatIntelSet"): {
        "guardduty:DeleteThreatIntelSet",
        "iam:DeleteRolePolicy",
    },
    ("guardduty", "StartMalwareScan"): {
        "guardduty:StartMalwareScan",
        "iam:CreateServiceLinkedRole",
    },
    ("s3", "ListObjectsV2"): {"s3:ListBucket"},
}
_CLIENTS = {
    "_autoscaling": "autoscaling",
    "_ec2": "ec2",
    "_dynamodb": "dynamodb",
    "_elb": "elasticloadbalancing",
    "_elbv2": "elasticloadbalancing",
    "_guardduty": "guardduty",
    "_iam": "iam",
    "_s3": "s3",
    "_secretsmanager": "secretsmanager",
    "_securityhub": "securityhub",
    "_sns": "sns",
    "_sqs": "sqs",
    "_ssm": "ssm",
}


@pytest.mark.parametrize("module", ADAPTERS, ids=lambda m: m.__name__)
def test_an_adapter_lists_exactly_what_it_calls(module: Any) -> None:
    called = set(operations(Path(module.__file__)))

    needed: set[str] = set()
    for service, operation in called:
        needed |= _ACTIONS.get((service, operation), {f"{service}:{operation}"})

    lists = [value for name, value in vars(module).items() if name.endswith("PERMISSIONS")]
    assert set().union(*lists) == needed
    assert all(list(each) == sorted(each) for each in lists)


def test_the_functions_may_do_between_them_all_that_the_adapters_do() -> None:
    adapted = {
        action
        for module in (*ADAPTERS, sts)
        for name, listed in vars(module).items()
        if name.endswith("PERMISSIONS")
        for action in listed
    }

    allowed = {action for name in FUNCTIONS for action in granted(of_function(name))}
    allowed |= granted(of_credentials("resources.yaml", AWS_ACCOUNT))

    assert allowed == adapted | PLATFORM | {DEAD_LETTERS}


def operations(adapter: Path) -> list[tuple[str, str]]:
    """Return the AWS operations that an adapter names: service, and name as AWS spells it."""
    found = []
    for node in ast.walk(tree(adapter)):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Attribute):
            continue
        service = _CLIENTS.get(node.value.attr)
        if service and node.attr != "get_paginator":
            found.append((service, _as_aws(node.attr)))
    for node in ast.walk(tree(adapter)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get_paginator"):
            client = ast.unparse(node.func).split(".")[-2]
            found.append((_CLIENTS[client], _as_aws(ast.literal_eval(node.args[0]))))
    return found


def _as_aws(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))
