"""`make sample`: would a test notice, were a line of core/decision another? A few kinds of mutants.

The tests are collected once, and run in a copy of the process for each mutant, whose functions are
changed in place: that takes seconds. `make mutants` tries more kinds, with mutmut, and minutes.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.mutants.operators import Mutant, mutants

ROOT = Path(__file__).parents[2]
_PART = "core/decision"
_FLOWS = ("contain", "held", "holds", "places", "quarantine_by_hand", "spared")  # that decide
_TESTS = (_PART, *(f"flows/test_{name}.py" for name in _FLOWS))
_AT_LEAST = 0.95  # of all
_LONGEST = 30  # seconds of one run; who takes longer goes round in a circle, and is caught


@dataclass
class Sample:
    """Takes the place of pytest's own loop over the tests."""

    tried: int = 0
    survivors: list[str] = field(default_factory=list)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        assert not _notice(session, None), "the tests fail without a mutant"
        found = [(module, each) for module in _modules() for each in _mutants(module)]
        for module, mutant in found:
            self.tried += 1
            if not _notice(session, (module, mutant)):
                self.survivors.append(f"{module.__name__}, {mutant.where}")
        return True


class _Tell:
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os._exit(1)


def _notice(session: pytest.Session, change: tuple[ModuleType, Mutant] | None) -> bool:
    """Whether a test fails once `change` is made, in a copy of this process."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    signal.alarm(_LONGEST)
    if change:
        _become(*change)
    session.config.pluginmanager.register(_Tell())
    following = [*session.items[1:], None]
    for item, after in zip(session.items, following, strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
    os._exit(0)


def _become(module: ModuleType, mutant: Mutant) -> None:
    """Give each function of `module` the code that it has in the mutant, whoever imported it."""
    codes = {code.co_qualname: code for code in _codes(compile(mutant.tree, "mutant", "exec"))}
    for function in _functions(module):
        if function.__qualname__ in codes:
            function.__code__ = codes[function.__qualname__]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    own = [each for each in vars(module).values() if _module_of(each) == module.__name__]
    members = [member for each in own if isinstance(each, type) for member in vars(each).values()]
    for each in (*own, *members):
        inner = getattr(each, "fget", None) or getattr(each, "__func__", each)
        if isinstance(inner, FunctionType):
            yield inner


def _module_of(each: object) -> object:
    return getattr(each, "__module__", None)


def _modules() -> Iterator[ModuleType]:
    for path in sorted((ROOT / "chalicelib" / _PART).glob("[a-z]*.py")):
        name = f"chalicelib.{_PART}.{path.stem}".replace("/", ".")
        yield importlib.import_module(name)


def _mutants(module: ModuleType) -> Iterator[Mutant]:
    assert module.__file__
    yield from mutants(Path(module.__file__).read_text(encoding="utf-8"))


def main() -> int:
    """Print how many are caught, and each survivor; return 1 if too many survive."""
    sample = Sample()
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:terminal"]
    pytest.main([*options, *(str(ROOT / "tests" / name) for name in _TESTS)], plugins=[sample])
    for each in sample.survivors:
        print(f"no test notices: {each}", file=sys.stderr)
    caught = sample.tried - len(sample.survivors)
    print(f"{_PART}: {caught} of {sample.tried} mutants are caught")
    return 0 if caught and caught >= _AT_LEAST * sample.tried else 1


if __name__ == "__main__":
    sys.exit(main())
