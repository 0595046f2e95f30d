"""What makes a cold start cheaper changes nothing else."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.cold_start import COMPILED, prepare
from deploy.stages import ROOT
from deploy.staging import staged_project

# Counts the dataclasses' methods that Python compiles: whatever is compiled raises this event.
# Source: https://docs.python.org/3/library/functions.html#compile
_COUNT = """
import sys
texts = []
def hear(event, details):
    if event == "compile" and b"__create_fn__" in (details[0] or b""):
        texts.append(details[0])
sys.addaudithook(hear)
import app
print(len(texts))
"""


@pytest.fixture(scope="module")
def staged() -> Iterator[Path]:
    with staged_project() as project:
        yield project


def codes(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = marshal.loads((project / "chalicelib" / COMPILED.name).read_bytes())
    return found


def compiled_by_a_start(project: Path) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "vendor"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def _compiled(text: str) -> Any:
    return compile(text, "<string>", "exec", dont_inherit=True)


def test_a_start_of_what_ships_compiles_no_method_of_a_dataclass(staged: Path) -> None:
    assert compiled_by_a_start(ROOT) > 150
    assert compiled_by_a_start(staged) == 0


def test_what_was_compiled_beforehand_is_what_python_would_compile(staged: Path) -> None:
    found = codes(staged)

    assert len(found) > 150
    assert {text: _compiled(text) for text in found} == found


def test_text_that_was_not_compiled_beforehand_is_compiled_as_ever(staged: Path) -> None:
    program = (
        "import chalicelib, dataclasses\n"
        "fields = [('left', int), ('right', int)]\n"
        "Pair = dataclasses.make_dataclass('Pair', fields, frozen=True, slots=True)\n"
        "assert Pair.__init__.__annotations__['left'] is int\n"
        "assert Pair(1, 2) == Pair(1, 2) != Pair(2, 1)\n"
        "assert dataclasses.exec is not exec\n"
        "try: Pair(1, 2).left = 3\n"
        "except dataclasses.FrozenInstanceError: print('frozen')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=staged, capture_output=True, text=True, check=True
    )

    assert done.stdout == "frozen\n"


def test_where_nothing_was_compiled_dataclasses_are_left_alone(tmp_path: Path) -> None:
    import dataclasses  # noqa: PLC0415 - as it is now

    assert not COMPILED.exists()
    prepare(tmp_path / "missing.bin")

    assert "exec" not in vars(dataclasses)


def test_what_was_compiled_is_named_after_its_python() -> None:
    assert f".{sys.implementation.cache_tag}." in COMPILED.name
