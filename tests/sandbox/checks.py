"""The list of what AWS does, which the checks add themselves to."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox.estate import Estate

Check = Callable[[Estate], None]

GAPS: dict[str, Check] = {}  # what plain moto does otherwise
FACTS: dict[str, Check] = {}  # what plain moto does right, and a mend could break


def gap(check: Check) -> Check:
    return _add(GAPS, check)


def fact(check: Check) -> Check:
    return _add(FACTS, check)


def _add(checks: dict[str, Check], check: Check) -> Check:
    checks[check.__name__.replace("_", " ")] = check
    return check
