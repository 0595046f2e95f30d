"""Hostile text made harmless: findings, tags and callers choose some of what people read."""

from __future__ import annotations

import re
import unicodedata

# Control, format (bidirectional marks among them), surrogate, private use, line and paragraph ends.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_CUT = "..."
# Where an object lies in S3 (s3://bucket/key) is no link anywhere, and meant to be copied.
_ADDRESS = re.compile(r"(?<!\bs3):(?=//)|(?<=www)\.", re.IGNORECASE)


def one_line(text: str, limit: int) -> str:
    """Return `text` on one line, with nothing that moves or hides other text.

    At most `limit` characters; a longer text is cut and ends in three dots.
    """
    head = text[: limit * 4]  # of a text of 100 kB, only what can be shown is looked at
    # Nearly every text is printable ASCII: that costs nothing to see.
    plain = head.isascii() and head.isprintable()
    clean = head if plain else "".join(map(_visible, head))
    line = " ".join(clean.split())
    return line if len(line) <= limit else line[: limit - len(_CUT)] + _CUT


def unlinked(text: str) -> str:
    """Return `text` with no address in it that a mailer or a chat makes a link of."""
    return _ADDRESS.sub(r"[\g<0>]", text)


def _visible(character: str) -> str:
    return " " if unicodedata.category(character) in _UNPRINTABLE else character


def subject_line(text: str) -> str:
    """Return `text` as Amazon SNS takes a subject: printable ASCII, one line, under 100 characters.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    ascii_only = "".join(c if " " <= c <= "~" else "?" for c in one_line(text, 200))
    return one_line(ascii_only, 99) or "Cordon"


def shortly(found: object) -> str:
    """Return `found` as a reader of a log may see it: one line, never long."""
    if found is None:
        return "missing"
    try:
        text = ascii(found)
    except (RecursionError, ValueError):  # a list without end, a number too long to print
        text = f"a {type(found).__name__} that cannot be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal
