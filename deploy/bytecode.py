"""What ships is compiled beforehand: Lambda may not write, and would compile at each cold start."""

from __future__ import annotations

import py_compile
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import chalice

from chalicelib.cold_start import COMPILED

# A dataclass hands `exec` the text of its methods; this keeps each with its code.
_RECORD = """
import dataclasses, marshal, sys
codes = {}
def execute(text, *where):
    codes[text] = compile(text, "<string>", "exec", dont_inherit=True)
    exec(codes[text], *where)
dataclasses.exec = execute
import app
with open(sys.argv[1], "wb") as file:
    file.write(marshal.dumps(codes))
"""
# Chalice puts these two of its own files into the zip; what is in vendor/ lies beside them.
_OF_CHALICE = ("__init__.py", "app.py")


def compile_project(project: Path) -> None:
    """Compile a staged project: its app, chalicelib, what is in its vendor/, and Chalice's part.

    It is done for the Python that runs this, which is the one that Chalice packages for. Lambda
    takes the result without a look at the source, for it was made from just that source.
    """
    vendor = project / "vendor"
    _compile(project / "app.py", vendor / "app.py")
    for name in _OF_CHALICE:
        _compile(Path(chalice.__file__).with_name(name), vendor / "chalice" / name)
    for folder in (project / "chalicelib", vendor):
        for source in sorted(folder.rglob("*.py")):
            _compile(source, source)
    _compile_dataclasses(project)


def _compile_dataclasses(project: Path) -> None:
    """Keep the compiled methods of every dataclass that the import of the app makes."""
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _RECORD, str(project / "chalicelib" / COMPILED.name)],
        cwd=project,
        env={"PYTHONPATH": str(project / "vendor"), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )


def _compile(source: Path, as_if: Path) -> None:
    """Compile `source` to where Python looks for the compiled form of `as_if`."""
    target = Path(cache_from_source(str(as_if)))
    target.parent.mkdir(parents=True, exist_ok=True)
    py_compile.compile(
        str(source),
        cfile=str(target),
        dfile=as_if.name,
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
