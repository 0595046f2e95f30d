"""What `chalice deploy` cannot set, and takes back: set after each of its runs.

Each step is the same call with the same values every time. The values are those of
`infra/overlay.yaml`, so that both roads have the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from deploy.cloud import Cloud
from deploy.stages import ROOT, Stage

_OVERLAY: dict[str, Any] = yaml.safe_load((ROOT / "infra" / "overlay.yaml").read_text("utf-8"))[
    "Resources"
]
_INVOKE = _OVERLAY["ContainFinding"]["Properties"]["EventInvokeConfig"]
_RETRY = _OVERLAY["ContainFinding"]["Properties"]["Events"]["ContainFindingEvent"]["Properties"][
    "RetryPolicy"
]
_ACCESS_LOG = _OVERLAY["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]


def complete(stage: Stage, cloud: Cloud) -> Iterator[str]:
    """Set it for all that Chalice's state names; yield a line for each."""
    queue = cloud.arn("sqs", stage.dead_letters)
    for made in stage.state():
        match made["resource_type"]:
            case "cloudwatch_event":
                yield from _rule(made, queue, cloud)
            case "sns_event":
                yield from _subscription(made, queue, cloud)
            case "rest_api":
                yield from _api(made, stage, cloud)
            case _:
                pass  # a function or a role: Chalice says all about it


def _rule(made: dict[str, Any], queue: str, cloud: Cloud) -> Iterator[str]:
    events = cloud.client("events")
    targets = events.list_targets_by_rule(Rule=made["rule_name"])["Targets"]
    more = {"DeadLetterConfig": {"Arn": queue}, "RetryPolicy": _RETRY}
    events.put_targets(Rule=made["rule_name"], Targets=[{**each, **more} for each in targets])
    yield f"{made['rule_name']}: what it cannot deliver goes to the dead letters"
    for each in targets:
        yield _function(each["Arn"], queue, cloud)


def _subscription(made: dict[str, Any], queue: str, cloud: Cloud) -> Iterator[str]:
    cloud.client("sns").set_subscription_attributes(
        SubscriptionArn=made["subscription_arn"],
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": queue}),
    )
    yield f"{made['topic']}: what it cannot deliver goes to the dead letters"
    yield _function(made["lambda_arn"], queue, cloud)


def _function(arn: str, queue: str, cloud: Cloud) -> str:
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=_INVOKE["MaximumRetryAttempts"],
        MaximumEventAgeInSeconds=_INVOKE["MaximumEventAgeInSeconds"],
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    return f"{arn.split(':')[6]}: what fails for good goes to the dead letters"


def _api(made: dict[str, Any], stage: Stage, cloud: Cloud) -> Iterator[str]:
    group = cloud.arn("logs", f"log-group:/aws/apigateway/cordon-{stage.name}")
    wanted = {
        "/tracingEnabled": "true",
        "/accessLogSettings/destinationArn": group,
        "/accessLogSettings/format": _ACCESS_LOG,
    }
    cloud.client("apigateway").update_stage(
        restApiId=made["rest_api_id"],
        stageName=stage.api_stage,
        patchOperations=[
            {"op": "replace", "path": path, "value": value} for path, value in wanted.items()
        ],
    )
    yield f"{stage.api_function}: the API keeps access logs and is traced"
