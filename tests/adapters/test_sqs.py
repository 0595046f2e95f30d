from __future__ import annotations

import boto3
import pytest

from chalicelib.adapters.sqs import SqsDeadLetters
from chalicelib.core.errors import AwsRefusedError

QUEUE = "cordon-dev-dead-letters"


@pytest.mark.usefixtures("aws")
def test_dead_letters_are_counted(session: boto3.Session) -> None:
    sqs = session.client("sqs")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    before = SqsDeadLetters(sqs, QUEUE).count()
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="{}")

    assert (before, SqsDeadLetters(sqs, QUEUE).count()) == (0, 3)


@pytest.mark.usefixtures("aws")
def test_a_queue_that_is_not_there_is_not_an_empty_one(session: boto3.Session) -> None:
    with pytest.raises(AwsRefusedError, match="dead letters"):
        SqsDeadLetters(session.client("sqs"), QUEUE).count()


@pytest.mark.usefixtures("aws")
def test_a_letter_that_was_taken_is_counted_until_it_is_done(session: boto3.Session) -> None:
    sqs = session.client("sqs")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one")
    letters = SqsDeadLetters(sqs, QUEUE)

    letter = letters.take()
    assert letter is not None
    assert (letter.body, letters.take(), letters.count()) == ("one", None, 1)

    letters.done(letter)
    assert letters.count() == 0
