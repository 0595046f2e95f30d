"""SNS to Lambda, with the record that AWS makes.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.sns.models import Subscription

from sandbox.events.delivery import Delivery
from sandbox.faithful.mending import mend


def install(delivery_now: Callable[[], Delivery | None]) -> None:
    """Mend moto's subscriptions of functions; `delivery_now` names what is connected, if any."""
    original = Subscription.publish

    def publish(
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        delivery = delivery_now()
        if delivery is None or subscription.protocol != "lambda":
            original(subscription, message, message_id, subject, message_attributes, **more)
            return
        wanted = subscription._filter_policy_matcher
        if wanted is not None and not wanted.matches(message_attributes, message):
            return
        if more.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        record = _record(subscription, message, message_id, subject, message_attributes)
        delivery.submit(subscription.endpoint.split(":")[6], {"Records": [record]})

    mend(Subscription, "publish", publish)


def _record(
    subscription: Any,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return one record; nothing in the sandbox has a key to sign it with."""
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
            "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "SignatureVersion": "1",
            "Signature": "",
            "SigningCertUrl": "",
            "UnsubscribeUrl": "",
            "MessageAttributes": {
                name: {"Type": value["Type"], "Value": str(value["Value"])}
                for name, value in (attributes or {}).items()
            },
        },
    }
