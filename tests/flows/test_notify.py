from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import AwsBusyError, CordonError, MalformedNoticeError
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import ChannelBusyError, UndeliveredError
from chalicelib.core.notices.channels.post import Answer
from chalicelib.core.notices.delivery import LEASE, REPEAT_AFTER
from chalicelib.core.notices.notice import Kind
from chalicelib.core.policy.mode import ModeSetting, of_mode
from chalicelib.core.policy.policy import Mode
from chalicelib.flows.notify import notify
from chalicelib.flows.ports.together import at_once
from tests.builders import MINUTE, NOON
from tests.core.notices.channels.incident import CONTAINMENT, NOTICES, RELEASE
from tests.fakes.calls import Crash
from tests.fakes.notifier import CHANNELS, THREAD, Channels

NAMES = [channel.name for channel in CHANNELS]
SECOND = timedelta(seconds=1)
AFTER_SENDING = {
    "web.post",
    "hub.import_finding",
    "chat.publish",
    "deliveries.save",
    "deliveries.stand",
    "receipts.took",
}
# Who is told of one notice twice if the notifier dies between telling and writing it down: they
# know no idempotency key. The others get the same key a second time.
NO_KEY = {"bot", "slack", "teams", "chat"}


def raising(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_every_channel_gets_the_notice() -> None:
    channels = Channels()

    assert channels.notify(CONTAINMENT) == dict.fromkeys(NAMES, "delivered")
    assert channels.names == NAMES


def test_what_a_channel_refuses_is_on_record_until_it_has_it() -> None:
    channels = Channels(channels=CHANNELS[1:3], answers={"slack": Answer(410, b"gone")})
    with pytest.raises(UndeliveredError):
        channels.notify(CONTAINMENT)

    (refused,) = channels.receipts.all().refused
    assert (refused.channel, refused.what) == ("slack", CONTAINMENT.subject)
    assert refused.why == "hooks.slack.com: answered 410: gone"
    assert channels.receipts.taken == {"teams": NOON}
    channels.answers.clear()
    channels.now = NOON + MINUTE
    channels.notify(CONTAINMENT)

    assert channels.receipts.refused == {}
    assert channels.receipts.taken == {"teams": NOON, "slack": NOON + MINUTE}


def test_what_was_refused_is_settled_after_a_crash_too() -> None:
    channels = Channels(channels=CHANNELS[1:2], answers={"slack": Answer(503, b"")})
    with pytest.raises(UndeliveredError):
        channels.notify(CONTAINMENT)
    channels.answers.clear()
    channels.calls.before("receipts.settle", raising(Crash()))
    with pytest.raises(Crash):
        channels.notify(CONTAINMENT)

    assert channels.notify(CONTAINMENT) == {"slack": "was delivered"}
    assert channels.receipts.refused == {}


def test_all_channels_are_told_at_the_same_time_in_lambda() -> None:
    channels = Channels(together=at_once)

    channels.notify(CONTAINMENT)

    assert sorted(channels.names) == sorted(NAMES)


def test_without_a_channel_that_takes_it_nothing_is_done() -> None:
    narrow = tuple(replace(channel, kinds=frozenset({Kind.HOLD})) for channel in CHANNELS)
    channels = Channels(channels=narrow)

    assert channels.notify(NOTICES["mode"]) == {}
    assert channels.calls.made == []


def test_a_notice_goes_only_where_it_is_taken() -> None:
    soc, team = CHANNELS[1], replace(CHANNELS[2], outcomes=frozenset({"released"}))
    channels = Channels(channels=(soc, team))

    channels.notify(CONTAINMENT)
    channels.notify(RELEASE)

    assert channels.names == ["slack", "slack", "teams"]


def test_a_second_delivery_of_the_same_message_tells_nobody() -> None:
    channels = Channels()
    channels.notify(CONTAINMENT)
    channels.now += MINUTE

    assert channels.notify(CONTAINMENT) == dict.fromkeys(NAMES, "was delivered")
    assert channels.names == NAMES


def test_a_publisher_that_says_it_twice_is_heard_once() -> None:
    channels = Channels()
    channels.notify(CONTAINMENT)
    channels.now += 6 * MINUTE

    channels.notify(CONTAINMENT, at=NOON + 6 * MINUTE)

    assert channels.names == NAMES


def test_the_same_news_an_hour_later_is_news() -> None:
    channels = Channels()
    drift = NOTICES["drift"]
    channels.notify(drift)
    later = NOON + REPEAT_AFTER + SECOND
    channels.now = later

    channels.notify(drift, at=later)

    assert Counter(channels.names) == dict.fromkeys(NAMES, 2)
    first, second = keys_of_siem(channels)
    assert first != second


def keys_of_siem(channels: Channels) -> list[str]:
    posts = (post for post in channels.posts if post.host == "siem.example.com")
    return [post.headers["Idempotency-Key"] for post in posts]


@pytest.mark.parametrize("failing", NAMES)
def test_one_channel_that_fails_keeps_the_others_from_nothing(failing: str) -> None:
    channels = Channels()
    busy = raising(AwsBusyError("read", "Throttling"))
    channels.calls.before("deliveries.find", busy, about=failing)

    with pytest.raises(UndeliveredError, match=f"not delivered to {failing}: read"):
        channels.notify(CONTAINMENT)

    assert channels.names == [name for name in NAMES if name != failing]
    channels.notify(CONTAINMENT)
    assert Counter(channels.names) == dict.fromkeys(NAMES, 1)


def test_all_that_failed_is_named_at_once() -> None:
    channels = Channels(answers={"slack": Answer(404, b""), "teams": Answer(503, b"")})

    with pytest.raises(UndeliveredError) as caught:
        channels.notify(CONTAINMENT)

    assert caught.value.problems == (
        "slack: hooks.slack.com: answered 404",
        "teams: a.logic.azure.com: answered 503",
    )


def test_a_retry_need_not_wait_for_the_lease_of_the_try_that_failed() -> None:
    channels = Channels(answers={"slack": Answer(503, b"")})
    with pytest.raises(UndeliveredError):
        channels.notify(CONTAINMENT)
    channels.answers.clear()

    assert channels.notify(CONTAINMENT)["slack"] == "delivered"


def test_a_secret_that_is_missing_is_named_and_the_others_are_told() -> None:
    channels = Channels()
    del channels.secrets["ssm:/cordon/slack"]

    with pytest.raises(UndeliveredError, match="slack: read secret ssm:/cordon/slack"):
        channels.notify(CONTAINMENT)

    assert "slack" not in channels.names
    assert len(channels.names) == len(NAMES) - 1


def test_slack_that_says_no_with_a_status_of_200_is_a_failure() -> None:
    answer = Answer(200, b'{"ok": false, "error": "not_in_channel"}')
    channels = Channels(answers={"bot": answer})

    with pytest.raises(UndeliveredError, match=r"bot: .*not_in_channel"):
        channels.notify(CONTAINMENT)


def test_an_incident_is_one_thread_of_a_bot() -> None:
    channels = Channels(channels=CHANNELS[:1])

    for name in ("containment", "drift", "release"):
        channels.notify(NOTICES[name])

    threads = [message.get("thread_ts") for message in channels.got("bot")]
    assert threads == [None, THREAD, THREAD]


def test_an_answer_of_slack_without_a_name_is_delivered_and_begins_no_thread() -> None:
    channels = Channels(channels=CHANNELS[:1])
    channels.answers["bot"] = Answer(200, b'{"ok": true}')

    assert channels.notify(CONTAINMENT) == {"bot": "delivered"}
    assert not [each for each in channels.deliveries.standings.values() if each.thread]


def test_a_kill_switch_turned_to_and_fro_is_news_each_time() -> None:
    first = ModeSetting(Mode.OBSERVE, "ada", "a false alarm", NOON)
    channels = Channels(channels=CHANNELS[1:2])
    for setting in (first, replace(first, at=NOON + 2 * MINUTE)):
        notice = of_mode(setting, Mode.ENFORCE, "111122223333", "eu-west-1")
        channels.notify(notice, at=setting.at)

    assert channels.names == ["slack", "slack"]


def test_what_is_about_no_incident_begins_no_thread() -> None:
    channels = Channels(channels=CHANNELS[:1])

    channels.notify(NOTICES["digest"])
    channels.notify(NOTICES["mode"])

    assert [message.get("thread_ts") for message in channels.got("bot")] == [None, None]
    assert not [each for each in channels.deliveries.standings.values() if each.thread]


def test_a_release_closes_the_alert_and_the_finding() -> None:
    channels = Channels()

    channels.notify(CONTAINMENT)
    channels.notify(RELEASE)

    opened, *ended = channels.got("on-call")
    states = [finding["RecordState"] for finding in channels.got("hub")]
    assert opened["event_action"] == "trigger"
    assert {event["event_action"] for event in ended} == {"resolve"}
    # The other is the name under which an earlier version told of a hold.
    assert {event["dedup_key"] for event in ended} > {opened["dedup_key"]}
    assert states == ["ACTIVE", "ARCHIVED"]
    assert len({finding["Id"] for finding in channels.got("hub")}) == 1
    assert len({message["metadata"]["threadId"] for message in channels.got("chat")}) == 1


def test_another_worker_that_is_at_it_is_left_alone() -> None:
    channels = Channels(channels=CHANNELS[1:2])
    channels.calls.before("web.post", lambda: steal(channels))

    channels.notify(CONTAINMENT)

    assert channels.names == ["slack"]


def steal(channels: Channels) -> None:
    """Deliver the same notice while it is being delivered."""
    with pytest.raises(UndeliveredError, match="another worker"):
        notify(CONTAINMENT, NOON.isoformat(), channels.notifier)


def test_a_moment_that_is_none_is_refused_before_anything_is_sent() -> None:
    channels = Channels()

    with pytest.raises(MalformedNoticeError):
        notify(CONTAINMENT, "None", channels.notifier)

    assert channels.calls.made == []


def calls_of_one_delivery() -> int:
    channels = Channels()
    channels.notify(CONTAINMENT)
    return len(channels.calls.made)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, calls_of_one_delivery() + 1))
