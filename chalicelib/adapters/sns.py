"""SNS: tell people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.notice import Notice

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

PERMISSIONS = ("sns:Publish",)

_FOR_MACHINES = ("lambda", "sqs", "http", "https", "firehose", "email-json")


class SnsNotices:
    """The topic `cordon-<stage>-notices`."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._sns = client
        self._topic_arn = topic_arn

    def publish(self, notice: Notice) -> str:
        """Send `notice`: its text to people, its JSON to machines.

        The attributes kind, severity, outcome and account are for filters of subscriptions.
        """
        data = json.dumps(notice.as_json())
        message = {
            "default": notice.text,
            "email": notice.text,
            **dict.fromkeys(_FOR_MACHINES, data),
        }
        with aws_errors(f"publish {notice.subject}"):
            answer = self._sns.publish(
                TopicArn=self._topic_arn,
                Subject=notice.subject,
                Message=json.dumps(message),
                MessageStructure="json",
                MessageAttributes={
                    "kind": _text(notice.kind.value),
                    "severity": _text(notice.severity),
                    "outcome": _text(notice.outcome),
                    "account": _text(notice.account_id),
                },
            )
        return answer["MessageId"]


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}
