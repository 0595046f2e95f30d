"""In every state that a failure leaves a stack in, it is mended or one sentence says what to do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation.models import cloudformation_backends
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.left import find_left
from deploy.resources import plan_resources, refuse_second_region
from deploy.stack import find_stack, ready_stack
from deploy.stages import Stage
from sandbox.guard import ACCOUNT, REGION

NAME = "cordon-dev-resources"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud.reach()


def a_stack(status: str) -> Any:
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName=NAME, TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    )
    [stack] = cloudformation_backends[ACCOUNT][REGION].stacks.values()
    stack.status = status
    return stack


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_stack_that_was_never_made_is_cleared_and_a_dry_run_clears_nothing(
    cloud: Cloud, status: str
) -> None:
    a_stack(status)
    told: list[str] = []

    ready_stack(NAME, cloud, told.append, dry_run=True)
    assert find_stack(cloud, NAME)
    ready_stack(NAME, cloud, told.append, dry_run=False)

    assert find_stack(cloud, NAME) is None
    assert told == [f"{NAME} is {status}: it was never made, and is cleared first"] * 2


def test_an_import_that_failed_is_cleared_only_where_the_stack_holds_nothing(cloud: Cloud) -> None:
    a_stack("IMPORT_ROLLBACK_COMPLETE")

    ready_stack(NAME, cloud, print, dry_run=False)

    assert find_stack(cloud, NAME)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("UPDATE_IN_PROGRESS", "wait until that has ended, and run again"),
        ("DELETE_FAILED", "run make destroy first"),
        ("IMPORT_ROLLBACK_FAILED", "delete-stack --stack-name cordon-dev-resources"),
        ("UPDATE_FAILED", "rollback-stack --stack-name cordon-dev-resources"),
    ],
)
def test_what_cannot_be_mended_is_one_sentence_with_the_next_command(
    cloud: Cloud, status: str, says: str
) -> None:
    a_stack(status)

    with pytest.raises(DeployError, match=says):
        ready_stack(NAME, cloud, print, dry_run=False)


@pytest.mark.parametrize("ends", ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"])
def test_an_update_that_could_not_go_back_is_asked_to_go_on_with_that(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    stack, asked = a_stack("UPDATE_ROLLBACK_FAILED"), list[str]()

    def continue_update_rollback(_: Any) -> ActionResult:
        asked.append(NAME)
        stack.status = ends
        return ActionResult({})

    monkeypatch.setattr(
        CloudFormationResponse, "continue_update_rollback", continue_update_rollback, raising=False
    )
    told: list[str] = []

    ready_stack(NAME, cloud, told.append, dry_run=True)
    assert asked == []
    works = ends == "UPDATE_ROLLBACK_COMPLETE"
    with contextlib.nullcontext() if works else pytest.raises(DeployError, match="to-skip"):
        ready_stack(NAME, cloud, told.append, dry_run=False)

    assert asked == [NAME]
    assert told == [f"{NAME} is UPDATE_ROLLBACK_FAILED: it goes back first to what it was"] * 2


def test_a_stack_of_a_change_set_alone_is_none_yet(cloud: Cloud) -> None:
    a_stack("REVIEW_IN_PROGRESS")

    assert find_stack(cloud, NAME) is None
    ready_stack(NAME, cloud, print, dry_run=False)


def test_what_an_earlier_stack_left_is_found_and_nothing_where_nothing_is(cloud: Cloud) -> None:
    stage = Stage.of("dev")
    assert find_left(stage, cloud) == ()
    key = boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
    boto3.client("kms").create_alias(AliasName="alias/cordon-dev", TargetKeyId=key)
    boto3.client("sqs").create_queue(QueueName="cordon-dev-dead-letters")
    boto3.client("s3").create_bucket(Bucket=f"cordon-dev-evidence-{ACCOUNT}-{REGION}")

    found = find_left(stage, cloud)

    assert [each.logical_id for each in found] == ["Evidence", "DeadLetters", "Key", "KeyAlias"]
    assert dict(found[2].identifier) == {"KeyId": key}


def test_a_role_for_logs_that_is_there_is_kept_and_one_that_is_gone_is_made(cloud: Cloud) -> None:
    iam, gateway = boto3.client("iam"), boto3.client("apigateway")
    role = iam.create_role(RoleName="logs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    operation: Any = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    gateway.update_account(patchOperations=[operation])

    assert log_role_of(cloud) == "false"
    iam.delete_role(RoleName="logs")
    assert log_role_of(cloud) == "true"


def log_role_of(cloud: Cloud) -> str:
    change = plan_resources(Stage.of("dev"), {}, cloud)
    said = cloud.client("cloudformation").describe_change_set(ChangeSetName=change.id)
    cloud.client("cloudformation").delete_stack(StackName=NAME)
    given = {each["ParameterKey"]: each["ParameterValue"] for each in said["Parameters"]}
    return str(given.get("ApiGatewayLogRole", "true"))


def test_a_stage_of_another_region_is_named_with_what_to_do_here(cloud: Cloud) -> None:
    refuse_second_region(Stage.of("dev"), cloud)  # it is nowhere yet
    look = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [look]})
    boto3.client("iam").create_policy(PolicyName="cordon-dev-viewer", PolicyDocument=document)

    with pytest.raises(DeployError, match=r"is in another Region .* infra/forward\.yaml"):
        refuse_second_region(Stage.of("dev"), cloud)
