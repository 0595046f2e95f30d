"""The StackSet that brings the member's role to the accounts of an organisation."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.iam.models import iam_backends

from tests.infra.template import INFRA, read

TEMPLATE = read("member-stackset.yaml")
STACK_SET = TEMPLATE["Resources"]["Members"]["Properties"]
MEMBER = read("member.yaml")
# A list is handed on as one text, with commas.
GIVEN = {
    each["ParameterKey"]: value[1] if isinstance(value := each["ParameterValue"], list) else value
    for each in STACK_SET["Parameters"]
}


def test_the_role_gets_every_parameter_that_it_has_as_it_was_given() -> None:
    assert {name: name for name in MEMBER["Parameters"]} == GIVEN
    for name in GIVEN:
        ours, theirs = TEMPLATE["Parameters"][name], MEMBER["Parameters"][name]
        assert ours["AllowedPattern"] == theirs["AllowedPattern"]


def test_an_account_that_joins_gets_the_role_and_one_that_leaves_loses_it() -> None:
    assert STACK_SET["PermissionModel"] == "SERVICE_MANAGED"
    assert STACK_SET["AutoDeployment"] == {"Enabled": True, "RetainStacksOnAccountRemoval": False}


def test_no_copy_of_the_role_is_in_it() -> None:
    assert STACK_SET["TemplateURL"] == "MemberTemplate"
    assert "TemplateBody" not in STACK_SET


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_role_is_in_the_accounts_of_the_unit_and_in_no_other() -> None:
    with mock_aws():
        organization = boto3.client("organizations")
        organization.create_organization(FeatureSet="ALL")
        root = organization.list_roots()["Roots"][0]["Id"]
        unit = organization.create_organizational_unit(ParentId=root, Name="servers")
        inside, outside = an_account("inside"), an_account("outside")
        to = unit["OrganizationalUnit"]["Id"]
        organization.move_account(AccountId=inside, SourceParentId=root, DestinationParentId=to)

        make_stack_set(
            {
                "Stage": "dev",
                "CordonAccount": "1" * 12,
                "OrganizationId": "o-exampleorg",
                "CredentialsRoles": "",
            },
            to,
        )

        assert "cordon-dev-member" in roles_of(inside)
        assert roles_of(outside) == roles_of(inside) - {"cordon-dev-member"}


def an_account(name: str) -> str:
    made = boto3.client("organizations").create_account(AccountName=name, Email=f"{name}@x.org")
    return str(made["CreateAccountStatus"]["AccountId"])


def make_stack_set(values: dict[str, str], unit: str) -> None:
    """Do what CloudFormation does with the template's one resource: moto has no such kind."""
    cloudformation: Any = boto3.client("cloudformation")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_object(Bucket="artifacts", Key="member.yaml", Body=(INFRA / "member.yaml").read_bytes())
    [group] = STACK_SET["StackInstancesGroup"]
    assert group == {
        "DeploymentTargets": {"OrganizationalUnitIds": "OrganizationalUnits"},
        "Regions": ["AWS::Region"],
    }
    given = [{"ParameterKey": k, "ParameterValue": values[GIVEN[k]]} for k in GIVEN]
    cloudformation.create_stack_set(
        StackSetName="cordon-dev-member",
        TemplateURL="https://artifacts.s3.amazonaws.com/member.yaml",
        **{name: STACK_SET[name] for name in ("AutoDeployment", "Capabilities", "PermissionModel")},
        Parameters=given,
    )
    cloudformation.create_stack_instances(
        StackSetName="cordon-dev-member",
        DeploymentTargets={"OrganizationalUnitIds": [unit]},
        Regions=["us-east-1"],
    )


def roles_of(account: str) -> set[str]:
    return {role.name for role in iam_backends[account]["aws"].roles.values()}
