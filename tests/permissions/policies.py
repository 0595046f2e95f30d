"""Policies as data, and as much of IAM's judgement as they need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.house.source import ROOT
from tests.infra.template import read
from tests.permissions.needs import Need

NAMED_ROLE = "web"  # whose keys may be denied
POLICIES = ROOT / ".chalice" / "policies"


@dataclass(frozen=True, slots=True)
class Statement:
    """Allows each of its actions on each of its resources, if its conditions hold."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Statement:
        assert said["Effect"] == "Allow"
        actions, resources = _several(said["Action"]), _several(said["Resource"])
        return cls(said["Sid"], actions, resources, said.get("Condition", {}))

    def allows(self, need: Need) -> bool:
        return (
            need.action in self.actions
            and any(fnmatchcase(need.resource, each) for each in self.resources)
            and all(_holds(*each, need.context) for each in self.conditions.items())
        )


def of_function(name: str) -> tuple[Statement, ...]:
    """Return what the policy file of a function grants."""
    document = json.loads((POLICIES / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(Statement.read(each) for each in document["Statement"])


def of_member(account: str, partition: str = "aws") -> tuple[Statement, ...]:
    """Return what the role grants that `infra/member.yaml` makes in `account`."""
    role = read("member.yaml")["Resources"]["Member"]["Properties"]
    text = json.dumps(role["Policies"][0]["PolicyDocument"]["Statement"])
    known = text.replace("${AWS::Partition}", partition).replace("${AWS::AccountId}", account)
    return tuple(Statement.read(each) for each in json.loads(known))


def of_credentials(template: str, account: str, partition: str = "aws") -> tuple[Statement, ...]:
    """Return what the role grants that a template makes where its parameter names roles."""
    role = read(template)["Resources"]["Credentials"]["Properties"]
    text = json.dumps(role["Policies"][0]["PolicyDocument"]["Statement"])
    named = f"arn:{partition}:iam::{account}:role/{NAMED_ROLE}"
    for name, value in (
        ("${AWS::Partition}", partition),
        ("${AWS::AccountId}", account),
        ("CredentialsRoles", named),
    ):
        text = text.replace(name, value)
    return tuple(Statement.read(each) for each in json.loads(text))


def granted(statements: Iterable[Statement]) -> set[str]:
    return {action for each in statements for action in each.actions}


def denied(needs: Iterable[Need], statements: Sequence[Statement]) -> Iterator[Need]:
    """Yield the needs that no statement allows."""
    return (need for need in needs if not any(each.allows(need) for each in statements))


def _several(said: str | Sequence[str]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _holds(operator: str, asked: Mapping[str, Any], context: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a condition holds; a key that is not in the request fails, as in IAM.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    for key, wanted in asked.items():
        values = context.get(key, ())
        if operator == "Null":
            if (wanted == "true") is bool(values):
                return False
            continue
        every = ("ForAllValues:StringEquals", "ForAllValues:StringLike")
        known = ("Bool", "StringEquals", "StringLike", *every)
        assert operator in known, operator
        patterns = [_with_variables(each, context) for each in _several(wanted)]
        if not values and not operator.startswith("ForAllValues"):
            return False
        if not all(any(fnmatchcase(value, each) for each in patterns) for value in values):
            return False
    return True


def _with_variables(pattern: str, context: Mapping[str, tuple[str, ...]]) -> str:
    for key, values in context.items():
        if len(values) == 1:
            pattern = pattern.replace(f"${{{key}}}", values[0])
    return pattern
