"""The timeline as a drawing: upright, so that a phone shows it as well as a wide screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.core.plain_text import one_line
from chalicelib.core.report.markup import Html, tag
from chalicelib.core.report.moments import since

_STEP = 56  # between two moments
_WIDE = 360


def draw_timeline(moments: Sequence[Mapping[str, Any]]) -> Html:
    """Return the moments from top to bottom, the time between two of them beside the line."""
    tall = _STEP * len(moments)
    last = str(tall - _STEP + 16)
    line = tag("line", x1="16", y1="16", x2="16", y2=last, class_="rail")
    marks = [
        part
        for row, (moment, danger) in enumerate(zip(moments, _dangers(moments), strict=True))
        for part in _mark(row, moment, danger)
    ]
    said = "Timeline: " + "; ".join(str(each["what"]) for each in moments)
    box = f"0 0 {_WIDE} {tall}"
    return tag("svg", line, *marks, viewBox=box, role="img", aria_label=said, class_="drawing")


def _dangers(moments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield of each moment whether the instance was on the network, as a class of the style."""
    danger = ""
    for moment in moments:
        if "read back" in moment["what"]:
            yield " safe"
            danger = " after"
        else:
            yield "" if moment["what"].startswith("Let out") else danger


def _mark(row: int, moment: Mapping[str, Any], danger: str) -> Iterator[Html]:
    y = 16 + row * _STEP
    if moment["seconds_after"] is not None:
        between = f"+ {since(moment['seconds_after'])}"
        yield tag("text", between, x="36", y=str(y - _STEP // 2 + 4), class_="soft")
    yield tag("circle", cx="16", cy=str(y), r="6", class_=f"dot{danger}")
    yield tag("text", one_line(moment["what"], 40), x="36", y=str(y + 1), class_="strong")
    yield tag("text", moment["at"][11:19], x="352", y=str(y + 1), class_="soft end")
