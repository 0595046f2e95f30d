from __future__ import annotations

import re

import pytest

from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import subject_line
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.hostile import (
    SHOWN,
    hostile_texts,
    nothing_alive_in,
    nothing_alive_in_a_webhook,
)
from tests.core.notices.channels.rendering import RENDERERS

COUNT = 500  # of the 5,000 that `make bench` shows


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("channel", SHOWN)
def test_nothing_alive_is_left_of_hostile_texts(channel: str) -> None:
    nothing_alive_in(channel, COUNT)


@pytest.mark.no_cover
def test_a_webhook_carries_hostile_text_as_escaped_data() -> None:
    nothing_alive_in_a_webhook(COUNT)


@pytest.mark.no_cover
def test_a_subject_of_e_mail_stays_a_subject() -> None:
    for text in hostile_texts(COUNT):
        subject = subject_line(text)

        assert 0 < len(subject) < 100
        assert subject.isascii()
        assert subject.isprintable()


@pytest.mark.parametrize("channel", RENDERERS)
def test_a_notice_of_very_many_lines_says_how_many_are_left_out(channel: str) -> None:
    lines = tuple(f"interface eni-{n} & <{n}> `{n}`" for n in range(20_000))
    notice = Notice(Kind.DRIFT, "drifted", "High", "1", "long", (("All", lines),), {})

    rendered = RENDERERS[channel](notice)

    check(channel, rendered)
    assert re.search(r"and 1\d,?\d{3} more", str(rendered))


@pytest.mark.parametrize("channel", RENDERERS)
def test_a_notice_of_very_many_sections_is_cut_with_a_mark(channel: str) -> None:
    sections = tuple((f"To do {n}", ("one line",)) for n in range(1_000))
    notice = Notice(Kind.DRIFT, "drifted", "High", "1", "long", sections, {})

    rendered = RENDERERS[channel](notice)

    check(channel, rendered)
    assert "... cut here" in str(rendered)


@pytest.mark.parametrize("channel", RENDERERS)
def test_a_notice_that_says_nothing_is_shown_all_the_same(channel: str) -> None:
    check(channel, RENDERERS[channel](Notice(Kind.MODE, "", "", "", "", (), {})))
