"""Sections of a message, within a limit: long lists give way to what stands after them."""

from __future__ import annotations

from collections.abc import Callable

CUT = "... cut here"

Section = tuple[str, tuple[str, ...]]  # heading, lines
Size = Callable[[str], int]  # how much a heading or a line takes


def fit(sections: tuple[Section, ...], most: int, size: Size = len) -> tuple[Section, ...]:
    """Return the sections as far as `most` allows for all headings and lines, the mark included.

    Long lists give way first, all to the same length, and say how many lines are left out: so what
    stands after a list is there, such as what a person is to do. Only what does not fit even then
    is left out from where a mark stands.
    """
    if _size(sections, size) <= most:
        return sections
    shortest, longest = 1, max(len(lines) for _, lines in sections)
    while longest - shortest > 1:
        middle = (shortest + longest) // 2
        if _size(_shown(sections, middle), size) <= most:
            shortest = middle
        else:
            longest = middle
    return _until(_shown(sections, shortest), most, size)


def _shown(sections: tuple[Section, ...], most: int) -> tuple[Section, ...]:
    """Return the sections with at most `most` lines each, and how many more there are."""
    return tuple(
        (heading, (*lines[:most], f"and {len(lines) - most} more") if lines[most:] else lines)
        for heading, lines in sections
    )


def _until(sections: tuple[Section, ...], most: int, size: Size) -> tuple[Section, ...]:
    """Return the sections as far as they fit; where they do not, a mark stands at the end."""
    if _size(sections, size) <= most:
        return sections
    fits: list[Section] = []
    left = most - size("") - size(CUT)
    for heading, lines in sections:
        left -= size(heading)
        kept: list[str] = []
        for line in lines:
            left -= size(line)
            kept += [line] if left >= 0 else []
        if kept:
            fits.append((heading, tuple(kept)))
    return (*fits, ("", (CUT,)))


def _size(sections: tuple[Section, ...], size: Size) -> int:
    return sum(size(heading) + sum(map(size, lines)) for heading, lines in sections)
