from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client

import app as door
from chalicelib.core.errors import MalformedNoticeError
from chalicelib.core.notices import about_quarantines
from tests.builders import a_finding, a_quarantine

NOTICE = about_quarantines.of_containment(
    a_quarantine(), a_finding(), "command-and-control"
).as_json()


class Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.made: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.made.append(record)


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """Return what the app logs from now on."""
    logger, records = logging.getLogger(door.logger.service), Records()
    level = logger.level
    logger.addHandler(records)
    logger.setLevel(logging.INFO)
    try:
        yield records.made
    finally:
        logger.setLevel(level)
        logger.removeHandler(records)


def deliver(client: Client, message: str) -> Any:
    event = client.events.generate_sns_event(message)
    return client.lambda_.invoke("notify", event).payload


def test_a_notice_is_logged_as_data(client: Client, logged: list[logging.LogRecord]) -> None:
    answer = deliver(client, json.dumps(NOTICE))

    (record,) = logged
    assert answer == {"kind": "containment", "outcome": "contained"}
    assert vars(record)["notice"] == NOTICE


@pytest.mark.parametrize(
    "message",
    [
        "",
        "CONTAINED i-0abc",
        "[]",
        "{}",
        json.dumps({**NOTICE, "version": 2}),
        json.dumps({**NOTICE, "outcome": None}),
        json.dumps({key: value for key, value in NOTICE.items() if key != "text"}),
    ],
)
def test_a_message_that_is_no_notice_raises_and_is_not_logged(
    client: Client, logged: list[logging.LogRecord], message: str
) -> None:
    with pytest.raises(MalformedNoticeError):
        deliver(client, message)

    assert logged == []
