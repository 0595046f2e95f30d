"""SQS: what failed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

PERMISSIONS = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")


class SqsDeadLetters:
    """The queue `cordon-<stage>-dead-letters`."""

    def __init__(self, client: SQSClient, queue: str) -> None:
        self._sqs = client
        self._queue = queue

    def count(self) -> int:
        with aws_errors("count the dead letters"):
            url = self._sqs.get_queue_url(QueueName=self._queue)["QueueUrl"]
            answer = self._sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
