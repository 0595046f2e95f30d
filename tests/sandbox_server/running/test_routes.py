from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox_server.small_app import SmallApp


def put(sandbox: Sandbox, detail: dict[str, Any], source: str = "aws.guardduty") -> Any:
    entry = {"Source": source, "DetailType": "GuardDuty Finding", "Detail": json.dumps(detail)}
    return sandbox.client("events").put_events(Entries=[entry])


def queue(sandbox: Sandbox, name: str) -> tuple[str, str]:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def rule(sandbox: Sandbox, name: str, target: dict[str, Any], source: str) -> None:
    events = sandbox.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=name, Targets=[{"Id": "1", **target}])


def test_a_person_may_put_an_event_of_guardduty(sandbox: Sandbox, small: SmallApp) -> None:
    answer = put(sandbox, {"severity": 8.7})
    sandbox.drain()

    [event] = small.events_of("find")
    assert answer["FailedEntryCount"] == 0
    assert event["detail"] == {"severity": 8.7}
    assert event["account"] == "123456789012"
    assert event["time"].endswith("Z")
    assert event["id"] == answer["Entries"][0]["EventId"]


@pytest.mark.parametrize(
    ("source", "severity"), [("aws.guardduty", 6.9), ("aws.guardduty", "8"), ("my.app", 8)]
)
def test_an_event_outside_the_pattern_reaches_nobody(
    sandbox: Sandbox, small: SmallApp, source: str, severity: object
) -> None:
    put(sandbox, {"severity": severity}, source)
    sandbox.drain()

    assert small.seen == []


def test_a_disabled_rule_delivers_nothing(sandbox: Sandbox, small: SmallApp) -> None:
    events = sandbox.client("events")
    events.disable_rule(Name="find")
    put(sandbox, {"severity": 8})
    sandbox.drain()
    events.enable_rule(Name="find")
    put(sandbox, {"severity": 9})
    sandbox.drain()

    assert [event["detail"]["severity"] for event in small.events_of("find")] == [9]


def test_what_fails_for_good_lies_in_the_dead_letter_queue(
    sandbox: Sandbox, small: SmallApp
) -> None:
    small.broken.add("find")

    put(sandbox, {"severity": 8})
    sandbox.drain()

    [letter] = sandbox.dead_letters()
    assert len(small.events_of("find")) == 3
    assert letter["requestPayload"]["detail"] == {"severity": 8}
    assert letter["responsePayload"] == {
        "errorType": "BrokenError",
        "errorMessage": "it's <broken>",
    }
    assert sandbox.dead_letters() == [letter]


def test_a_rule_reaches_a_queue_with_what_its_target_asks_for(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox, "plain")
    transformer = {"InputPathsMap": {"x": "$.detail.a.b"}, "InputTemplate": "[<x>]"}
    shapes: tuple[dict[str, Any], ...] = (
        {},
        {"Input": '{"fixed": 1}'},
        {"InputPath": "$.detail.a"},
        {"InputTransformer": transformer},
    )
    for number, shape in enumerate(shapes):
        rule(sandbox, f"shape-{number}", {"Arn": arn, **shape}, "my.shapes")

    put(sandbox, {"a": {"b": 2}}, "my.shapes")

    received = sandbox.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    bodies = [json.loads(message["Body"]) for message in received["Messages"]]
    assert bodies[0]["detail"] == {"a": {"b": 2}}
    assert bodies[1:] == [{"fixed": 1}, {"b": 2}, [2]]


def test_a_rule_reaches_a_function_by_way_of_a_topic(sandbox: Sandbox, small: SmallApp) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:cordon-dev-notices"
    rule(sandbox, "by-topic", {"Arn": topic}, "my.topic")

    put(sandbox, {"a": 1}, "my.topic")
    sandbox.drain()

    [event] = small.events_of("tell")
    assert json.loads(event["Records"][0]["Sns"]["Message"])["detail"] == {"a": 1}


def test_a_target_of_another_kind_is_left_to_moto(sandbox: Sandbox) -> None:
    sandbox.client("logs").create_log_group(logGroupName="/events")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/events"
    rule(sandbox, "to-logs", {"Arn": arn}, "my.logs")

    put(sandbox, {"a": 1}, "my.logs")

    found = sandbox.client("logs").filter_log_events(logGroupName="/events")["events"]
    assert json.loads(found[0]["message"])["detail"] == {"a": 1}


