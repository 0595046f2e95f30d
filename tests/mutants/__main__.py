"""`make mutants PART=core/decision`: would a test notice, were a line of core or flows another?

mutmut changes a copy of the tree in build/mutants, one place at a time, and runs the tests that
come by there. What it finds is kept in docs/mutants.json; docs/mutants.md says why what survives
may. An interrupted run goes on where it was, as long as the code is the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "mutants"
KEPT = ROOT / "docs" / "mutants.json"
_MUTMUT = str(ROOT / ".mutants" / "bin" / "mutmut")
# The search over every state runs for minutes, and would for each mutant that it comes by.
_TESTS = ["tests/core", "tests/flows"]
_LEFT_OUT = ["tests/flows/test_interleavings.py"]
_CAUGHT = ("killed", "timeout", "suspicious", "segfault")


def main(parts: list[str]) -> int:
    """Try the mutants of each part, such as core/steps; return 2 if there is no such part."""
    wrong = [part for part in parts if not (ROOT / "chalicelib" / part).is_dir()]
    if wrong or not parts:
        print(f"usage: make mutants PART=core/decision; there is no {wrong or 'part'}")
        return 2
    _copy(parts)
    try:
        subprocess.run([_MUTMUT, "run", "--max-children", "2"], cwd=WORK, check=True)
    except KeyboardInterrupt:
        print("interrupted; what was tried is kept")
    for part in parts:
        _keep(part, _results(part))
    return 0


def _copy(parts: list[str]) -> None:
    """Bring the tree to the copy, and say in its pyproject.toml what is to be changed."""
    for name in _tracked():
        there = WORK / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, there)
    folders = sorted({Path(name).parts[0] for name in _tracked()} - {"chalicelib", "tests"})
    told = {
        "source_paths": ["chalicelib"],
        "only_mutate": [f"chalicelib/{part}/*" for part in parts],
        "also_copy": folders,
        "pytest_add_cli_args_test_selection": _TESTS,
        "pytest_add_cli_args": ["-x", "-pno:cacheprovider", *(f"--ignore={n}" for n in _LEFT_OUT)],
    }
    said = "".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items())
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (WORK / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{said}", encoding="utf-8")


def _tracked() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def _results(part: str) -> dict[str, str]:
    """Return what became of each mutant, by its name."""
    command = [_MUTMUT, "results", "--all", "true"]
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=True)
    lines = (line.strip().partition(": ") for line in done.stdout.splitlines())
    prefix = f"chalicelib.{part.replace('/', '.')}."
    return {name.removeprefix(prefix): said for name, _, said in lines if name.startswith(prefix)}


def _keep(part: str, results: dict[str, str]) -> None:
    """Write what was found of `part` beside what is known of the others."""
    sums = Counter("caught" if said in _CAUGHT else said for said in results.values())
    survivors: dict[str, int] = defaultdict(int)
    for name, said in results.items():
        if said not in (*_CAUGHT, "not checked"):
            survivors[name.partition("__mutmut_")[0]] += 1
    known = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    known[part] = {**dict(sorted(sums.items())), "survivors": dict(sorted(survivors.items()))}
    text = json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
    KEPT.write_text(text + "\n", encoding="utf-8")
    tried = sum(sums.values()) - sums["not checked"]
    print(
        f"{part}: {sums['caught']} of {tried} caught; survivors in {', '.join(survivors) or 'none'}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
