from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.delivery import LEASE
from tests.builders import MINUTE, NOON
from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.test_digest import a_notice
from tests.fakes.calls import Crash
from tests.fakes.notifier import CHANNELS, Channels

CALM = (replace(CHANNELS[1], digest=True),)
SECOND = timedelta(seconds=1)


def told(channels: Channels) -> list[str]:
    """Return the last section of each message that has arrived."""
    return [message["blocks"][-2]["text"]["text"] for message in channels.got("slack")]


def test_a_finding_waits_and_is_told_with_the_digest() -> None:
    channels = Channels(channels=CALM)

    assert channels.notify(a_notice(count=3)) == {"slack": "kept for the digest"}
    channels.notify(a_notice(count=8), at=NOON + MINUTE)
    assert channels.names == []
    channels.notify(NOTICES["digest"], at=NOON + 2 * MINUTE)

    (section,) = told(channels)
    assert "1 finding(s), seen 8 time(s)" in section


def test_what_was_told_is_not_told_again_the_next_day() -> None:
    channels = Channels(channels=CALM)
    channels.notify(a_notice())
    channels.notify(NOTICES["digest"])
    channels.now = NOON + timedelta(days=1)

    channels.notify(NOTICES["digest"], at=channels.now)

    assert "None." in told(channels)[-1]
    assert len(told(channels)) == 2


def test_a_channel_without_the_setting_is_told_at_once_and_gets_the_plain_digest() -> None:
    channels = Channels(channels=CHANNELS[1:2])

    channels.notify(a_notice())
    channels.notify(NOTICES["digest"])

    assert len(told(channels)) == 2
    assert "since the last digest" not in told(channels)[-1]


def test_what_is_grave_does_not_wait() -> None:
    channels = Channels(channels=CALM)

    assert channels.notify(NOTICES["containment"]) == {"slack": "delivered"}


def test_a_digest_that_fails_keeps_what_waits() -> None:
    channels = Channels(channels=CALM, answers={"slack": Answer(503, b"")})
    channels.notify(a_notice())
    with pytest.raises(UndeliveredError):
        channels.notify(NOTICES["digest"])
    channels.answers.clear()

    channels.notify(NOTICES["digest"])

    assert "1 finding(s)" in told(channels)[-1]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 9))
def test_a_crash_at_any_call_loses_no_finding(at: int, after: object) -> None:
    channels = Channels(channels=CALM)
    channels.calls.crash(at, after=bool(after))
    with pytest.raises(Crash):
        _a_day(channels)
    channels.calls.crash(0, after=False)
    channels.now += LEASE + SECOND

    _a_day(channels)
    channels.notify(NOTICES["digest"], at=NOON + timedelta(days=1))

    assert any("1 finding(s)" in section for section in told(channels))


def _a_day(channels: Channels) -> None:
    channels.notify(a_notice())
    channels.notify(NOTICES["digest"])
