from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.threat_lists.feeds import LARGEST, Feed, Fetched
from tests.builders import a_policy
from tests.core.threat_lists.published import PUBLISHED, examples_switched_on
from tests.fakes.calls import Crash
from tests.fakes.threat_lists import ListWorld

URL = "lists.example.org/bad.csv"
OURS = "sources/feeds/ours"
FEED = Feed("ours", "lists.example.org", "/bad.csv", Confidence.HIGH)
BODY = b"seen,dst_ip\n2026-03-01,45.1.2.3\n"
HOUR = timedelta(hours=1)


def answer(body: bytes = BODY, **headers: str) -> Fetched:
    return Fetched(200, {name.replace("_", "-"): said for name, said in headers.items()}, body)


@pytest.fixture
def world() -> ListWorld:
    made = ListWorld(policy=a_policy(feeds=(FEED,)))
    made.web.answers[URL] = answer(etag='"1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT")
    return made


def test_a_feed_is_fetched_kept_as_it_came_and_goes_live(world: ListWorld) -> None:
    assert world.sync() == "published"

    assert world.active() == ["45.1.2.3"]
    assert world.shelf.objects[OURS] == BODY
    said = json.loads(world.shelf.objects[f"{OURS}.meta.json"])
    assert said == {"confidence": "high", "expires": (world.now + timedelta(days=3)).isoformat()}
    assert "sources/feeds/ours (high): 1 entries" in world.notices.sent[0].text


def test_the_five_examples_of_the_policy_go_live_together() -> None:
    world = ListWorld(policy=examples_switched_on())
    for feed in world.policy.feeds:
        world.web.answers[f"{feed.host}{feed.path}"] = answer(PUBLISHED[feed.name].body)

    assert world.sync() == "published"

    assert len(world.web.asked) == 5
    assert set(world.active()) == {each for list_ in PUBLISHED.values() for each in list_.entries}
    assert world.notices.outcomes == ["published"]


def test_without_feeds_nobody_is_asked() -> None:
    world = ListWorld()

    assert world.sync() == "no_sources"
    assert world.web.asked == []
    assert "shelf.write" not in world.calls.names


def test_a_feed_is_asked_when_it_is_due_and_for_what_is_new(world: ListWorld) -> None:
    world.sync()
    world.web.answers[URL] = Fetched(304)
    for _ in range(7):
        world.now += HOUR
        assert world.sync() == "unchanged"

    assert len(world.web.asked) == 2
    assert world.web.asked[0][1].keys() == {"User-Agent", "Accept-Encoding"}
    assert world.web.asked[1][1]["If-None-Match"] == '"1"'
    assert world.web.asked[1][1]["If-Modified-Since"] == "Sun, 01 Mar 2026 11:00:00 GMT"


def test_an_answer_that_nothing_has_changed_keeps_the_list_from_expiring(world: ListWorld) -> None:
    world.sync()
    world.web.answers[URL] = Fetched(304)
    for _ in range(90):
        world.now += HOUR
        world.sync()

    assert world.active() == ["45.1.2.3"]
    assert world.notices.outcomes == ["published"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (Fetched(503), "answered 503"),
        (Fetched(404), "answered 404"),
        (Fetched(302, {"location": "https://elsewhere.example.org/"}), "has moved"),
        (AwsRefusedError("ask", "no answer"), "no answer"),
        (answer(b"<html>sign in</html>"), "web page"),
        (answer(b"Service\nunavailable\n45.1.2.3\n"), "33% of it is understood"),
        (answer(b""), "nothing in it is of use"),
        (answer(b"10.0.0.1\n"), "nothing in it is of use"),
        (answer(bytes(LARGEST + 1)), "too large"),
    ],
)
def test_an_outage_keeps_the_last_good_list_until_it_expires_and_is_told_once(
    world: ListWorld, bad: Fetched, why: str
) -> None:
    world.put("sources/other.txt", "80.1.2.3", "80.1.2.5")
    world.sync()
    world.notices.sent.clear()
    world.web.answers[URL] = bad
    world.now += 6 * HOUR

    outcomes = [world.sync() for _ in range(3)]

    assert outcomes == ["unchanged"] * 3
    assert len(world.web.asked) == 4  # in every run, for the list is old
    assert world.shelf.objects[OURS] == BODY
    (notice,) = world.notices.sent
    assert (notice.outcome, notice.subject) == ("feed_failed", "Threat feed ours FAILED")
    assert why in notice.text
    assert "its last good list, until 2026-03-04 12:00 UTC" in notice.text

    world.now += timedelta(days=3)
    assert world.sync() == "published"
    assert world.active() == ["80.1.2.3", "80.1.2.5"]
    assert world.notices.outcomes == ["feed_failed", "published"]


