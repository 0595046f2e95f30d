"""Many notices at once, and a receiver that takes one a second."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer, Post
from chalicelib.core.notices.notice import Notice
from tests.builders import NOON
from tests.core.notices.channels.incident import CONTAINMENT
from tests.fakes.notifier import CHANNELS, Channels
from tests.fakes.virtual_time import VirtualTime

SLACK = CHANNELS[1]
COUNT = 50
AGAIN = (60.0, 120.0)  # seconds until Lambda tries a function again that raised


class OnePerSecond(Channels):
    """Slack: one message a second, and whoever comes in between is told to wait.

    Source: https://docs.slack.dev/apis/web-api/rate-limits
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.free_at: datetime = NOON
        self.tries = 0

    def post(self, post: Post) -> Answer:
        self.tries += 1
        if self.now < self.free_at:
            return Answer(429, b"rate_limited", "1")
        self.free_at = self.now + timedelta(seconds=1)
        return super().post(post)


def told_at_once(count: int) -> tuple[OnePerSecond, list[Notice]]:
    """Return the channel after `count` invocations at the same moment, and the dead letters."""
    time = VirtualTime(NOON)
    slack, dead = OnePerSecond(channels=(SLACK,)), list[Notice]()

    def pause(seconds: float) -> None:
        time.pause(seconds)
        slack.now = time.now

    def invocation(notice: Notice) -> None:
        slack.now = time.now
        for again in (*AGAIN, None):
            try:
                slack.notify(notice)
            except UndeliveredError:
                if again is None:
                    dead.append(notice)
                else:
                    time.pause(again)
                    slack.now = time.now
            else:
                return

    slack.pause = pause
    for nth in range(count):
        facts = {**CONTAINMENT.facts, "quarantine_id": f"i-{nth}-1"}
        notice = replace(CONTAINMENT, facts=facts)
        time.start(partial(invocation, notice))
    time.run()
    return slack, dead


def test_fifty_notices_at_once_all_arrive() -> None:
    slack, dead = told_at_once(COUNT)

    assert dead == []
    assert len(slack.got("slack")) == COUNT
    assert slack.now - NOON < timedelta(minutes=5)


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_is_waited_for_as_long_as_it_says(status: int) -> None:
    channels = Channels(channels=(SLACK,), answers={"slack": Answer(status, b"", "7")})
    said = channels.answers["slack"]

    def pause(seconds: float) -> None:
        channels.pauses.append(seconds)
        channels.now += timedelta(seconds=seconds)
        if len(channels.pauses) == 2:
            channels.answers.clear()

    channels.pause = pause

    assert channels.notify(CONTAINMENT) == {"slack": "delivered"}
    assert all(7 <= seconds < 10 for seconds in channels.pauses)
    assert said.retry_after == "7"


def test_who_asks_for_more_time_than_there_is_is_tried_again_by_lambda() -> None:
    channels = Channels(channels=(SLACK,), answers={"slack": Answer(429, b"", "3600")})

    with pytest.raises(UndeliveredError, match="answered 429"):
        channels.notify(CONTAINMENT)

    assert channels.pauses == []
