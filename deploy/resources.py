"""The stack of `infra/resources.yaml`, on both roads the first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.left import Left
from deploy.stack import Change, Wanted, find_stack, plan_stack
from deploy.stages import Stage
from deploy.template import as_text, only, resources_template

STATEFUL = ("DeadLetters", "Evidence", "Key", "Table", "ThreatLists")
_CAPABILITY = "CAPABILITY_NAMED_IAM"


def plan_resources(stage: Stage, wishes: Mapping[str, str], cloud: Cloud) -> Change:
    """Ask CloudFormation what it would do with the resources, and let it do nothing.

    Parameters that are not given keep the value that they have. A new stack takes what is one of
    its kind in an account and Region, and is there: GuardDuty's detector, and the role by which API
    Gateway writes logs.

    Raises:
        DeployError: a parameter is not one of the template, or CloudFormation refuses.
    """
    return plan_stack(_wanted(stage, wishes, cloud, as_text(resources_template())), cloud)


def plan_import(
    stage: Stage, wishes: Mapping[str, str], cloud: Cloud, left: tuple[Left, ...]
) -> Change:
    """Ask CloudFormation to begin the stack with what an earlier one left behind.

    Raises:
        DeployError: a parameter is not one of the template, or CloudFormation refuses.
    """
    body = as_text(only(each.logical_id for each in left))
    wanted = _wanted(stage, wishes, cloud, body)
    return plan_stack(replace(wanted, left=tuple(each.as_import() for each in left)), cloud)


def _wanted(stage: Stage, wishes: Mapping[str, str], cloud: Cloud, body: str) -> Wanted:
    stack = find_stack(cloud, stage.resources_stack)
    given = {"Stage": stage.name, **wishes}
    if stack is None and "CreateDetector" not in given:
        given |= _detector_that_is_there(cloud)
    if stack is None and "ApiGatewayLogRole" not in given and _has_log_role(cloud):
        given |= {"ApiGatewayLogRole": "false"}
    return Wanted(stage.resources_stack, body, parameters(given, stack), _CAPABILITY)


def protect(stage: Stage, cloud: Cloud) -> None:
    """Let no update replace or delete what holds state; `make destroy` deletes the whole stack."""
    names = [f"LogicalResourceId/{each}" for each in STATEFUL]
    policy = [
        {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["Update:Delete", "Update:Replace"],
            "Resource": names,
        },
    ]
    cloud.client("cloudformation").set_stack_policy(
        StackName=stage.resources_stack, StackPolicyBody=json.dumps({"Statement": policy})
    )


def refuse_second_region(stage: Stage, cloud: Cloud) -> None:
    """Keep a stage to one Region of an account: it serves them all, and IAM's names are of all.

    Raises:
        DeployError: it is in another one.
    """
    try:
        cloud.client("iam").get_policy(PolicyArn=cloud.policy_arn(f"cordon-{stage.name}-viewer"))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return
        raise
    raise DeployError(
        f"stage {stage.name} is in another Region of account {cloud.account}, and serves them all: "
        f"forward what {cloud.region} finds to it, with infra/forward.yaml, see docs/deploying.md"
    )


def _detector_that_is_there(cloud: Cloud) -> dict[str, str]:
    ids = cloud.client("guardduty").list_detectors()["DetectorIds"]
    return {"CreateDetector": "false", "DetectorId": ids[0]} if ids else {}


def _has_log_role(cloud: Cloud) -> bool:
    """Say whether API Gateway has a role for its logs; the setting outlives a role's deletion."""
    arn = cloud.client("apigateway").get_account().get("cloudwatchRoleArn")
    if not arn:
        return False
    try:
        cloud.client("iam").get_role(RoleName=arn.rsplit("/", 1)[-1])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return False
        raise
    return True


def parameters(given: Mapping[str, str], stack: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the parameters as CloudFormation takes them; those not given stay as they are.

    Raises:
        DeployError: one of them is not in the template.
    """
    known = _known()
    for name in given:
        if name not in known:
            raise DeployError(f"infra/resources.yaml has no parameter {name!r}: {', '.join(known)}")
    kept = {each["ParameterKey"] for each in (stack or {}).get("Parameters", ())}
    return [
        *({"ParameterKey": name, "ParameterValue": value} for name, value in given.items()),
        *(
            {"ParameterKey": name, "UsePreviousValue": True}
            for name in known
            if name in kept and name not in given
        ),
    ]


def _known() -> list[str]:
    return sorted(resources_template()["Parameters"])
