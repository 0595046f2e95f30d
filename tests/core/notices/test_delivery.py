from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.core.errors import MalformedNoticeError
from chalicelib.core.notices.channels.errors import DeliveryAtWorkError
from chalicelib.core.notices.delivery import LEASE, REPEAT_AFTER, Delivery, claimed, read_timestamp
from tests.builders import MINUTE, NOON

FRESH = Delivery("n", "soc", NOON, NOON)
SECOND = timedelta(seconds=1)
CLAIM = replace(FRESH, leased_until=NOON + LEASE)
DONE = replace(CLAIM, is_done=True)


def again(after: timedelta) -> Delivery:
    return replace(FRESH, published_at=NOON + after)


def test_who_comes_first_delivers() -> None:
    assert claimed(FRESH, None, NOON) == CLAIM


def test_what_was_delivered_is_not_delivered_again() -> None:
    assert claimed(FRESH, DONE, NOON + MINUTE) is None


def test_two_do_not_deliver_at_once() -> None:
    with pytest.raises(DeliveryAtWorkError, match="soc"):
        claimed(FRESH, CLAIM, NOON + LEASE - SECOND)


def test_a_worker_that_died_is_followed_by_another_with_the_same_key() -> None:
    later = claimed(again(MINUTE), CLAIM, NOON + LEASE)

    assert later == replace(CLAIM, leased_until=NOON + 2 * LEASE)
    assert later is not None
    assert later.key == CLAIM.key


@pytest.mark.parametrize("after", [SECOND, 6 * MINUTE, REPEAT_AFTER])
def test_a_publisher_that_says_the_same_soon_again_only_repeats_itself(after: timedelta) -> None:
    assert claimed(again(after), DONE, NOON + after) is None


def test_what_is_said_again_later_is_news() -> None:
    after = REPEAT_AFTER + SECOND

    news = claimed(again(after), DONE, NOON + after)

    assert news is not None
    assert news.published_at == NOON + after
    assert news.key != DONE.key


def test_an_old_message_from_the_dead_letters_is_no_news_beside_a_newer_one() -> None:
    newer = replace(DONE, published_at=NOON + timedelta(days=1))

    assert claimed(FRESH, newer, NOON + timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-03-01T12:00:00.000Z", NOON),
        ("2026-03-01T14:00:00+02:00", NOON),
        (NOON.astimezone(timezone(timedelta(hours=-5))).isoformat(), NOON),
    ],
)
def test_a_timestamp_is_read_in_utc(said: str, moment: datetime) -> None:
    assert read_timestamp(said) == moment
    assert read_timestamp(said).tzinfo is UTC


@pytest.mark.parametrize("said", ["", "None", "yesterday", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_timestamp_is_named(said: str) -> None:
    with pytest.raises(MalformedNoticeError) as caught:
        read_timestamp(said)

    assert caught.value.field == "Timestamp"
