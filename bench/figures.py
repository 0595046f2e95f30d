"""The figures that are kept: docs/figures.json, and the page, drawings and table made from it.

    python -m bench.figures

writes what is made from the file again, as `make bench` does after each part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DOCS = Path(__file__).parents[1] / "docs"
README = DOCS.parent / "README.md"
_START, _END = "<!-- figures: made by `make bench` -->\n", "<!-- end of figures -->"
_WIDTH, _LABEL, _ROW, _TOP = 720, 260, 30, 44  # pixels of a drawing


@dataclass(frozen=True, slots=True)
class Drawing:
    """A comparison of like with like: bars of one unit, the first of them ours."""

    name: str  # of its file
    title: str
    bars: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measurement says, and what of it can be drawn."""

    text: str
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A claim, and what the last run measured of it, or that it was missed."""

    part: str  # of `make bench PART=`
    claim: str
    measured: str
    drawings: tuple[Drawing, ...] = ()


def kept(docs: Path = DOCS) -> tuple[Figure, ...]:
    """Return the figures of docs/figures.json, in their order; none, if there is no file yet."""
    file = docs / "figures.json"
    rows: list[dict[str, Any]] = (
        json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    )
    return tuple(
        Figure(
            row["part"],
            row["claim"],
            row["measured"],
            tuple(Drawing(**each) for each in row["drawings"]),
        )
        for row in rows
    )


def keep(figures: tuple[Figure, ...], docs: Path = DOCS) -> None:
    """Write the file of results, and all that is made from it."""
    text = json.dumps([asdict(each) for each in figures], indent=1, ensure_ascii=False)
    (docs / "figures.json").write_text(text + "\n", encoding="utf-8")
    shown = made(figures, README.read_text(encoding="utf-8"))
    for name, content in shown.items():
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text(content, encoding="utf-8")
    for drawing in (docs / "figures").glob("*.svg"):
        if f"figures/{drawing.name}" not in shown:
            drawing.unlink()


def made(figures: tuple[Figure, ...], readme: str) -> dict[str, str]:
    """Return the text of each file that shows the figures, by its name in docs."""
    head, _, rest = readme.partition(_START)
    tail = rest.partition(_END)[2]
    return {
        "figures.md": "\n".join(_page(figures)) + "\n",
        "../README.md": "\n".join([head + _START, *_table(figures), "", _END]) + tail,
        **{f"figures/{each.name}.svg": svg(each) for row in figures for each in row.drawings},
    }


def _table(figures: tuple[Figure, ...]) -> Iterator[str]:
    yield "| claim | measured | `make bench` |"
    yield "|---|---|---|"
    yield from (f"| {row.claim} | {row.measured} | `PART={row.part}` |" for row in figures)


def _page(figures: tuple[Figure, ...]) -> Iterator[str]:
    yield "# Figures\n\n<!-- Made by `make bench` from figures.json. -->\n"
    yield "`make bench` measures all of them, `make bench PART=lists` those of one part. One that"
    yield "is missed is written down as missed, and the command ends with 1. What depends on the"
    yield "machine (seconds, MB) is shown, and never compared between machines: counts, and ratios"
    yield "of one run, are.\n"
    yield from _table(figures)
    for row in figures:
        for each in row.drawings:
            yield f"\n![{each.title}](figures/{each.name}.svg)"


def svg(drawing: Drawing) -> str:
    """Return the drawing; readable on a light and on a dark page."""
    most = max(drawing.bars.values()) or 1.0
    room = _WIDTH - _LABEL - 90
    height = _TOP + _ROW * len(drawing.bars) + 6
    ink = 'fill="#1b1f24"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(drawing.title)}</title>",
        '<g font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="14" y="26" font-weight="bold" {ink}>{escape(drawing.title)}</text>',
    ]
    for nth, (label, value) in enumerate(drawing.bars.items()):
        y, wide = _TOP + _ROW * nth, max(1, round(room * value / most))
        colour = "#8c959f" if nth else "#0a5fb4"
        middle, beside = y + 15, _LABEL + wide + 6
        lines += [
            f'<text x="{_LABEL - 8}" y="{middle}" text-anchor="end" {ink}>{escape(label)}</text>',
            f'<rect x="{_LABEL}" y="{y}" width="{wide}" height="20" fill="{colour}"/>',
            f'<text x="{beside}" y="{middle}" {ink}>{value:,.4g}</text>',
        ]
    return "\n".join([*lines, "</g>", "</svg>\n"])


if __name__ == "__main__":
    keep(kept())
