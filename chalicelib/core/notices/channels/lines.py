"""What every channel does to the lines of a notice: harmless, one line each, within a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chalicelib.core.notices.fit import CUT, Section, fit
from chalicelib.core.notices.notice import Notice
from chalicelib.core.plain_text import one_line, unlinked

LINE = 400  # characters
_HEADING = 100  # characters
_SECTIONS = 20


def tame(text: str, limit: int = LINE) -> str:
    """Return `text` on one line of at most `limit` characters, with no address to click on.

    Services turn what looks like an address into a link, and its text was chosen by others.
    """
    head = text[: limit * 4]  # as much as `one_line` looks at
    return one_line(unlinked(head), limit)


def fitted(
    sections: Iterable[Section], most: int, size: Callable[[str], int] = len
) -> tuple[Section, ...]:
    """Return the sections, tame and without empty ones, as far as `most` allows; see `fit`.

    Args:
        sections: headings and lines, as a notice has them.
        most: how much all headings and lines may take together, the mark included.
        size: how much one of them takes.
    """
    return fit(tuple(_tamed(sections)), most, size)


def _tamed(sections: Iterable[Section]) -> Iterator[Section]:
    for nth, (heading, lines) in enumerate(sections):
        if nth == _SECTIONS:
            yield ("", (CUT,))
            return
        kept = tuple(filter(None, map(tame, lines)))
        if kept:
            yield (tame(heading, _HEADING), kept)


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


def instances_of(notice: Notice) -> tuple[str, ...]:
    """Return the instances that the notice is about."""
    several = notice.facts.get("instance_ids")
    return tuple(
        dict.fromkeys(
            strings(
                notice.facts.get("instance_id"), *(several if isinstance(several, list) else ())
            )
        )
    )


def place_of(notice: Notice) -> str:
    """Return in a few words which instances the notice is about; empty: none."""
    first, *others = instances_of(notice) or ("",)
    return f"{first} and {len(others)} more" if others else first


def strings(*values: Any) -> Iterator[str]:
    """Yield those of `values` that are texts with something in them."""
    return (value for value in values if isinstance(value, str) and value)