def test_a_crash_at_any_call_loses_nothing_and_repeats_only_what_it_must(
    at: int,
    after: object,
) -> None:
    channels = Channels()
    channels.calls.crash(at, after=bool(after))
    with pytest.raises(Crash):
        channels.notify(CONTAINMENT)
    died_at = channels.calls.made[-1]
    channels.calls.crash(0, after=False)
    channels.now += LEASE + SECOND

    channels.notify(CONTAINMENT)

    times = Counter(channels.names)
    assert set(times) == set(NAMES)
    twice = {name for name, count in times.items() if count > 1}
    assert len(twice) <= 1
    for name in twice:
        first, second = channels.got(name)
        assert died_at.name in AFTER_SENDING
        if name == "on-call":
            assert first["dedup_key"] == second["dedup_key"]
        elif name == "siem":
            assert len(set(keys_of_siem(channels))) == 1
            assert first["id"] == second["id"]
        elif name == "hub":
            assert first["Id"] == second["Id"]
        else:
            assert name in NO_KEY


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_who_dies_after_sending_sends_again_which_only_a_key_can_tell(channel: Channel) -> None:
    channels = Channels(channels=(channel,))
    channels.calls.before("deliveries.save", raising(Crash()), skip=1)
    with pytest.raises(Crash):
        channels.notify(CONTAINMENT)
    channels.now += LEASE + SECOND

    channels.notify(CONTAINMENT)

    first, second = channels.got(channel.name)
    if channel.name == "chat":
        first["id"] = second["id"]  # AWS promises nothing about it
    if channel.name == "bot":
        second.pop("thread_ts")  # it answers the first
    assert first == second


