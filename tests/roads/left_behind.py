"""What both roads must leave behind in AWS."""

from __future__ import annotations

import json
from typing import Any

import boto3

import app as door
from sandbox.guard import ACCOUNT, REGION
from tests.roads.local_aws import apis

EVENT_FUNCTIONS = {f"cordon-dev-{source.name}" for source in door.app.event_sources}
FUNCTIONS = {"cordon-dev", *EVENT_FUNCTIONS}
SCHEDULES = {"cordon-dev-sync_threat_lists", "cordon-dev-watch_quarantines"}
NO_LETTER = {*SCHEDULES, "cordon-dev-repair_drift"}
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:cordon-dev-dead-letters"


def check_what_fails_goes_to_the_dead_letters() -> None:
    lambdas = boto3.client("lambda")
    for name in SCHEDULES:
        config = lambdas.get_function_event_invoke_config(FunctionName=name)
        assert config["MaximumRetryAttempts"] == 0
        assert not config["DestinationConfig"].get("OnFailure")
    for name in EVENT_FUNCTIONS - NO_LETTER:
        config = lambdas.get_function_event_invoke_config(FunctionName=name)
        assert config["MaximumRetryAttempts"] == 2
        assert config["DestinationConfig"]["OnFailure"]["Destination"] == QUEUE


def check_what_is_undelivered_goes_to_the_dead_letters() -> None:
    events: Any = boto3.client("events")
    sns = boto3.client("sns")
    rules = [each["Name"] for each in events.list_rules()["Rules"]]
    assert len(rules) == len(EVENT_FUNCTIONS) - 1
    for rule in rules:
        [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
        name = target["Arn"].split(":")[6]
        if name in SCHEDULES:  # the next run comes anyway
            assert target["RetryPolicy"]["MaximumRetryAttempts"] == 0
        if name in NO_LETTER:
            assert "DeadLetterConfig" not in target
        else:
            assert target["DeadLetterConfig"] == {"Arn": QUEUE}
    [subscription] = sns.list_subscriptions()["Subscriptions"]
    said = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
    assert json.loads(said["Attributes"]["RedrivePolicy"]) == {"deadLetterTargetArn": QUEUE}


def check_the_api() -> None:
    """Every method asks IAM; the one stage is traced."""
    gateway: Any = boto3.client("apigateway")
    [api] = apis()
    [stage] = gateway.get_stages(restApiId=api)["item"]
    assert (stage["stageName"], stage["tracingEnabled"]) == ("api", True)
    methods = [
        gateway.get_method(restApiId=api, resourceId=resource["id"], httpMethod=verb)
        for resource in gateway.get_resources(restApiId=api)["items"]
        for verb in resource.get("resourceMethods", {})
    ]
    assert len(methods) == sum(len(verbs) for verbs in door.app.routes.values())
    assert {each["authorizationType"] for each in methods} == {"AWS_IAM"}