def test_a_function_gets_the_record_of_sns(sandbox: Sandbox, small: SmallApp) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:cordon-dev-notices"

    sent = sandbox.client("sns").publish(
        TopicArn=topic,
        Subject="Hello",
        Message=json.dumps({"default": "mail", "lambda": '{"kind": "notice"}'}),
        MessageStructure="json",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "notice"},
            "severity": {"DataType": "Number", "StringValue": "8.7"},
        },
    )
    sandbox.drain()

    [event] = small.events_of("tell")
    record = event["Records"][0]
    assert record["EventSource"] == "aws:sns"
    assert record["EventSubscriptionArn"].startswith(topic)
    assert record["Sns"]["TopicArn"] == topic
    assert record["Sns"]["MessageId"] == sent["MessageId"]
    assert record["Sns"]["Subject"] == "Hello"
    assert record["Sns"]["Message"] == '{"kind": "notice"}'
    assert record["Sns"]["MessageAttributes"] == {
        "kind": {"Type": "String", "Value": "notice"},
        "severity": {"Type": "Number", "Value": "8.7"},
    }


def test_a_filter_policy_keeps_a_message_from_a_function(sandbox: Sandbox, small: SmallApp) -> None:
    sns = sandbox.client("sns")
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    function = "arn:aws:lambda:us-east-1:123456789012:function:plain"
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=function,
        Attributes={"FilterPolicy": '{"kind": ["wanted"]}'},
    )

    for kind in ("other", "wanted"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    sandbox.drain()

    messages = [each["Records"][0]["Sns"]["Message"] for each in small.events_of("plain")]
    assert messages == ["wanted"]


@pytest.mark.parametrize("name", ["plain", "cordon-dev-plain"])
def test_a_function_answers_to_both_its_names(sandbox: Sandbox, name: str) -> None:
    answer = sandbox.client("lambda").invoke(FunctionName=name, Payload=b'{"a": 1}')

    payload = json.loads(answer["Payload"].read())
    assert payload["done"] == "plain"
    assert payload["as"] == name
    assert "FunctionError" not in answer


def test_an_error_is_an_answer_of_a_synchronous_invocation(
    sandbox: Sandbox, small: SmallApp
) -> None:
    small.broken.add("plain")

    answer = sandbox.client("lambda").invoke(FunctionName="plain", Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "BrokenError"
    assert len(small.seen) == 1
    assert sandbox.dead_letters() == []


def test_an_asynchronous_invocation_is_retried_and_buried(
    sandbox: Sandbox, small: SmallApp
) -> None:
    small.broken.add("plain")

    answer = sandbox.client("lambda").invoke(
        FunctionName="plain", InvocationType="Event", Payload=b'{"a": 1}'
    )
    sandbox.drain()

    assert answer["StatusCode"] == 202
    assert small.events_of("plain") == [{"a": 1}] * 3
    assert [letter["requestPayload"] for letter in sandbox.dead_letters()] == [{"a": 1}]


def test_a_dry_run_runs_nothing(sandbox: Sandbox, small: SmallApp) -> None:
    answer = sandbox.client("lambda").invoke(
        FunctionName="plain", InvocationType="DryRun", Payload=b"{}"
    )

    assert answer["StatusCode"] == 204
    assert small.seen == []


def test_a_payload_that_is_no_json_is_refused(sandbox: Sandbox, small: SmallApp) -> None:
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        sandbox.client("lambda").invoke(FunctionName="plain", Payload=b"{")

    assert small.seen == []


def test_a_rule_with_a_pattern_that_aws_refuses_is_refused(sandbox: Sandbox) -> None:
    pattern = {"detail": {"severity": [{"numeric": ["<", 5, ">", 1]}]}}

    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        sandbox.client("events").put_rule(Name="bad", EventPattern=json.dumps(pattern))


def test_a_pattern_is_tested_by_the_matcher_that_delivers(sandbox: Sandbox) -> None:
    envelope: dict[str, Any] = dict.fromkeys(
        ("id", "account", "time", "region", "detail-type"), "x"
    )
    event = {**envelope, "source": "aws.guardduty", "resources": [], "detail": {"severity": 8.0}}
    pattern = {"detail": {"severity": [8]}}
    events = sandbox.client("events")

    answer = events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))

    assert answer["Result"] is True
    with pytest.raises(ClientError, match="the event has no id"):
        events.test_event_pattern(EventPattern=json.dumps(pattern), Event='{"source": "x"}')
