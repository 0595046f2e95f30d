"""`make bench`: measures every figure that the README states, and writes them down.

    python -m bench [PART]

A figure that is missed ends the command with 1, and is written down as missed.
"""

from __future__ import annotations

import sys
import time
from textwrap import shorten

from bench.figures import Figure, Measured, keep, kept
from bench.parts import PARTS, Row

_SHOWN = 120  # characters of why a figure was missed


def main(part: str = "") -> int:
    """Measure the rows of `part`, or all; return 0 if all hold, 1 if not, 2 if there is no such."""
    rows = [(name, row) for name, rows in PARTS.items() for row in rows if part in ("", name)]
    if not rows:
        print(f"there is no part {part}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    missed = 0
    for nth, (name, row) in enumerate(rows, 1):
        print(f"{nth:2} of {len(rows)}  {name}: {row.claim} ...", flush=True)
        started = time.monotonic()
        try:
            said = row.measure()
        except AssertionError as error:
            missed += 1
            print(f"    NO  {error}", flush=True)
            _write(
                name, row, Measured(f"**missed** in the last run: {shorten(str(error), _SHOWN)}")
            )
            continue
        measured = said if isinstance(said, Measured) else Measured(said)
        print(f"    ok  {measured.text}  [{time.monotonic() - started:.0f} s]", flush=True)
        _write(name, row, measured)
    return 1 if missed else 0


def _write(name: str, row: Row, measured: Measured) -> None:
    """Put one figure in its place; what PARTS no longer has goes."""
    fresh = Figure(name, row.claim, measured.text, measured.drawings)
    known = {each.claim: each for each in kept()} | {row.claim: fresh}
    order = [each.claim for rows in PARTS.values() for each in rows]
    keep(tuple(known[claim] for claim in order if claim in known))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
