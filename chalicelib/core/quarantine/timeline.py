"""A timeline that people read, and that an answer of the API has room for."""

from __future__ import annotations

from chalicelib.core.quarantine.record import Line

_FIRST, _LAST = 100, 400
LEFT_OUT = "left_out"  # what the line says that stands for those between


def cut_short(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return `lines`, or of very many the first and the last, and between them how many are not.

    All of them stay on record.
    """
    left = len(lines) - _FIRST - _LAST
    if left <= 1:
        return lines
    gap = Line(lines[_FIRST].at, "cordon", LEFT_OUT, {"lines": left})
    return (*lines[:_FIRST], gap, *lines[-_LAST:])
