"""What nobody but Cordon may touch; `make judge` asks another IAM engine what these policies do."""

from __future__ import annotations

import json
from typing import Any

from tests.house.source import ROOT
from tests.permissions.policies import POLICIES

# Characters, white space among them, and of a managed policy without it.
# Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_SCP, LONGEST_BOUNDARY = 5120, 6144


def text_of(name: str) -> str:
    return (ROOT / "infra" / f"{name}.json").read_text(encoding="utf-8")


def statements(name: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = json.loads(text_of(name))["Statement"]
    return said


def test_both_guards_are_as_short_as_aws_asks() -> None:
    assert len(text_of("guard-scp")) <= LONGEST_SCP
    assert len("".join(text_of("guard-boundary").split())) <= LONGEST_BOUNDARY


def test_the_boundary_denies_what_the_service_control_policy_denies() -> None:
    allows, *denies = statements("guard-boundary")

    assert (allows["Effect"], allows["Action"], allows["Resource"]) == ("Allow", "*", "*")
    assert denies == statements("guard-scp")
    assert {each["Effect"] for each in denies} == {"Deny"}


def test_every_function_that_changes_ec2_is_let_through() -> None:
    changes = "ec2:ModifyNetworkInterfaceAttribute"
    functions = {
        p.stem for p in POLICIES.glob("*.json") if changes in p.read_text(encoding="utf-8")
    }

    about_ec2 = [each for each in statements("guard-scp") if "ec2:CreateTags" in each["Action"]]
    assert len(about_ec2) == 4  # groups, snapshots, what is held, the mark of it
    for each in about_ec2:
        through = each["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
        names = {arn.rpartition("/")[2].removeprefix("cordon-*-") for arn in through}
        assert names == {*functions, "member", "break-glass"}
