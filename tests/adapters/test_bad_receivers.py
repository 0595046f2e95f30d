"""What receivers that behave badly do to a delivery, over TLS on this machine.

Each is sorted: the same may work later, a person must mend it, or it is taken. The secret is in no
error, and so in no log and no dead letter.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    UndeliveredError,
)
from chalicelib.core.notices.channels.post import Answer, Sending, check_answer, post_of
from chalicelib.core.notices.channels.slack import read_thread
from chalicelib.flows.notify import notify
from tests.adapters.https_server import HOST, Service, serving
from tests.builders import NOON
from tests.core.notices.channels.incident import CONTAINMENT
from tests.fakes.notifier import Channels

SECRET = "s3cr3t-of-both-sides-0123456789"
SIEM = Channel("siem", ChannelKind.WEBHOOK, "ssm:/cordon/siem", f"https://{HOST}/in")
BUSY, REFUSED = ChannelBusyError, ChannelRefusedError


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving(HOST) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.received.clear()
    running.status, running.body, running.headers, running.drips = 200, b"ok", {}, False
    return running


def told(service: Service, *, patience: float = 5.0) -> str:
    """Return what is logged, and lies in the dead letter, of one delivery to `service`."""
    channels = Channels(channels=(SIEM,), secrets={SIEM.secret: SECRET})
    channels.pause = lambda seconds: setattr(
        channels, "now", channels.now + timedelta(seconds=seconds)
    )
    to = replace(channels.notifier, web=service.web(patience=patience))
    try:
        return json.dumps(notify(CONTAINMENT, NOON.isoformat(), to))
    except UndeliveredError as error:
        return str(error)


def sorted_as(answer: Answer) -> type[Exception]:
    post = post_of(SIEM, CONTAINMENT, Sending(SECRET, "k", NOON))
    with pytest.raises((BUSY, REFUSED)) as caught:
        check_answer(post, answer, SECRET)
    return caught.type


@pytest.mark.parametrize(
    ("status", "sorts"),
    [
        (301, REFUSED),
        (302, REFUSED),
        (307, REFUSED),
        (400, REFUSED),
        (401, REFUSED),
        (403, REFUSED),
        (404, REFUSED),
        (410, REFUSED),
        (413, REFUSED),
        (408, BUSY),
        (429, BUSY),
        (500, BUSY),
        (502, BUSY),
        (503, BUSY),
    ],
)
def test_a_refusal_is_sorted_and_says_why_without_the_secret(
    service: Service, status: int, sorts: type[Exception]
) -> None:
    service.status = status
    service.body = f"bad key {SECRET}, {SECRET[4:20]}".encode()
    service.headers = {"Location": f"https://{HOST}/{SECRET}"}

    said = told(service)

    assert f"siem: {HOST}: answered {status}: bad key" in said
    assert SECRET[5:12] not in said
    assert sorted_as(Answer(status, service.body)) is sorts


@pytest.mark.parametrize(
    "header", ["20", "Sun, 01 Mar 2026 12:00:20 GMT"], ids=["seconds", "a date"]
)
def test_who_asks_to_come_back_later_is_tried_again_in_the_same_run(
    service: Service, header: str
) -> None:
    service.status, service.headers = 429, {"Retry-After": header}

    assert "answered 429" in told(service)
    assert len(service.received) >= 2


@pytest.mark.parametrize("status", [200, 202, 204])
def test_taken_and_then_silent_is_delivered(service: Service, status: int) -> None:
    service.status, service.body = status, b""

    assert told(service) == '{"siem": "delivered"}'


@pytest.mark.parametrize(
    ("body", "sorts"),
    [
        (b'{"ok": false, "error": "ratelimited"}', BUSY),
        (b'{"ok": false, "error": "invalid_auth"}', REFUSED),
        (b'{"ok": false, "error": "msg_blocks_too_long"}', REFUSED),
        (b"<html>login</html>", BUSY),
    ],
)
def test_a_200_with_an_error_inside_is_none(body: bytes, sorts: type[Exception]) -> None:
    with pytest.raises(sorts):
        read_thread(body)


def test_a_body_of_100_mb_costs_neither_memory_nor_time(service: Service) -> None:
    service.status, service.body = 500, b"x" * 100_000_000
    began = time.monotonic()
    tracemalloc.start()

    said = told(service)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "answered 500" in said
    assert len(said) < 400
    assert peak < 5_000_000
    assert time.monotonic() - began < 5


def test_a_slow_one_is_given_up_and_tried_again(service: Service) -> None:
    service.drips = True

    said = told(service, patience=0.3)

    assert f"{HOST}: no answer: TimeoutError" in said


def test_a_certificate_of_another_name_is_for_a_person() -> None:
    with serving("other.example.com") as other:
        said = told(other)

        assert "its certificate cannot be trusted" in said
        assert SECRET not in said
        assert other.received == []
