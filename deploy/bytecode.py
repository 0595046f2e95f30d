"""What ships is compiled beforehand: Lambda may not write, and would compile at each cold start."""

from __future__ import annotations

import py_compile
from importlib.util import cache_from_source
from pathlib import Path

import chalice

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
