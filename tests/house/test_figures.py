"""What README and docs/figures.md claim is what was measured, of every figure that there is."""

from __future__ import annotations

from dataclasses import replace

from bench.figures import Drawing, kept, made
from bench.parts import PARTS
from tests.house.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"


def stale(readme: str = README) -> list[str]:
    """Return the files that do not show what figures.json holds."""
    shown = made(kept(), readme)
    as_read = {name: (DOCS / name).read_text(encoding="utf-8") for name in shown}
    return [
        name for name, text in shown.items() if (as_read | {"../README.md": readme})[name] != text
    ]


def test_readme_page_and_drawings_show_what_was_measured() -> None:
    assert stale() == []


def test_a_claim_that_was_not_measured_is_found_out() -> None:
    assert stale(README.replace("| 10,000 deliveries", "| 90,000 deliveries")) == ["../README.md"]


def test_every_figure_of_the_bench_was_measured_and_no_other_is_shown() -> None:
    measured = [(figure.part, figure.claim) for figure in kept()]

    assert measured == [(part, row.claim) for part, rows in PARTS.items() for row in rows]


def test_every_drawing_is_of_a_figure() -> None:
    drawn = {f"{each.name}.svg" for figure in kept() for each in figure.drawings}

    assert {path.name for path in (DOCS / "figures").iterdir()} == drawn


def test_a_text_in_a_drawing_stays_text() -> None:
    figure = replace(kept()[0], drawings=(Drawing("x", "<script>", {"a & b": 1.0}),))

    drawing = made((figure,), README)["figures/x.svg"]

    assert "<script>" not in drawing
    assert "a &amp; b" in drawing
