"""The role that may deny the keys of others is there only for roles that somebody named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.infra.template import read, statement

TEMPLATES = ("resources.yaml", "member.yaml")


def role(template: str) -> Any:
    return read(template)["Resources"]["Credentials"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_without_a_named_role_there_is_no_right_to_write_a_policy_of_one(template: str) -> None:
    document = read(template)

    assert document["Parameters"]["CredentialsRoles"]["Default"] == ""
    assert role(template)["Condition"] == "DeniesKeys"
    others = {name: each for name, each in document["Resources"].items() if name != "Credentials"}
    assert "iam:PutRolePolicy" not in str(others)


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_reaches_the_roles_that_were_named_and_looks_at_profiles(template: str) -> None:
    document = role(template)["Properties"]["Policies"][0]["PolicyDocument"]

    changes = statement(document, "DenyKeysOfTheseRoles")
    assert changes["Resource"] == "CredentialsRoles"
    assert len(document["Statement"]) == 2
    assert statement(document, "SeeWhichRoleAnInstanceHas")["Action"] == "iam:GetInstanceProfile"


@pytest.mark.parametrize("template", TEMPLATES)
def test_four_functions_of_this_stage_may_take_it_with_the_external_id(template: str) -> None:
    trust = statement(role(template)["Properties"]["AssumeRolePolicyDocument"], "CordonsFunctions")
    functions = trust["Condition"]["ArnLike"]["aws:PrincipalArn"]

    assert role(template)["Properties"]["RoleName"] == "cordon-${Stage}-credentials"
    assert trust["Condition"]["StringEquals"]["sts:ExternalId"] == "cordon-${Stage}"
    assert [each.rsplit("/")[-1] for each in functions] == [
        "cordon-${Stage}-api_handler",
        "cordon-${Stage}-contain_finding",
        "cordon-${Stage}-repair_drift",
        "cordon-${Stage}-watch_quarantines",
    ]


@pytest.mark.parametrize(
    ("named", "is_taken"),
    [
        ("", True),
        ("arn:aws:iam::111122223333:role/web", True),
        ("arn:aws-us-gov:iam::111122223333:role/tier/web.1", True),
        ("arn:aws:iam::*:role/web", True),
        ("arn:aws:iam::111122223333:role/*", False),
        ("arn:aws:iam::111122223333:role/we*", False),
        ("arn:aws:iam::111122223333:role/cordon-prod-api_handler", False),
        (
            "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            False,
        ),
        ("arn:aws:iam::111122223333:user/web", False),
        ("*", False),
    ],
)
def test_a_role_is_named_whole_and_is_neither_cordons_nor_awss(
    named: str, *, is_taken: bool
) -> None:
    for template in TEMPLATES:
        pattern = read(template)["Parameters"]["CredentialsRoles"]["AllowedPattern"]
        assert (re.fullmatch(pattern, named) is not None) is is_taken
