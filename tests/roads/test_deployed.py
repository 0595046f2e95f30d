"""What `make deploy` leaves behind, and what it does there: the zips run, each cold."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

import app as door
from sandbox.guard import ACCOUNT, REGION
from tests.roads.local_aws import LocalAws, apis, names, stacks

EVENT_FUNCTIONS = {source.name for source in door.app.event_sources}
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:cordon-dev-dead-letters"


@pytest.mark.usefixtures("deployed")
def test_what_chalice_forgets_is_there() -> None:
    lambdas: Any = boto3.client("lambda")
    events: Any = boto3.client("events")
    sns = boto3.client("sns")

    assert names() == {"cordon-dev", *(f"cordon-dev-{name}" for name in EVENT_FUNCTIONS)}
    for name in EVENT_FUNCTIONS:
        config = lambdas.get_function_event_invoke_config(FunctionName=f"cordon-dev-{name}")
        assert config["MaximumRetryAttempts"] == 2
        assert config["DestinationConfig"]["OnFailure"]["Destination"] == QUEUE
    rules = [each["Name"] for each in events.list_rules()["Rules"]]
    assert len(rules) == len(EVENT_FUNCTIONS) - 1
    for rule in rules:
        [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": QUEUE}
    [subscription] = sns.list_subscriptions()["Subscriptions"]
    said = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])
    assert json.loads(said["Attributes"]["RedrivePolicy"]) == {"deadLetterTargetArn": QUEUE}


@pytest.mark.usefixtures("deployed")
def test_every_method_asks_iam_and_the_stage_is_traced() -> None:
    gateway: Any = boto3.client("apigateway")
    [api] = apis()
    methods = [
        gateway.get_method(restApiId=api, resourceId=resource["id"], httpMethod=verb)
        for resource in gateway.get_resources(restApiId=api)["items"]
        for verb in resource.get("resourceMethods", {})
    ]

    assert len(methods) == sum(len(verbs) for verbs in door.app.routes.values())
    assert {each["authorizationType"] for each in methods} == {"AWS_IAM"}
    assert gateway.get_stage(restApiId=api, stageName="api")["tracingEnabled"] is True


def test_a_second_run_changes_nothing_and_makes_nothing_twice(deployed: LocalAws) -> None:
    before = (names(), apis(), stacks())

    told = deployed.deploy()

    assert "no resource(s) would change" in told
    assert (names(), apis(), stacks()) == before
    assert len(boto3.client("sns").list_subscriptions()["Subscriptions"]) == 1


def test_a_rule_that_lost_its_dead_letters_gets_them_back(deployed: LocalAws) -> None:
    events: Any = boto3.client("events")
    rule = "cordon-dev-contain_finding-event"
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    del target["DeadLetterConfig"]
    events.put_targets(Rule=rule, Targets=[target])

    deployed.deploy()

    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": QUEUE}
