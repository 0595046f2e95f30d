"""What every channel does to the lines of a notice: harmless, one line each, within a limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chalicelib.core.notices.notice import CUT, Notice, Section
from chalicelib.core.plain_text import one_line

LINE = 400  # characters
_HEADING = 100  # characters
_SECTIONS = 20
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)


def tame(text: str, limit: int = LINE) -> str:
    """Return `text` on one line of at most `limit` characters, with no address to click on.

    Services turn what looks like an address into a link, and its text was chosen by others.
    """
    head = text[: limit * 4]  # as much as `one_line` looks at
    return one_line(_ADDRESS.sub(r"[\g<0>]", head), limit)


def fitted(
    sections: Iterable[Section], most: int, size: Callable[[str], int] = len
) -> tuple[Section, ...]:
    """Return the sections, tame and without empty ones, as far as `most` allows.

    What does not fit is left out, and a mark stands where that begins.

    Args:
        sections: headings and lines, as a notice has them.
        most: how much all headings and lines may take together.
        size: how much one of them takes.
    """
    fits: list[Section] = []
    for heading, lines in sections:
        if len(fits) == _SECTIONS:
            return (*fits, ("", (CUT,)))
        title = tame(heading, _HEADING)
        most -= size(title)
        kept: list[str] = []
        for line in filter(None, map(tame, lines)):
            most -= size(line)
            if most < size(CUT):
                return (*fits, (title, (*kept, CUT)))
            kept.append(line)
        if kept:
            fits.append((title, tuple(kept)))
    return tuple(fits)


def subject_of(notice: Notice, limit: int) -> str:
    """Return what heads the message; there is always something."""
    return tame(notice.subject, limit) or "Cordon"


def next_steps(notice: Notice) -> tuple[Section, ...]:
    """Return the sections that say what a person can do; their headings begin with To."""
    return tuple(section for section in notice.sections if section[0].startswith("To "))


def summary(notice: Notice) -> str:
    """Return in a line what kind of notice it is, and where it comes from."""
    where = (notice.severity, notice.kind, notice.outcome, notice.account_id)
    parts = (tame(part, _HEADING) for part in (*where, *strings(notice.facts.get("region"))))
    return " | ".join(filter(None, parts))


def strings(*values: Any) -> Iterator[str]:
    """Yield those of `values` that are texts with something in them."""
    return (value for value in values if isinstance(value, str) and value)
