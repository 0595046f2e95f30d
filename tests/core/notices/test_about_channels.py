from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core.notices.about_channels import (
    NO_CHANNELS,
    Hearing,
    channel_lines,
    channel_worries,
)
from chalicelib.core.notices.channels.receipts import Receipts, Refusal
from tests.builders import MINUTE, NOON

DAY = timedelta(days=1)


def a_refusal(name: str, at: datetime = NOON, channel: str = "soc") -> Refusal:
    return Refusal(channel, name, at, f"CONTAINED {name}", "slack.com: answered 410")


def hearing(*refused: Refusal) -> Hearing:
    return Hearing(("soc", "on-call"), Receipts({"on-call": NOON - DAY}, refused))


def test_each_channel_says_when_it_last_took_something() -> None:
    assert tuple(channel_lines(hearing(), NOON)) == (
        "soc: none in 30 days",
        "on-call: last took a notice on 2026-02-28 12:00 UTC",
    )
    assert not list(channel_worries(hearing(), NOON))


def test_what_a_channel_refused_is_named_the_newest_first_and_then_counted() -> None:
    some = hearing(*(a_refusal(f"i-{n}", NOON - n * MINUTE) for n in range(7, 0, -1)))

    lines = tuple(channel_lines(some, NOON))

    assert lines[1] == "soc has not got: CONTAINED i-1 (slack.com: answered 410)"
    assert lines[5] == "soc has not got: CONTAINED i-5 (slack.com: answered 410)"
    assert lines[6] == "soc has not got 2 more"
    assert tuple(channel_worries(some, NOON)) == (
        (
            "the channel soc has not got 7 notice(s) since yesterday (cordon channels test soc): "
            "slack.com: answered 410"
        ),
    )


def test_what_was_told_the_day_before_is_not_told_again() -> None:
    old = hearing(a_refusal("i-1", NOON - DAY - MINUTE), a_refusal("i-2", channel="gone"))

    assert len(tuple(channel_lines(old, NOON))) == 2
    assert not list(channel_worries(old, NOON))


def test_receipts_that_cannot_be_read_are_a_worry_and_no_channel_is_none() -> None:
    assert tuple(channel_worries("AWS refused", NOON)) == (
        "how the channels fare cannot be read: AWS refused",
    )
    assert tuple(channel_lines("AWS refused", NOON)) == ("AWS refused",)
    assert not list(channel_lines(NO_CHANNELS, NOON))
