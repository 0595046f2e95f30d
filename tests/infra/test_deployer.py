"""What CloudFormation's role may do is what CloudFormation says it needs, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from deploy.check_policies import write_policies
from tests.infra.packaged import Packaged
from tests.infra.template import RESOURCES

SCHEMAS = files("cfnlint") / "data" / "schemas"
DEPLOYER = "deployer-Deploys"

# What the handlers of a type may call for properties that no template here has.
NOT_NEEDED = {
    "apigateway:UpdateRestApiPolicy": "the API has no policy of its own",
    "dynamodb:*Item": "no replica, no import: nothing is written into the table",
    "dynamodb:*KinesisStreamingDestination": "no stream",
    "dynamodb:*ResourcePolicy": "no policy of its own",
    "dynamodb:*TableReplica": "no replica",
    "dynamodb:ImportTable": "no import",
    "dynamodb:Query": "no import",
    "dynamodb:Scan": "no import",
    "ec2:*": "no function is in a VPC",
    "elasticfilesystem:*": "no function has a file system",
    "firehose:*": "logs go nowhere else",
    "iam:*GroupPolicy": "people are attached by people",
    "iam:*UserPolicy": "people are attached by people",
    "kinesis:*": "no stream",
    "kms:CreateGrant": "what has a key of KMS has one of AWS",
    "kms:Decrypt": "as above",
    "kms:Encrypt": "as above",
    "kms:GenerateDataKey": "as above",
    "kms:RevokeGrant": "as above",
    "lambda:AssociateRuntimeAlias": "no runtime is pinned",
    "lambda:DeleteFunctionCodeSigningConfig": "code is not signed",
    "lambda:PassCapacityProvider": "no capacity provider",
    "lambda:PublishVersion": "no version is published",
    "logs:*KmsKey": "log groups are encrypted by CloudWatch's own key",
    "logs:*LogDelivery": "logs go nowhere else",
    "logs:*LogEvents": "CloudFormation writes none",
    "logs:*LogStream*": "CloudFormation writes none",
    "logs:Delete*Policy": "log groups have none",
    "logs:Put*Policy": "log groups have none",
    "logs:PutBearerTokenAuthentication": "nobody else writes",
    "logs:PutLogGroupDeletionProtection": "logs may go",
    "s3:*Object*": "nothing is written into buckets, or taken out",
    "s3:*MetadataTableConfiguration": "no metadata table",
    "s3:*MetadataAnnotationTableConfiguration": "no metadata table",
    "s3:*MetadataInventoryTableConfiguration": "no metadata table",
    "s3:*MetadataJournalTableConfiguration": "no metadata table",
    "s3:DeleteBucket?*": "what a bucket has it keeps",
    "s3:REST.PUT.OBJECT": "logs go nowhere else",
    "s3files:*": "no function has a file system",
    "s3tables:*": "no metadata table",
    "sns:PutDataProtectionPolicy": "no such policy",
}


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    write_policies(folder)
    return folder


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    packaged = Packaged.make("prod", tmp_path_factory.mktemp("made")).expanded
    return {each["Type"] for each in (*RESOURCES.values(), *packaged["Resources"].values())}


def statements(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"{name}-*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))["Statement"]


def actions(statement: dict[str, Any]) -> list[str]:
    said = statement["Action"]
    return [said] if isinstance(said, str) else list(said)


def needed_by(type_: str) -> set[str]:
    """Return what CloudFormation says its handlers of a type call."""
    of_region = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text(encoding="utf-8"))
    schema = json.loads((SCHEMAS / "resources" / f"{of_region[type_]}.json").read_text("utf-8"))
    handlers = schema.get("handlers", {})
    ways = (handlers.get(way, {}) for way in ("create", "read", "update", "delete"))
    return {action for each in ways for action in each.get("permissions", ())}


def among(action: str, patterns: Iterator[str] | list[str]) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in patterns)


def test_the_role_may_do_what_cloudformation_needs_for_every_type_of_both_stacks(
    policies: Path, types: set[str]
) -> None:
    granted = [action for each in statements(policies, DEPLOYER) for action in actions(each)]
    needed = {action for type_ in types for action in needed_by(type_)}
    missing = {action for action in needed if not among(action, granted)}

    assert len(needed) > 150
    assert {each for each in missing if not among(each, list(NOT_NEEDED))} == set()
    assert {p for p in NOT_NEEDED if not any(among(each, [p]) for each in missing)} == set()


def test_the_role_may_do_nothing_that_no_type_needs(policies: Path, types: set[str]) -> None:
    needed = {action for type_ in types for action in needed_by(type_)}
    granted = {action for each in statements(policies, DEPLOYER) for action in actions(each)}

    spare = {each for each in granted if not any(among(action, [each]) for action in needed)}
    assert spare == {"sts:AssumeRole"}  # CloudFormation itself, to take the role


def test_whoever_deploys_changes_no_stack_but_with_the_role(policies: Path) -> None:
    by_sid = {each["Sid"]: each for each in statements(policies, "deployer-MayDeploy")}
    change = by_sid.pop("ChangeTheStacksWithTheRoleAlone")

    assert "cloudformation:RoleArn" in change["Condition"]["ArnEquals"]
    others = {action for each in by_sid.values() for action in actions(each)}
    writes = {a for a in others if not a.split(":")[1].startswith(("Get", "List", "Describe"))}
    assert writes == {
        "apigateway:GET",
        "cloudformation:CreateChangeSet",  # of the transform alone
        "cloudformation:DeleteChangeSet",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:SetStackPolicy",
        "cloudformation:UpdateTerminationProtection",
        "dynamodb:Query",
        "iam:PassRole",
        "s3:PutObject",
    }


def test_nobody_here_may_touch_what_is_in_table_and_buckets(policies: Path) -> None:
    granted = [action for each in statements(policies, DEPLOYER) for action in actions(each)]

    for touch in ("dynamodb:PutItem", "dynamodb:DeleteItem", "s3:PutObject", "s3:DeleteObject"):
        assert not among(touch, granted)
    assert not among("s3:BypassGovernanceRetention", granted)


def test_neither_name_is_one_that_may_speak_on_cordons_topics(policies: Path) -> None:
    names = json.dumps([*statements(policies, "deployer-MayDeploy")])

    assert "role/deploys" in names
    assert ":role/cordon-" not in names
