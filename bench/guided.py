"""A fuzzer that learns which bytes lead further, at every parser of what others write.

It has an environment of its own, which `make bench` makes where there is a wheel of atheris; where
there is none, this is left out, and said to be.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile

from bench.parsers import PARSERS
from deploy.stages import ROOT

ATHERIS = ROOT / ".fuzz" / "bin" / "python"

_COVERED = re.compile(r"cov: (\d+)")
_RAISED = "Uncaught Python exception"
_SHOWN = 2_000  # characters of what was found


def led_by_coverage(count: int = 50_000) -> str:
    """Let every parser read so many inputs: it raises nothing but its declared errors.

    Raises:
        AssertionError: one did, or a parser that trusts its input was not found out.
    """
    if not ATHERIS.exists():
        return "left out: atheris is not there (`make bench` makes its environment)"
    control = _led("trusting", count)
    assert "TypeError" in control, f"the control fails: {control[-_SHOWN:]}"
    reached = []
    for name in PARSERS:
        said = _led(name, count)
        assert f"Done {count} runs" in said, f"{name}: {said[said.find(_RAISED) :][:_SHOWN]}"
        covered = _COVERED.findall(said)
        reached.append(f"{name} {covered[0]} to {covered[-1]}")
    return (
        f"{count:,} inputs to each of {len(PARSERS)} parsers: 0 unhandled; branches that the seeds"
        f" reach, and all: {', '.join(reached)}"
    )


def _led(name: str, count: int) -> str:
    """Return all that the fuzzer says; it ends where something is raised."""
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(  # noqa: S603 - our own program
            [ATHERIS, "-m", "bench.led", name, str(count), folder],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},  # the same inputs every time
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        ).stdout
