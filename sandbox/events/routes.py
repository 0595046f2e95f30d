"""moto's EventBridge, SNS and Lambda, connected to functions of this process.

moto delivers EventBridge to neither Lambda nor SNS, hands Lambda a canned SNS record, and runs
functions in Docker. Here events take the route that the rules and subscriptions describe.

One door that AWS keeps shut is open: PutEvents takes events of `aws.*` sources, so that a person
can send a GuardDuty finding by hand. AWS answers NotAuthorizedForSourceException.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.events.models import Rule, events_backends
from moto.sns.models import Subscription, sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

from sandbox.events.delivery import Delivery
from sandbox.events.pattern import matches
from sandbox.faithful.mending import mend

_CONNECTED: dict[str, Delivery] = {}


def connect(delivery: Delivery) -> None:
    """Let `delivery` have what moto's services send to functions, from now on."""
    if not _CONNECTED:
        _lambda_runs_here()
        _rules_reach_their_targets()
        _subscriptions_reach_functions()
    _CONNECTED["now"] = delivery


def put_event(account_id: str, region: str, event: Mapping[str, Any]) -> None:
    """Put a whole event on the default bus, as a service of AWS does."""
    bus: Any = events_backends[account_id][region].describe_event_bus("default")
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event)


def send_message(queue_arn: str, body: Mapping[str, Any]) -> None:
    """Send `body` to a queue."""
    arn = parse_arn(queue_arn)
    sqs_backends[arn.account][arn.region].send_message(
        queue_name=arn.resource_id, message_body=json.dumps(body)
    )


def _delivery() -> Delivery:
    return _CONNECTED["now"]


def _lambda_runs_here() -> None:
    original = LambdaFunction._invoke_lambda

    def invoke(function: Any, event: Any = None) -> tuple[str, bool, str]:
        if function.function_name not in _delivery().handlers:
            answered: tuple[str, bool, str] = original(function, event)
            return answered
        body = json.loads(event) if isinstance(event, str | bytes) else event
        try:
            result = _delivery().invoke(function.function_name, body)
        except Exception as error:  # noqa: BLE001 - Lambda's runtime reports whatever was raised
            said = {"errorMessage": str(error), "errorType": type(error).__name__}
            return json.dumps(said), True, str(error)
        return json.dumps(result), False, "END"

    mend(LambdaFunction, "_invoke_lambda", invoke)


def _rules_reach_their_targets() -> None:
    def send(rule: Any, original_event: Mapping[str, Any], *_: Any, **__: Any) -> None:
        pattern = rule.event_pattern.get_pattern()
        if rule.state != "ENABLED" or not pattern:
            return
        event = _envelope(original_event, rule)
        if matches(pattern, event):
            for target in list(rule.targets):
                _send_to(target["Arn"], event)

    mend(Rule, "send_to_targets", send)


def _envelope(event: Mapping[str, Any], rule: Any) -> dict[str, Any]:
    """Return the event as a target gets it; moto leaves the account out and counts its seconds."""
    sent = event.get("time")
    at = sent if isinstance(sent, str) else _iso(float(sent or time.time()))
    return {
        "version": "0",
        "id": event.get("id", str(uuid.uuid4())),
        "detail-type": event.get("detail-type"),
        "source": event.get("source"),
        "account": event.get("account", rule.account_id),
        "time": at,
        "region": event.get("region", rule.region_name),
        "resources": event.get("resources", []),
        "detail": event.get("detail"),
    }


def _send_to(target: str, event: Mapping[str, Any]) -> None:
    arn = parse_arn(target)
    if arn.service == "lambda":
        _delivery().submit(_function_name(target), event)
    elif arn.service == "sns":
        sns_backends[arn.account][arn.region].publish(message=json.dumps(event), arn=target)
    elif arn.service == "sqs":
        send_message(target, event)


def _subscriptions_reach_functions() -> None:
    original = Subscription.publish

    def publish(
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        if subscription.protocol != "lambda":
            original(subscription, message, message_id, subject, message_attributes, **more)
            return
        wanted = subscription._filter_policy_matcher
        if wanted is not None and not wanted.matches(message_attributes, message):
            return
        if more.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        record = _sns_record(subscription, message, message_id, subject, message_attributes)
        _delivery().submit(_function_name(subscription.endpoint), {"Records": [record]})

    mend(Subscription, "publish", publish)


def _sns_record(
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "EventSource": "aws:sns",
        "Sns": {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": subscription.topic.arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": _iso(time.time()),
            "SignatureVersion": "1",
            "Signature": "",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": {
                name: {"Type": value.get("type"), "Value": value.get("value")}
                for name, value in (attributes or {}).items()
            },
        },
    }


def _function_name(arn: str) -> str:
    return arn.split(":")[6]


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
