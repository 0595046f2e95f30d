"""What opens something at PagerDuty or Security Hub has an end; what is no incident opens none."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from chalicelib.core.errors import AwsBusyError
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices import (
    about_exemptions,
    about_findings,
    about_quarantines,
    about_threat_lists,
    about_watch,
)
from chalicelib.core.notices.channels import pagerduty
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.notice import Notice
from chalicelib.core.quarantine.exemption import Exemption, Wish
from chalicelib.core.quarantine.record import State
from chalicelib.core.threat_lists.feeds import Feed, FeedState
from tests.builders import (
    ACCOUNT,
    MINUTE,
    NOON,
    REGION,
    a_finding,
    a_judgement,
    a_quarantine,
    a_ref,
)
from tests.core.notices.channels.incident import CONTAINMENT, RELEASE
from tests.fakes.notifier import CHANNELS, Channels
from tests.fakes.receivers import PagerDuty, SecurityHub

BOT, _, _, ON_CALL, _, HUB, _ = CHANNELS
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUARANTINE = a_quarantine(State.CONTAINED)
EXEMPTION = Exemption("a load test", NOON + DAY, "ada", NOON)
FEED = Feed("ours", "lists.example.org", "/bad.csv")
ABOUT_CORDON = {
    "exempted": about_exemptions.of_entry(a_ref(), EXEMPTION, ends=False),
    "exempt no more": about_exemptions.of_entry(a_ref(), EXEMPTION, ends=True),
    "asked to exempt": about_exemptions.of_wish(
        a_ref(), Wish("ada", "a load test", NOON + DAY, NOON), timedelta(hours=1)
    ),
    "about to end": about_exemptions.of_reminder(a_ref(), EXEMPTION),
    "ended": about_exemptions.of_lapse(a_ref(), EXEMPTION),
    "without an end": about_exemptions.of_fault(a_ref(), replace(EXEMPTION, until=None)),
    "a feed failed": about_threat_lists.of_feed(FEED, "404", FeedState(), ACCOUNT, REGION),
}


def tell(*told: tuple[Notice, datetime], channels: Channels | None = None) -> Channels:
    channels = channels or Channels(channels=(ON_CALL, HUB))
    for notice, at in told:
        channels.notify(notice, at)
    return channels


def open_at(channels: Channels) -> list[str]:
    """Return the names of what is open at PagerDuty, and then at Security Hub."""
    pages = PagerDuty(each for each in channels.got("on-call") if "dedup_key" in each)
    active = SecurityHub(channels.got("hub")).active
    return [*sorted(pages.open), *sorted(each["Id"] for each in active)]


@pytest.mark.parametrize("name", ABOUT_CORDON)
def test_what_is_no_incident_is_a_change_and_opens_none(name: str) -> None:
    channels = tell((ABOUT_CORDON[name], NOON))

    assert open_at(channels) == []
    (change,) = channels.got("on-call")
    assert "dedup_key" not in change
    assert channels.got("hub") == []


def a_failure_without_a_number() -> Notice:
    """Return what is told of a failed try while the table cannot be read."""
    failure = AwsBusyError("read the table", "InternalServerError")
    return about_findings.of_failure(a_finding(), a_judgement(), a_ref(), failure)


def test_what_was_told_without_a_number_ends_with_the_incident() -> None:
    story = [
        (a_failure_without_a_number(), NOON),
        (CONTAINMENT, NOON + MINUTE),
        (RELEASE, NOON + 2 * MINUTE),
    ]
    assert len(open_at(tell(story[0]))) == 2
    for order in permutations(story):
        assert open_at(tell(*order, *order)) == []


def test_the_next_failure_without_a_number_is_told_again_and_ends_again() -> None:
    channels = tell((RELEASE, NOON), (a_failure_without_a_number(), NOON + DAY))
    assert len(open_at(channels)) == 2

    later = replace(RELEASE, facts={**RELEASE.facts, "quarantine_id": "i-0a1b2c3d4e5f60718-2"})
    tell((later, NOON + 2 * DAY), channels=channels)

    assert open_at(channels) == []


def test_security_hub_gets_no_finding_of_what_was_never_told() -> None:
    channels = tell((CONTAINMENT, NOON), (RELEASE, NOON + MINUTE))

    assert len(SecurityHub(channels.got("hub")).findings) == 1


def test_planted_evidence_wakes_people_and_ends_with_the_incident() -> None:
    planted = about_watch.of_planted("quarantines/x/manifest-0001.json", QUARANTINE)
    channels = tell((CONTAINMENT, NOON), (planted, NOON + MINUTE))

    number = f"cordon/{ACCOUNT}/{REGION}/{QUARANTINE.id}"
    assert open_at(channels) == [number, f"{number}/planted", number]
    assert open_at(tell((RELEASE, NOON + DAY), channels=channels)) == []


def test_planted_evidence_of_a_finding_has_the_name_of_the_finding() -> None:
    finding = a_finding()

    alerted = about_findings.of_finding(finding, a_judgement(), "alerted")
    both = tell((about_watch.of_planted("findings/x.json", finding), NOON), (alerted, NOON))

    assert len(open_at(both)) == 2


@pytest.mark.parametrize("seen", ["seen again", "contained", "repaired"])
def test_that_an_instance_cannot_be_looked_at_is_over_once_it_can(seen: str) -> None:
    unseen = about_watch.of_unseen(QUARANTINE, "AccessDenied")
    over = {
        "seen again": about_watch.of_seen_again(QUARANTINE),
        "contained": about_quarantines.of_containment(QUARANTINE, None, "unfinished"),
        "repaired": about_quarantines.of_drift(QUARANTINE, ("eni-1",), repaired=True),
    }[seen]
    channels = tell((CONTAINMENT, NOON), (unseen, NOON + MINUTE))
    assert any(each.endswith("/unseen") for each in open_at(channels))

    tell((over, NOON + 2 * MINUTE), channels=channels)

    assert not any(each.endswith("/unseen") for each in open_at(channels))
    assert len(open_at(channels)) == 2


def test_good_news_ends_an_alert_whatever_the_channel_lets_through() -> None:
    narrow = replace(ON_CALL, min_severity=Band.HIGH)
    channels = Channels(channels=(narrow,))
    unseen = about_watch.of_unseen(QUARANTINE, "AccessDenied")
    seen = about_watch.of_seen_again(QUARANTINE)

    tell((CONTAINMENT, NOON), (unseen, NOON), (seen, NOON + MINUTE), channels=channels)

    assert open_at(channels) == [f"cordon/{ACCOUNT}/{REGION}/{QUARANTINE.id}"]


def test_good_news_opens_nothing_where_nothing_is_open() -> None:
    assert open_at(tell((about_watch.of_seen_again(QUARANTINE), NOON))) == []


@pytest.mark.no_cover  # the same lines, very often
def test_the_end_of_an_incident_ends_all_of_it_in_any_order() -> None:
    told = [
        a_failure_without_a_number(),
        CONTAINMENT,
        about_quarantines.of_drift(QUARANTINE, ("eni-1",), repaired=False),
        about_quarantines.of_drift(QUARANTINE, ("eni-1",), repaired=True),
        about_watch.of_unseen(QUARANTINE, "AccessDenied"),
        about_watch.of_seen_again(QUARANTINE),
        about_watch.of_planted("quarantines/x", QUARANTINE),
        about_quarantines.of_review(QUARANTINE, 21, 3),
        about_quarantines.of_trouble(QUARANTINE, "AccessDenied"),
        RELEASE,
        about_quarantines.of_review(QUARANTINE, 7, 1),  # published by a worker that was late
    ]
    story = [(notice, NOON + nth * MINUTE) for nth, notice in enumerate(told)]
    for seed in range(60):
        chance = random.Random(seed)
        channels = Channels(channels=(ON_CALL, HUB), now=NOON + chance.choice((HOUR, DAY)))
        waiting = [*story, *chance.sample(story, 4)]
        while waiting:
            notice, at = waiting.pop(chance.randrange(len(waiting)))
            names = ("on-call", "hub")
            channels.answers = {each: Answer(503, b"") for each in names if chance.random() < 0.4}
            channels.taken = {each for each in names if chance.random() < 0.4}
            try:
                channels.notify(notice, at)
            except UndeliveredError:
                waiting.append((notice, at))
        assert open_at(channels) == []


def test_the_severity_of_the_alert_follows_the_state() -> None:
    grave = replace(QUARANTINE, severity=Band.CRITICAL)
    told = [
        about_quarantines.of_trouble(replace(QUARANTINE, severity=Band.MEDIUM), "AccessDenied"),
        about_quarantines.of_containment(grave, None, "by_hand"),
        about_quarantines.of_drift(grave, ("eni-1 is on sg-web",), repaired=False),
        about_quarantines.of_drift(grave, ("eni-1 is on sg-web",), repaired=True),
        about_quarantines.of_review(grave, 7, 1),
    ]

    shown = [pagerduty.render(each, "k" * 32)["payload"]["severity"] for each in told]

    assert shown == ["critical", "error", "critical", "error", "warning"]
