from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.delivery import LEASE
from chalicelib.core.notices.notice import Kind
from tests.builders import MINUTE, NOON, OTHER_ACCOUNT
from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.test_digest import a_notice
from tests.fakes.calls import Crash
from tests.fakes.notifier import CHANNELS, Channels

CALM = (replace(CHANNELS[1], digest=True),)
SECOND = timedelta(seconds=1)


def told(channels: Channels) -> list[str]:
    """Return the first section of each message that has arrived."""
    return [message["blocks"][1]["text"]["text"] for message in channels.got("slack")]


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


@pytest.mark.parametrize(
    "narrow",
    [
        {"accounts": frozenset({OTHER_ACCOUNT})},
        {"kinds": frozenset({Kind.FINDING})},
        {"outcomes": frozenset({"alerted"})},
        {"min_severity": Band.MEDIUM},
    ],
    ids=lambda narrow: next(iter(narrow)),
)
def test_a_channel_whose_filter_refuses_the_digest_is_told_what_was_kept(
    narrow: dict[str, Any],
) -> None:
    channels = Channels(channels=(replace(CALM[0], **narrow),))
    well = replace(NOTICES["digest"], outcome="well", severity="Low")
    finding = a_notice()
    if "accounts" in narrow:
        finding = replace(finding, account_id=OTHER_ACCOUNT)
    channels.notify(finding)

    assert channels.notify(well) == {"slack": "delivered"}
    channels.now = NOON + timedelta(days=1)
    assert channels.notify(replace(well, facts={}), at=channels.now) == {
        "slack": "nothing was kept"
    }

    (message,) = channels.got("slack")
    assert "1 finding(s), seen" in told(channels)[0]
    assert message["text"] == "Cordon: 1 low and medium finding(s)"
    assert channels.deliveries.waiting == {}


def test_a_digest_that_was_passed_over_forgets_nothing() -> None:
    channels = Channels(channels=CALM, answers={"slack": Answer(503, b"")})
    channels.notify(a_notice())
    newer = replace(NOTICES["digest"], facts={"region": "eu-west-1", "day": 2})
    for notice, at in ((NOTICES["digest"], NOON), (newer, NOON + timedelta(days=1))):
        with pytest.raises(UndeliveredError):
            channels.notify(notice, at=at)
    channels.answers.clear()
    channels.now = NOON + timedelta(days=1, minutes=1)

    assert channels.notify(NOTICES["digest"]) == {"slack": "overtaken"}
    assert len(channels.deliveries.waiting) == 1
    channels.notify(newer, at=NOON + timedelta(days=1))
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
