from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from chalicelib.flows.notify import notify
from chalicelib.settings.channels import read_channels
from chalicelib.wiring import notifier
from sandbox.channels.page import page
from sandbox.channels.receiver import CHANNELS, Receiver, serving_page
from sandbox.channels.views import Arrived, view
from tests.adapters.aws import make_table
from tests.builders import NOON
from tests.core.notices.channels.incident import CONTAINMENT, NOTICES, RELEASE
from tests.core.notices.channels.rendering import RENDERERS


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("CORDON_CHANNELS", str(CHANNELS))
    notifier._notifier.cache_clear()
    with mock_aws():
        make_table(boto3.client("dynamodb"))
        made = Receiver()
        with made.connected():
            yield made
    notifier._notifier.cache_clear()


def test_the_channels_of_the_sandbox_deliver_to_the_receiver(receiver: Receiver) -> None:
    to = notifier.notifier()
    assert to is not None

    notify(CONTAINMENT, NOON.isoformat(), to)
    notify(RELEASE, NOON.isoformat(), to)

    names = {channel.name for channel in read_channels(os.environ)}
    assert {each.channel for each in receiver.arrived} == names
    first, second = (e.message for e in receiver.arrived if e.channel == "slack")
    assert "thread_ts" not in first
    assert second["thread_ts"]
    assert first["text"] == second["text"]  # it says how things stand now


def test_afterwards_the_notifier_is_the_live_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_CHANNELS", str(CHANNELS))
    live = notifier.notifier

    with mock_aws(), Receiver().connected():
        assert notifier.notifier is not live

    assert notifier.notifier is live


def test_the_page_shows_what_has_arrived_the_newest_first(receiver: Receiver) -> None:
    to = notifier.notifier()
    assert to is not None
    notify(CONTAINMENT, NOON.isoformat(), to)

    with serving_page(receiver, "127.0.0.1") as url, urllib.request.urlopen(url) as answer:
        shown = answer.read().decode()
        policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert all(f"<h2>{each.channel} " in shown for each in receiver.arrived)
    assert "xoxb-" not in shown


def test_the_page_shows_hostile_text_as_text() -> None:
    hostile = "<script>alert(1)</script>"
    arrived = Arrived(datetime.now(UTC), hostile, {"a": hostile}, {"X": hostile})

    shown = page([arrived])

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_the_page_says_that_nothing_has_arrived() -> None:
    assert "Nothing was sent yet." in page([])


def test_a_change_event_of_pagerduty_is_shown() -> None:
    change, subject, *_ = view("pagerduty", RENDERERS["pagerduty"](NOTICES["mode"]))

    assert change == "change"
    assert subject == "change: Cordon was switched from enforce to observe"
