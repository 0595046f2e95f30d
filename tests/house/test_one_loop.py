"""Whatever changes an instance does it in rounds: look, do what is left, look again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT

FLOWS = ROOT / "chalicelib" / "flows"
CHANGES = {"alter", "apply"}  # of an instance, or of an interface of it
WORK = {"left", "change", "look"}
# The hop, whose second half must follow at once, and what the two of the cut have in common.
WITHIN_A_CUT = {("drain", "drain"), ("drain", "_close_again"), ("cut", "apply")}
OF_LISTS = {("sync_threat_lists", "_arrange")}


def changing() -> Iterator[tuple[str, str, bool]]:
    """Yield each function that changes something: its file, its name, whether it is of a work."""
    for path in sorted(FLOWS.rglob("*.py")):
        for parent, each in _functions(path):
            calls = (node for node in ast.walk(each) if isinstance(node, ast.Call))
            names = {c.func.attr for c in calls if isinstance(c.func, ast.Attribute)}
            if names & CHANGES:
                yield path.stem, each.name, _is_work(parent)


def _functions(path: Path) -> Iterator[tuple[ast.AST, ast.FunctionDef]]:
    for parent in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.FunctionDef):
                yield parent, child


def _is_work(parent: ast.AST) -> bool:
    names = {
        each.name for each in ast.iter_child_nodes(parent) if isinstance(each, ast.FunctionDef)
    }
    return isinstance(parent, ast.ClassDef) and names >= WORK


def test_nothing_changes_an_instance_but_in_rounds() -> None:
    found = set(changing())

    others = {(file, name) for file, name, is_work in found if not is_work}
    assert others == WITHIN_A_CUT | OF_LISTS
    work = {(file, name) for file, name, is_work in found if is_work}
    assert work == {("settle", "_make"), ("cut_network", "change"), ("give_back", "change")}
