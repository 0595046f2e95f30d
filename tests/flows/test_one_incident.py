"""One incident is one alert, one finding and one thread, and at its end nothing is left open."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices import about_quarantines, about_watch
from chalicelib.core.notices.about_threat_lists import of_change
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.channels.standing import LATE, Standing
from chalicelib.core.quarantine.record import State
from chalicelib.core.threat_lists.change import Happened
from chalicelib.core.threat_lists.guards import Guard
from tests.builders import ACCOUNT, MINUTE, NOON, REGION, WEB, a_quarantine
from tests.core.notices.channels.checks import check_published
from tests.core.notices.channels.incident import CONTAINMENT, RELEASE
from tests.core.threat_lists.examples import a_change
from tests.fakes.notifier import CHANNELS, THREAD, Channels
from tests.fakes.receivers import PagerDuty, SecurityHub, threads_of
from tests.flows.stories import STORIES, Story, told

BOT, _, TEAMS, ON_CALL, SIEM, HUB, _ = CHANNELS
DAY = timedelta(days=1)


def is_left_as_it_must(channels: Channels) -> None:
    """Raise unless nothing is open, and there was no more than one of each."""
    pages = PagerDuty(channels.got("on-call"))
    hub = SecurityHub(channels.got("hub"))
    assert pages.open == {}
    assert hub.active == []
    assert len(pages.alerts) <= 1
    assert len(hub.findings) <= 1
    assert threads_of(channels.got("bot")) == 1


def tell(story: Story, channels: Channels | None = None) -> Channels:
    channels = channels or Channels(channels=(BOT, ON_CALL, HUB))
    for notice, at in story:
        channels.notify(notice, at)
    return channels


@pytest.mark.parametrize("name", STORIES)
def test_an_incident_is_one_alert_one_finding_and_one_thread(name: str) -> None:
    channels = tell(told(name))

    is_left_as_it_must(channels)
    assert len(PagerDuty(channels.got("on-call")).alerts) == 1
    assert len(SecurityHub(channels.got("hub")).findings) == 1


@pytest.mark.parametrize("name", STORIES)
def test_in_every_order_of_arrival_and_twice(name: str) -> None:
    story = told(name)
    for order in permutations(story):
        for again in (order, order[::-1]):
            is_left_as_it_must(tell([*order, *again]))


def test_an_end_ends_also_what_was_published_after_it() -> None:
    late = about_quarantines.of_review(a_quarantine(State.CONTAINED), 7, 1)
    for after in (timedelta(0), MINUTE):
        story = [(CONTAINMENT, NOON), (RELEASE, NOON), (late, NOON + after)]
        for order in permutations(story):
            is_left_as_it_must(tell(list(order), Channels(channels=(BOT, ON_CALL, HUB))))


@pytest.mark.parametrize("name", STORIES)
def test_whatever_the_channel_lets_through(name: str) -> None:
    story = told(name)
    first = story[0][0]
    for narrow in ({"kinds": frozenset({first.kind})}, {"outcomes": frozenset({first.outcome})}):
        channels = (BOT, replace(ON_CALL, **narrow), replace(HUB, **narrow))

        is_left_as_it_must(tell(story, Channels(channels=channels)))


def test_a_channel_that_lets_none_of_it_through_gets_no_alert_of_its_end() -> None:
    narrow = replace(ON_CALL, min_severity=Band.CRITICAL)

    channels = tell(told("hold, approve, release"), Channels(channels=(narrow,)))

    assert PagerDuty(channels.got("on-call")).alerts == set()


def failing(seed: int) -> Iterator[bool]:
    chance = random.Random(seed)
    while True:
        yield chance.random() < 0.4


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("name", STORIES)
def test_however_deliveries_fail_are_tried_again_and_overtake_each_other(name: str) -> None:
    """Each notice is tried until it was taken, in any order, by receivers that fail now and then.

    What a receiver answers with a failure it may have taken all the same.
    """
    story = told(name)
    for seed in range(100):
        chance, fails = random.Random(seed), failing(seed)
        channels = Channels(channels=(BOT, ON_CALL, HUB), now=story[-1][1])
        waiting = [*story, *story]
        while waiting:
            notice, at = waiting.pop(chance.randrange(len(waiting)))
            names = ("bot", "on-call", "hub")
            channels.answers = {each: Answer(503, b"") for each in names if next(fails)}
            # A bot that posts, and whose answer is lost, posts again: Slack knows no key.
            channels.taken = {each for each in names[1:] if next(fails)}
            try:
                channels.notify(notice, at)
            except UndeliveredError:
                waiting.append((notice, at))
        is_left_as_it_must(channels)


def test_what_is_loud_wakes_whoever_acknowledged_the_alert_and_ends_with_it() -> None:
    quarantine = a_quarantine(State.CONTAINED)
    loud = {
        "let-out": about_quarantines.of_drift(quarantine, ("eni-1 is on sg-web",), repaired=False),
        "unfinished": about_quarantines.of_trouble(quarantine, "AccessDenied"),
        "unseen": about_watch.of_unseen(quarantine, "AccessDenied"),
        "overdue": about_quarantines.of_review(quarantine, 21, 3),
    }
    quiet = about_quarantines.of_review(quarantine, 7, 1)
    story = [CONTAINMENT, quiet, *loud.values(), CONTAINMENT, RELEASE]
    for count in range(1, len(story) + 1):
        channels = Channels(channels=(ON_CALL, HUB))
        tell([(n, NOON + nth * MINUTE) for nth, n in enumerate(story[:count])], channels)
        pages = PagerDuty(channels.got("on-call"))
        paged = {key.rpartition("-1")[2].strip("/") for key in pages.alerts}
        assert paged == {"", *list(loud)[: max(0, min(count, 6) - 2)]}
        assert len(SecurityHub(channels.got("hub")).findings) == 1

    assert pages.open == {}
    assert SecurityHub(channels.got("hub")).active == []


def test_being_cut_off_again_ends_what_being_let_out_had_opened() -> None:
    quarantine = a_quarantine(State.CONTAINED)
    out = about_quarantines.of_drift(quarantine, ("eni-1 is on sg-web",), repaired=False)
    again = about_quarantines.of_drift(quarantine, ("eni-1 is on sg-web",), repaired=True)

    for order in permutations(
        [(CONTAINMENT, NOON), (out, NOON + MINUTE), (again, NOON + 2 * MINUTE)]
    ):
        channels = tell(list(order), Channels(channels=(ON_CALL,)))

        open_ = PagerDuty(channels.got("on-call")).open
        assert [key.rpartition("/")[2] for key in open_] == [quarantine.id]


def test_a_list_that_is_live_again_ends_the_alert_and_the_next_refusal_pages() -> None:
    refused, published = (
        of_change(a_change(happened, guards=guards), "lists", ACCOUNT, REGION)
        for happened, guards in ((Happened.REFUSED, {Guard.SHRUNK: "x"}), (Happened.PUBLISHED, {}))
    )
    story = [(refused, NOON), (published, NOON + DAY), (refused, NOON + 2 * DAY)]

    channels = Channels(channels=(ON_CALL, HUB))
    for notice, at in story:
        channels.now = at
        tell([(notice, at)], channels)

    assert len(PagerDuty(channels.got("on-call")).pages) == 2
    (finding,) = SecurityHub(channels.got("hub")).findings.values()
    assert finding["RecordState"] == "ACTIVE"


def test_a_finding_of_security_hub_keeps_its_beginning_and_its_strongest_severity() -> None:
    later = about_quarantines.of_review(a_quarantine(State.CONTAINED), 7, 1)
    assert later.severity == "Medium"

    for order in ([CONTAINMENT, later], [later, CONTAINMENT]):
        story = [(each, NOON if each is CONTAINMENT else NOON + DAY) for each in order]
        channels = tell(story, Channels(channels=(HUB,)))

        finding = channels.got("hub")[-1]
        assert finding["FindingProviderFields"]["Types"] == ["Unusual Behaviors/VM"]
        if order[0] is CONTAINMENT:
            assert finding["CreatedAt"] == "2026-03-01T12:00:00.000Z"
            assert finding["FindingProviderFields"]["Severity"] == {"Label": "HIGH"}


def test_an_instance_that_is_held_again_after_a_dismissal_pages_again_and_ends_again() -> None:
    story = told("dismissed")
    (held, _), (dismissed, over) = story
    again = [(held, over + DAY), (dismissed, over + 2 * DAY)]
    channels = Channels(channels=(ON_CALL, HUB))
    for notice, at in (*story, *again):
        channels.now = at
        tell([(notice, at)], channels)

    assert len(PagerDuty(channels.got("on-call")).pages) == 2
    assert PagerDuty(channels.got("on-call")).open == {}
    assert SecurityHub(channels.got("hub")).active == []


@pytest.mark.parametrize("name", STORIES)
def test_the_finding_has_a_note_by_whom_the_incident_ended_and_why(name: str) -> None:
    channels = tell(told(name), Channels(channels=(HUB,)))

    (finding,) = SecurityHub(channels.got("hub")).findings
    ((noted, by, why),) = channels.notes
    assert noted == finding
    if told(name)[-1][0].facts.get("by"):
        assert by.endswith("ada@example.com")
        assert why in ("remediated: cleaned", "a test")
    else:
        assert by == "Cordon"


def test_a_note_that_is_refused_fails_no_delivery() -> None:
    channels = Channels(channels=(HUB,))
    channels.notify(CONTAINMENT)
    channels.notes_are_answered = AwsBusyError("write the Note", "ConcurrentUpdateError")
    with pytest.raises(UndeliveredError, match="hub: write the Note"):
        channels.notify(RELEASE)
    channels.notes_are_answered = AwsRefusedError("write the Note", "AccessDenied")

    said = channels.notify(RELEASE)

    assert said["hub"].startswith("delivered; its Note stays as it was: write the Note")
    assert channels.notify(RELEASE) == {"hub": "was delivered"}
    assert SecurityHub(channels.got("hub")).active == []


def test_a_receiver_that_was_down_for_a_day_gets_how_things_stand_now() -> None:
    channels = Channels(channels=(BOT, TEAMS, SIEM, ON_CALL, HUB))
    story = told("hold, approve, release")
    everyone = {channel.name: Answer(503, b"") for channel in channels.channels}
    channels.answers = everyone
    for notice, at in story:
        with pytest.raises(UndeliveredError):
            channels.notify(notice, at)
    channels.answers = {}
    channels.now = story[-1][1] + DAY

    for notice, at in story:
        channels.notify(notice, at)

    (last,) = channels.got("teams")
    assert "RELEASED" in str(last)
    assert len(channels.got("bot")) == 1
    assert len(channels.got("siem")) == 3  # a webhook is a record of all there was
    assert PagerDuty(channels.got("on-call")).open == {}
    assert SecurityHub(channels.got("hub")).active == []


def test_what_comes_soon_after_is_told_in_any_order_where_people_read() -> None:
    first, second = told("dismissed")
    channels = Channels(channels=(TEAMS,), now=first[1] + LATE)

    tell([second, first], channels)

    assert len(channels.got("teams")) == 2


def test_two_who_tell_of_one_incident_at_once_begin_one_thread() -> None:
    """The second waits for the first, and gives up for now if that one does not end."""
    first, second, _ = told("hold, approve, release")
    channels = Channels(channels=(BOT,))

    def meanwhile() -> None:
        with pytest.raises(UndeliveredError, match="another worker"):
            channels.notify(*second)

    channels.calls.before("web.post", meanwhile, times=1)
    channels.notify(*first)
    channels.notify(*second)

    assert threads_of(channels.got("bot")) == 1
    assert sum(channels.pauses) == 20


def test_who_was_quicker_is_waited_for() -> None:
    first, second, _ = told("hold, approve, release")
    channels = Channels(channels=(BOT,))
    channels.calls.before("deliveries.stand", lambda: channels.notify(*second), times=1)

    channels.notify(*first)

    assert threads_of(channels.got("bot")) == 1


def test_what_is_loud_is_seen_outside_its_thread_too() -> None:
    quarantine = a_quarantine(State.CONTAINED)
    out = about_quarantines.of_drift(quarantine, ("eni-1 is on sg-web",), repaired=False)

    channels = tell([(CONTAINMENT, NOON), (out, NOON), (RELEASE, NOON)], Channels(channels=(BOT,)))

    seen = [message.get("reply_broadcast") for message in channels.got("bot")]
    assert seen == [None, True, None]


@pytest.mark.parametrize("end", ["hold, approve, release", "dismissed"])
def test_an_alert_that_an_earlier_version_opened_for_a_hold_is_ended_too(end: str) -> None:
    *_, last = told(end)
    channels = tell([last], Channels(channels=(ON_CALL,)))

    ended = {event["dedup_key"] for event in channels.got("on-call")}
    assert ended == {
        f"cordon/{ACCOUNT}/{REGION}/{WEB}-1",
        f"cordon/{ACCOUNT}/{REGION}/{WEB}",
    }


def test_the_first_message_of_a_thread_says_how_things_stand_now() -> None:
    channels = Channels(channels=(BOT,))
    story = told("hold, approve, release")
    tell(story, channels)

    *_, last = channels.edited
    (first, *_) = channels.got("bot")
    assert [each["ts"] for each in channels.edited] == [THREAD, THREAD]
    assert last["text"].startswith("RELEASED")
    assert last["blocks"][1]["elements"][0]["text"] == f"It began with: {first['text']}".replace(
        "&amp;", "&"
    )
    assert last["blocks"][2:] == first["blocks"][1:]
    check_published("slack_edit", last)


def test_an_older_notice_leaves_the_first_message_as_it_is() -> None:
    held, contained, _ = told("hold, approve, release")

    assert tell([contained, held], Channels(channels=(BOT,))).edited == []


def test_a_message_that_cannot_be_edited_is_delivered_all_the_same() -> None:
    channels = Channels(channels=(BOT,))
    refused = b'{"ok": false, "error": "edit_window_closed"}'
    channels.edits_are_answered = Answer(200, refused)
    first, second, _ = told("hold, approve, release")
    channels.notify(*first)

    said = channels.notify(*second)

    assert "edit_window_closed" in said["bot"]
    assert channels.notify(*second) == {"bot": "was delivered"}


def test_a_thread_of_an_earlier_version_goes_on_and_its_first_message_stays() -> None:
    channels = Channels(channels=(BOT,))
    incident = f"{ACCOUNT}/{REGION}/{WEB}-1"
    standing = Standing(incident, "bot", thread=THREAD)
    channels.deliveries.standings[incident, "bot"] = standing

    tell([(RELEASE, NOON)], channels)

    assert threads_of(channels.got("bot")) == 0
    assert channels.edited == []
