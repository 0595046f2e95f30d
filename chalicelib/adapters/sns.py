"""SNS: tell people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib import VERSION
from chalicelib.adapters.errors import aws_errors
from chalicelib.core.notices.audience import Subscriber
from chalicelib.core.notices.notice import Notice

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, SubscriptionTypeDef

PERMISSIONS = ("sns:Publish",)
WATCHER_PERMISSIONS = ("sns:ListSubscriptionsByTopic",)

# Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (256 KB); the attributes and
# the subject count, too.
_LARGEST = 250_000  # bytes
_SHORTER = (20_000, 5_000, 1_000)  # characters of lines


class SnsNotices:
    """The topic `cordon-<stage>-notices`."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._sns = client
        self._topic_arn = topic_arn

    def publish(self, notice: Notice) -> str:
        """Send `notice`: its text to people who read e-mail, its JSON to everyone else.

        The e-mails of one incident have one subject.

        One that is too large for SNS is cut. The attributes kind, severity, outcome and account
        are for filters of subscriptions.
        """
        message = _message(notice)
        for most in _SHORTER:
            if len(message.encode()) > _LARGEST:
                message = _message(notice.shortened(most))
        with aws_errors(f"publish {notice.subject}"):
            answer = self._sns.publish(
                TopicArn=self._topic_arn,
                Subject=notice.mail_subject,
                Message=message,
                MessageStructure="json",
                MessageAttributes={
                    "kind": _text(notice.kind.value),
                    "severity": _text(notice.severity),
                    "outcome": _text(notice.outcome),
                    "account": _text(notice.account_id),
                },
            )
        return answer["MessageId"]


class SnsAudience:
    """Who subscribed to the topics `cordon-<stage>-notices` and `-alarms`."""

    def __init__(self, client: SNSClient, topic_prefix: str) -> None:
        """Make it; `topic_prefix` is the ARN of both without the last word of its name."""
        self._sns = client
        self._prefix = topic_prefix

    def of_notices(self) -> tuple[Subscriber, ...]:
        return self._of("notices")

    def of_alarms(self) -> tuple[Subscriber, ...]:
        return self._of("alarms")

    def _of(self, name: str) -> tuple[Subscriber, ...]:
        with aws_errors(f"list who subscribed to {name}"):
            pages = self._sns.get_paginator("list_subscriptions_by_topic")
            found = [
                each
                for page in pages.paginate(TopicArn=f"{self._prefix}{name}")
                for each in page["Subscriptions"]
            ]
        return tuple(
            Subscriber(each["Protocol"], each["Endpoint"], is_confirmed=_is_arn(each))
            for each in found
        )


class SnsChat:
    """The topics `cordon-...-chat`, which Amazon Q Developer listens to."""

    def __init__(self, client: SNSClient, topic_prefix: str) -> None:
        """Make it; `topic_prefix` is the ARN of a topic without its name."""
        self._sns = client
        self._prefix = topic_prefix

    def publish(self, topic: str, message: Mapping[str, Any]) -> None:
        with aws_errors(f"publish on {topic}"):
            self._sns.publish(TopicArn=f"{self._prefix}{topic}", Message=json.dumps(message))


def _message(notice: Notice) -> str:
    data = json.dumps({**notice.as_json(), "cordon": VERSION})
    text = f"{notice.text}\nCordon {VERSION}\n"
    said = {"default": data, "lambda": data, "email": text, "sms": notice.subject}
    return json.dumps(said)


def _is_arn(subscription: SubscriptionTypeDef) -> bool:
    return subscription["SubscriptionArn"].startswith("arn:")  # else PendingConfirmation


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}