@pytest.mark.parametrize("kind", ChannelKind)
def test_a_failure_at_any_call_is_made_good_by_the_next_try(kind: ChannelKind) -> None:
    (channel, *_) = [each for each in CHANNELS if each.kind is kind]
    whole = Channels(channels=(channel,))
    whole.notify(CONTAINMENT)
    for nth in range(len(whole.calls.made)):
        channels = Channels(channels=(channel,))
        fail_at(channels, nth)
        with pytest.raises(UndeliveredError):
            channels.notify(CONTAINMENT)
        channels.now += LEASE + SECOND

        channels.notify(CONTAINMENT)

        assert 1 <= len(channels.got(channel.name)) <= 2
        assert all(delivery.is_done for delivery in channels.deliveries.recorded.values())


def fail_at(channels: Channels, nth: int) -> None:
    """Let the call number `nth`, from 0, fail once, before its effect."""
    left = [nth]
    failure: CordonError = ChannelBusyError("a.example", "answered 503")

    def count() -> None:
        left[0] -= 1
        if left[0] == -1:
            raise failure

    for name in (
        "deliveries.find",
        "deliveries.save",
        "deliveries.standing",
        "deliveries.stand",
        "receipts.took",
        "receipts.settle",
        "secret",
        "web.post",
        "hub.import_finding",
        "chat.publish",
    ):
        channels.calls.before(name, count, times=1000)
