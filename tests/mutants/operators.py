"""The mutants of a source file: each differs from it in one place of one function."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_OTHER: dict[type[ast.AST], Callable[[], ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Sub: ast.Add,
    ast.Add: ast.Sub,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A whole module, changed `where`."""

    where: str  # for people
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of `source`, in the order of its text."""
    tree = ast.parse(source)
    for nth in range(len(list(_places(tree)))):
        mutant = copy.deepcopy(tree)
        place = list(_places(mutant))[nth]
        before = ast.unparse(place)
        _change(place)
        where = f"line {place.lineno}: `{before}` is `{ast.unparse(place)}`"
        yield Mutant(where, ast.fix_missing_locations(mutant))


def _places(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what can be changed; neither a docstring nor what is run when the module is loaded."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                if not _is_said_only(statement):
                    yield from (
                        node
                        for node in ast.walk(statement)
                        if isinstance(node, ast.expr) and _can_change(node)
                    )


def _is_said_only(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _can_change(node: ast.expr) -> bool:
    match node:
        case ast.Compare(ops=[op]) | ast.BoolOp(op=op) | ast.BinOp(op=op):
            return type(op) in _OTHER
        case ast.Constant(value=bool() | int() | str()) | ast.IfExp():
            return True
        case _:
            return False


def _change(node: ast.expr) -> None:
    match node:
        case ast.Compare(ops=[op]):
            node.ops = [_OTHER[type(op)]()]  # type: ignore[list-item]
        case ast.BoolOp(op=op) | ast.BinOp(op=op):
            node.op = _OTHER[type(op)]()  # type: ignore[assignment]
        case ast.IfExp(body=yes, orelse=no):
            node.body, node.orelse = no, yes
        case ast.Constant(value=bool(said)):
            node.value = not said
        case ast.Constant(value=str(said)):
            node.value = f"{said}?"
        case ast.Constant(value=int(said)):
            node.value = said + 1
        case _:
            raise AssertionError(ast.unparse(node))
