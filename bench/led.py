"""Lets atheris read one parser's bytes: what reaches a new branch is changed further.

    .fuzz/bin/python -m bench.led PARSER RUNS FOLDER

The folder is empty, and is left with what reached something new. Ends with 0 if nothing was raised
but the parser's declared errors.

Source: https://github.com/google/atheris
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chalicelib", "bench.parsers"]):
    from bench.parsers import PARSERS, TRUSTING

from bench.mutated import mutated

_LONGEST = 8_000  # bytes
_SHARE = 0.5  # of the changes that keep JSON what it is


def changed(data: bytes, most: int, seed: int) -> bytes:
    """Return `data` with a place of its JSON changed, or with bytes changed."""
    chance = random.Random(seed)  # noqa: S311 - libFuzzer's own seed
    said = None
    if chance.random() < _SHARE:
        with contextlib.suppress(RecursionError, ValueError):
            said = json.loads(data)
    if isinstance(said, dict):
        return json.dumps(mutated(said, chance)).encode()[:most]
    led: bytes = atheris.Mutate(data, most)
    return led


def main(name: str, runs: str, folder: str) -> None:
    """Read so many inputs; the process ends in here."""
    parser = PARSERS.get(name, TRUSTING)
    for nth, seed in enumerate(parser.seeds):
        Path(folder, str(nth)).write_bytes(seed)
    options = (f"-runs={runs}", "-seed=1", f"-max_len={_LONGEST}", f"-artifact_prefix={folder}/")
    atheris.Setup([sys.argv[0], *options, folder], parser.read, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
