"""What is no incident opens none: worries are alerts of their own, the kill switch is a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices import about_watch
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.notice import Notice
from chalicelib.core.notices.posture import DetectorHealth, Posture, of_posture, sort_worries
from chalicelib.core.policy.policy import Mode
from tests.builders import ACCOUNT, NOON, REGION
from tests.core.notices.channels.incident import NOTICES
from tests.fakes.notifier import CHANNELS, Channels
from tests.fakes.receivers import PagerDuty, SecurityHub

ON_CALL, HUB = CHANNELS[3], CHANNELS[5]
DAY = timedelta(days=1)


def a_digest(day: int = 0, **changes: Any) -> tuple[Notice, datetime]:
    at = NOON + day * DAY
    well = Posture(
        at=at,
        mode=Mode.ENFORCE,
        setting=None,
        quarantines=(),
        detector=DetectorHealth(is_enabled=True),
        dead_letters=0,
        exercised_at=at,
    )
    return of_posture(replace(well, **changes), ACCOUNT, REGION), at


def tell(channels: Channels, *told: tuple[Notice, datetime]) -> None:
    for notice, at in told:
        channels.now = max(channels.now, at)
        channels.notify(notice, at)


def open_at(channels: Channels) -> tuple[set[str], set[str]]:
    """Return the names of what is open at PagerDuty and at Security Hub."""
    pages = PagerDuty(channels.got("on-call")).open
    active = SecurityHub(channels.got("hub")).active
    return {key.rpartition("/")[2] for key in pages}, {
        each["Id"].rpartition("/")[2] for each in active
    }


def test_each_worry_is_an_alert_and_a_finding_until_it_is_over() -> None:
    channels = Channels(channels=(ON_CALL, HUB))

    tell(channels, a_digest(0, dead_letters=2, mode=Mode.OBSERVE))
    assert open_at(channels) == ({"dead-letters", "mode"},) * 2
    tell(channels, a_digest(1, dead_letters=5))
    assert open_at(channels) == ({"dead-letters"},) * 2
    tell(channels, a_digest(2))
    assert open_at(channels) == (set(), set())

    assert len(PagerDuty(channels.got("on-call")).pages) == 2
    posted = len(channels.got("on-call"))
    tell(channels, a_digest(3))
    assert len(channels.got("on-call")) == posted


def test_a_worry_says_what_it_is() -> None:
    channels = Channels(channels=(ON_CALL, HUB))

    tell(channels, a_digest(unreadable=("i-1 cannot be read", "i-2 cannot be read")))

    (event,), (finding,) = channels.got("on-call"), channels.got("hub")
    assert event["payload"]["summary"] == "Cordon: i-1 cannot be read and 1 more"
    assert event["payload"]["severity"] == "warning"
    assert event["payload"]["custom_details"] == {
        "To look at": "i-1 cannot be read\ni-2 cannot be read"
    }
    assert finding["Title"] == "Cordon: i-1 cannot be read and 1 more"
    assert finding["FindingProviderFields"]["Severity"] == {"Label": "MEDIUM"}


def test_a_day_without_worries_opens_nothing_and_is_told_where_people_read() -> None:
    channels = Channels()

    tell(channels, a_digest())

    assert set(channels.names) == {"bot", "slack", "teams", "siem", "chat"}


def test_groups_that_aws_refuses_are_an_alert_that_the_digest_ends() -> None:
    channels = Channels(channels=(ON_CALL, HUB))
    refused = about_watch.of_groups({"deny vpc-1 1": "SecurityGroupLimitExceeded"}, ACCOUNT, REGION)

    tell(channels, (refused, NOON), a_digest(1, groups={"deny vpc-1 1": "full"}))
    assert open_at(channels) == ({"groups"},) * 2
    assert len(PagerDuty(channels.got("on-call")).pages) == 1
    tell(channels, a_digest(2))

    assert open_at(channels) == (set(), set())


@pytest.mark.parametrize("name", ["on-call", "hub"])
def test_a_worry_whose_end_was_not_taken_is_ended_by_the_next_try(name: str) -> None:
    channels = Channels(channels=(ON_CALL, HUB))
    tell(channels, a_digest(0, dead_letters=2))
    channels.answers[name] = Answer(503, b"")
    well = a_digest(1)

    with pytest.raises(UndeliveredError):
        tell(channels, well)
    channels.answers.clear()
    tell(channels, well)

    assert open_at(channels) == (set(), set())


def test_a_digest_of_yesterday_opens_nothing_today() -> None:
    channels = Channels(channels=(ON_CALL, HUB))

    tell(channels, a_digest(1), a_digest(0, dead_letters=2))

    assert open_at(channels) == (set(), set())


def test_a_channel_that_lets_no_worry_through_has_none() -> None:
    channels = Channels(channels=(replace(ON_CALL, min_severity=Band.HIGH),))

    tell(channels, a_digest(0, dead_letters=2))

    assert channels.names == []


def test_the_kill_switch_is_a_change_and_no_alert() -> None:
    channels = Channels(channels=(ON_CALL, HUB))

    tell(channels, (NOTICES["mode"], NOON))

    (post,) = channels.posts
    assert (post.host, post.path) == ("events.pagerduty.com", "/v2/change/enqueue")
    (change,) = channels.got("on-call")
    assert change["payload"]["summary"] == NOTICES["mode"].subject
    assert channels.got("hub") == []


def test_findings_that_were_answered_after_all_open_nothing() -> None:
    channels = Channels(channels=(ON_CALL, HUB))

    tell(channels, (about_watch.of_handed_back((), ACCOUNT, REGION), NOON))

    assert [post.path for post in channels.posts] == ["/v2/change/enqueue"]
    assert channels.got("hub") == []


def test_every_worry_has_a_name() -> None:
    said, _ = a_digest(dead_letters="denied", exercised_at=None, detector="denied", held="denied")

    assert set(said.facts["worries_by_name"]) == {"dead-letters", "exercise", "guardduty", "held"}
    assert sum(map(len, said.facts["worries_by_name"].values())) == len(said.facts["worries"])
    assert not sort_worries(
        Posture(NOON, Mode.ENFORCE, None, (), DetectorHealth(is_enabled=True), 0, NOON)
    )


def test_a_digest_of_which_nothing_was_told_is_nothing_that_a_channel_took() -> None:
    channels = Channels(channels=(ON_CALL, HUB))
    digest, at = a_digest()

    assert set(channels.notify(digest, at).values()) == {"nothing to tell"}
    assert channels.receipts.taken == {}
