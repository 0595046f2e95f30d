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
[_THROTTLE] = _OVERLAY["RestAPI"]["Properties"]["MethodSettings"]
_ACCESS_LOG = _OVERLAY["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]


def complete(stage: Stage, cloud: Cloud) -> Iterator[str]:
    """Set it for all that Chalice's state names; yield a line for each."""
    queue = cloud.arn("sqs", stage.dead_letters)
    for made in stage.state():
        match made["resource_type"]:
            case "cloudwatch_event" | "scheduled_event":
                yield from _rule(made, stage, queue, cloud)
            case "sns_event":
                yield from _subscription(made, stage, queue, cloud)
            case "rest_api":
                yield from _api(made, stage, cloud)
            case _:
                pass  # a function or a role: Chalice says all about it


def _rule(made: dict[str, Any], stage: Stage, queue: str, cloud: Cloud) -> Iterator[str]:
    events = cloud.client("events")
    targets = events.list_targets_by_rule(Rule=made["rule_name"])["Targets"]
    for each in targets:
        said = _event_of(stage, each["Arn"])
        each.pop("DeadLetterConfig", None)
        each |= {"RetryPolicy": said["RetryPolicy"]}
        if "DeadLetterConfig" in said:
            each |= {"DeadLetterConfig": {"Arn": queue}}
        yield f"{made['rule_name']}: {_fate('cannot deliver', is_kept='DeadLetterConfig' in said)}"
        yield _function(each["Arn"], stage, queue, cloud)
    events.put_targets(Rule=made["rule_name"], Targets=targets)


def _fate(does: str, *, is_kept: bool) -> str:
    return f"what it {does} {'goes to the dead letters' if is_kept else 'comes again by itself'}"


def _subscription(made: dict[str, Any], stage: Stage, queue: str, cloud: Cloud) -> Iterator[str]:
    cloud.client("sns").set_subscription_attributes(
        SubscriptionArn=made["subscription_arn"],
        AttributeName="RedrivePolicy",
        AttributeValue=json.dumps({"deadLetterTargetArn": queue}),
    )
    yield f"{made['topic']}: what it cannot deliver goes to the dead letters"
    yield _function(made["lambda_arn"], stage, queue, cloud)


def _function(arn: str, stage: Stage, queue: str, cloud: Cloud) -> str:
    said = _of_function(stage, arn)["EventInvokeConfig"]
    is_kept = "DestinationConfig" in said
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=arn,
        MaximumRetryAttempts=said["MaximumRetryAttempts"],
        MaximumEventAgeInSeconds=said["MaximumEventAgeInSeconds"],
        DestinationConfig={"OnFailure": {"Destination": queue}} if is_kept else {},
    )
    return f"{arn.split(':')[6]}: {_fate('fails at for good', is_kept=is_kept)}"


def _of_function(stage: Stage, arn: str) -> dict[str, Any]:
    """Return what the overlay says of the function with that ARN."""
    name = arn.split(":")[6].removeprefix(f"cordon-{stage.name}-")
    logical = "".join(word.capitalize() for word in name.split("_"))
    said: dict[str, Any] = _OVERLAY[logical]["Properties"]
    return said


def _event_of(stage: Stage, arn: str) -> dict[str, Any]:
    [event] = _of_function(stage, arn)["Events"].values()
    said: dict[str, Any] = event["Properties"]
    return said


def _api(made: dict[str, Any], stage: Stage, cloud: Cloud) -> Iterator[str]:
    group = cloud.arn("logs", f"log-group:/aws/apigateway/cordon-{stage.name}")
    wanted = {
        "/tracingEnabled": "true",
        "/accessLogSettings/destinationArn": group,
        "/accessLogSettings/format": _ACCESS_LOG,
        "/*/*/throttling/burstLimit": str(_THROTTLE["ThrottlingBurstLimit"]),
        "/*/*/throttling/rateLimit": str(_THROTTLE["ThrottlingRateLimit"]),
    }
    cloud.client("apigateway").update_stage(
        restApiId=made["rest_api_id"],
        stageName=stage.api_stage,
        patchOperations=[
            {"op": "replace", "path": path, "value": value} for path, value in wanted.items()
        ],
    )
    yield f"{stage.api_function}: the API keeps access logs and is traced"