LONG = tuple(f"45.{n}.2.3" for n in range(200))


@pytest.mark.parametrize("others", [(), ("80.1.2.3", "80.1.2.5")])
def test_a_feed_that_expires_leaves_the_list_though_it_was_most_of_it(
    world: ListWorld, others: tuple[str, ...]
) -> None:
    world.web.answers[URL] = answer("\n".join(LONG).encode())
    if others:
        world.put("sources/other.txt", *others)
    world.sync()
    assert len(world.active()) == len(LONG) + len(others)
    world.web.answers[URL] = Fetched(503)
    world.now += timedelta(days=3)

    assert world.sync() == "published"
    assert world.active() == list(others)
    assert world.notices.outcomes == ["published", "feed_failed", "published"]
    told = world.notices.sent[-1]
    assert "sources/feeds/ours (high): 0 entries; +0 -200; " in told.text
    assert "it has expired" in told.text
    assert told.subject.startswith(
        "Threat list published: 2" if others else "Threat list EMPTY: nothing is looked for"
    )
    assert told.severity == ("Low" if others else "High")
    assert world.sync() == "unchanged"

    world.web.answers[URL] = answer("\n".join(LONG[:100]).encode())
    assert world.sync() == "published"
    assert len(world.active()) == 100 + len(others)


def test_what_expires_does_not_hide_that_another_source_broke(world: ListWorld) -> None:
    world.web.answers[URL] = answer("\n".join(LONG).encode())
    world.put("sources/other.txt", *LONG)
    world.sync()
    world.web.answers[URL] = Fetched(503)
    world.now += timedelta(days=3)
    world.put("sources/other.txt", *LONG[:99])

    assert world.sync() == "refused"
    assert "99 entries instead of 200" in world.notices.sent[-1].text
    assert len(world.active()) == 200


def test_a_feed_that_is_back_is_told_again_when_it_fails_again(world: ListWorld) -> None:
    world.sync()
    for bad in (Fetched(500), answer(), Fetched(500)):
        world.web.answers[URL] = bad
        world.now += 6 * HOUR
        world.sync()

    assert world.notices.outcomes == ["published", "feed_failed", "feed_failed"]


def test_a_feed_that_never_came_leaves_nothing(world: ListWorld) -> None:
    world.web.answers[URL] = Fetched(304)

    assert world.sync() == "no_sources"
    assert OURS not in world.shelf.objects
    assert "nothing: none came" in world.notices.sent[0].text


def test_what_was_taken_away_by_hand_is_fetched_anew(world: ListWorld) -> None:
    world.sync()
    del world.shelf.objects[OURS]
    world.now += 6 * HOUR

    assert world.sync() == "unchanged"
    assert "If-None-Match" not in world.web.asked[1][1]


def test_a_feed_that_is_published_elsewhere_now_is_asked_at_once_and_for_all_of_it(
    world: ListWorld,
) -> None:
    world.sync()
    world.policy = a_policy(feeds=(replace(FEED, path="/worse.csv"),))
    world.web.answers["lists.example.org/worse.csv"] = Fetched(304)  # of what it was not asked

    assert world.sync() == "unchanged"
    assert world.notices.outcomes == ["published", "feed_failed"]

    world.web.answers["lists.example.org/worse.csv"] = answer(b"45.7.7.7\n")
    assert world.sync() == "published"
    assert world.active() == ["45.7.7.7"]
    assert all("If-Modified-Since" not in asked for _, asked in world.web.asked)


