"""What MiniStack's IAM engine said of the requests of Cordon's functions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from roads.local import STAGE, Roads

_ROLE = f":assumed-role/cordon-{STAGE}-"
_ALLOW = "Allow"
SHUT = "ShutByMakeRoads"  # the statement by which a function is made to fail, to see what follows


def denied(roads: Roads) -> list[str]:
    """Return the requests of functions that were refused.

    The engine is asked once for the role's policy and once for that of the resource, if it has one:
    in one account one of them allows, and neither may deny.
    """
    said: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for decision, *request in _judged(roads):
        said[request[0], request[1], request[2]].add(decision)
    refused = {each for each, all_ in said.items() if "Deny" in all_ or _ALLOW not in all_}
    return sorted({f"{role} {action}" for role, action, _ in refused})


def taken_away(roads: Roads) -> tuple[int, list[str]]:
    """Return how many kinds of requests were judged again, and those that nothing refused.

    Each is simulated with its role's policy as it is, and again without the statements that name
    its action. What only a condition's context allows is not judged: the simulation has none.
    """
    iam = roads.client("iam")
    judged, wrong = 0, []
    for role, action, resource in sorted({(r, a, s) for _, r, a, s in _judged(roads)}):
        policy = _policy(iam, role)
        if not _allows(iam, policy, action, resource):
            continue
        judged += 1
        if _allows(iam, _without(policy, action), action, resource):
            wrong.append(f"{role} {action}")
    return judged, wrong


def _judged(roads: Roads) -> Iterator[tuple[str, str, str, str]]:
    """Yield the decision, the role, the action and the resource of each request of a function."""
    for line in roads.decisions.read_text(encoding="utf-8").splitlines():
        said, principal, action, resource, statement = line.split(" ")[:5]
        if _ROLE in principal and statement != SHUT:
            yield said, principal.split("/")[1], action, resource


def _policy(iam: Any, role: str) -> dict[str, Any]:
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return found


def _without(policy: dict[str, Any], action: str) -> dict[str, Any]:
    return {**policy, "Statement": [s for s in policy["Statement"] if action not in _actions(s)]}


def _actions(statement: dict[str, Any]) -> Sequence[str]:
    said = statement["Action"]
    return [said] if isinstance(said, str) else said


def _allows(iam: Any, policy: dict[str, Any], action: str, resource: str) -> bool:
    answer = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(policy)], ActionNames=[action], ResourceArns=[resource]
    )
    return all(each["EvalDecision"] == "allowed" for each in answer["EvaluationResults"])
