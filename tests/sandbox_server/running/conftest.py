from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox_server.small_app import SmallApp


@pytest.fixture(scope="package")
def small() -> SmallApp:
    return SmallApp()


@pytest.fixture(scope="package")
def running(small: SmallApp) -> Iterator[Sandbox]:
    with Sandbox(app=small.chalice) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, small: SmallApp) -> Iterator[Sandbox]:
    """Return the one sandbox of these tests, with nothing left of other tests."""
    small.seen.clear()
    yield running
    small.broken.clear()
    running.drain()
    _empty(running.client("sqs"))


def _empty(sqs: Any) -> None:
    url = sqs.get_queue_url(QueueName="cordon-dev-dead-letters")["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
