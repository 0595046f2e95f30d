"""SQS: what failed for good."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.findings.letter import Letter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

PERMISSIONS = (
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
)

_HIDDEN = 240  # seconds for which one that was taken is not taken again: less than to the next run


class SqsDeadLetters:
    """The queue `cordon-<stage>-dead-letters`."""

    def __init__(self, client: SQSClient, queue: str) -> None:
        self._sqs = client
        self._queue = queue

    def count(self) -> int:
        with aws_errors("count the dead letters"):
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )
        return sum(int(number) for number in answer["Attributes"].values())

    def take(self) -> Letter | None:
        with aws_errors("take a dead letter"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=1, VisibilityTimeout=_HIDDEN
            )
        for message in answer.get("Messages", []):
            return Letter(message["ReceiptHandle"], message["Body"])
        return None

    def done(self, letter: Letter) -> None:
        with aws_errors("take a dead letter out"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    @cached_property
    def _url(self) -> str:
        with aws_errors("find the dead letters"):
            return self._sqs.get_queue_url(QueueName=self._queue)["QueueUrl"]