def test_one_feed_that_fails_costs_itself_only(world: ListWorld) -> None:
    other = Feed("other", "other.example.org", "/", secret="ssm:/cordon/feeds/other")
    world.policy = a_policy(feeds=(other, FEED))

    assert world.sync() == "published"
    assert world.active() == ["45.1.2.3"]
    assert world.notices.outcomes == ["feed_failed", "published"]
    assert "ResourceNotFoundException" in world.notices.sent[0].text


def test_a_secret_goes_into_its_header_and_nowhere_else(world: ListWorld) -> None:
    name = "secretsmanager:cordon/feeds/ours"
    world.policy = a_policy(
        feeds=(
            Feed("ours", "lists.example.org", "/bad.csv", secret=name, header="Auth-Key"),
            Feed("odd", "odd.example.org", "/", secret="ssm:/cordon/feeds/odd"),
        )
    )
    world.secrets |= {name: "a key of ours", "ssm:/cordon/feeds/odd": "two\r\nX: lines"}

    world.sync()

    assert [asked["Auth-Key"] for _, asked in world.web.asked] == ["a key of ours"]
    everything = b"".join(world.shelf.objects.values()).decode()
    assert "a key of ours" not in everything + "".join(n.text for n in world.notices.sent)
    assert "what its secret holds cannot be sent" in world.notices.sent[0].text


def test_a_column_and_lines_of_a_feed_are_those_that_the_policy_says(world: ListWorld) -> None:
    where = {"kind": ("ip",)}
    world.policy = a_policy(
        feeds=(Feed("ours", "lists.example.org", "/bad.csv", column="b", where=where),)
    )
    world.web.answers[URL] = answer(b"a,b,kind\n45.1.1.1,45.1.2.3,ip\n45.1.1.1,x.example,domain\n")

    world.sync()

    assert world.active() == ["45.1.2.3"]


def test_what_a_server_wants_to_hear_again_is_not_repeated_if_it_could_do_harm(
    world: ListWorld,
) -> None:
    world.web.answers[URL] = answer(etag='"1"\r\n X: y', last_modified="x" * 501)
    world.sync()
    world.now += 6 * HOUR
    world.sync()

    assert world.web.asked[1][1].keys() == {"User-Agent", "Accept-Encoding"}


def test_a_run_begins_no_feed_after_two_minutes_and_the_next_one_goes_on(world: ListWorld) -> None:
    feeds = tuple(Feed(f"f{n}", f"f{n}.example.org", "/") for n in range(5))
    world.policy = a_policy(feeds=feeds)
    for n in range(5):
        world.web.answers[f"f{n}.example.org/"] = answer(f"45.1.{n}.3\n".encode())

    def slow() -> None:
        world.now += timedelta(seconds=50)

    world.calls.before("web.get", slow, times=3)
    world.sync()
    asked = len(world.web.asked)
    world.sync()

    assert (asked, len(world.web.asked)) == (3, 5)
    assert len(world.active()) == 5


def test_a_crash_before_or_after_any_call_converges(world: ListWorld) -> None:
    world.sync()
    calls = len(world.calls.made)

    for nth in range(1, calls + 1):
        for after in (False, True):
            again = ListWorld(policy=a_policy(feeds=(FEED,)))
            again.web.answers[URL] = answer()
            again.calls.crash(nth, after=after)
            with pytest.raises(Crash):
                again.sync()
            again.calls.crash(0, after=False)
            again.sync()

            assert again.active() == ["45.1.2.3"], (nth, after)
            assert f"{OURS}.meta.json" in again.shelf.objects, (nth, after)
            assert again.sync() == "unchanged", (nth, after)
