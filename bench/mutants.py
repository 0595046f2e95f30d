"""What `make mutants` found, which takes too long to be found anew here."""

from __future__ import annotations

import json

from bench.figures import DOCS

_AT_LEAST = 0.95  # of the mutants, in each part


def caught() -> str:
    """Add up docs/mutants.json, part by part.

    Raises:
        AssertionError: too many of a part survive.
    """
    parts = json.loads((DOCS / "mutants.json").read_text(encoding="utf-8"))
    said = []
    for part, found in parts.items():
        tried = sum(n for what, n in found.items() if what not in ("survivors", "not checked"))
        share = found["caught"] / tried
        assert share >= _AT_LEAST, f"{part}: {found['caught']} of {tried}"
        left = found.get("not checked", 0)
        more = f", {left} not tried yet" if left else ""
        said.append(f"{part} {found['caught']} of {tried} caught{more}")
    return f"{'; '.join(said)} (`make mutants`)"
