"""Which findings ListFindings lists, and in what order.

Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListFindings.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.faithful.guardduty_findings import Finding

_Test = Callable[[list[Any], Any], bool]

_IS: _Test = lambda found, wanted: any(_text(each) in wanted for each in found)  # noqa: E731 - a row
_TESTS: dict[str, _Test] = {
    "equals": _IS,
    "notEquals": lambda found, wanted: not _IS(found, wanted),
    "greaterThan": lambda found, wanted: any(each > wanted for each in found),
    "greaterThanOrEqual": lambda found, wanted: any(each >= wanted for each in found),
    "lessThan": lambda found, wanted: any(each < wanted for each in found),
    "lessThanOrEqual": lambda found, wanted: any(each <= wanted for each in found),
}
_OLD_NAMES = {
    "eq": "equals",
    "neq": "notEquals",
    "gt": "greaterThan",
    "gte": "greaterThanOrEqual",
    "lt": "lessThan",
    "lte": "lessThanOrEqual",
}


def selected(findings: Iterable[Finding], asked: Mapping[str, Any]) -> list[Finding]:
    """Return the findings that meet every criterion of the request `asked`, in its order."""
    criteria = (asked.get("findingCriteria") or {}).get("criterion") or {}
    chosen = [finding for finding in findings if _meets_all(finding, criteria)]
    order = asked.get("sortCriteria") or {}
    if path := order.get("attributeName"):
        chosen.sort(key=lambda each: _at(each, path), reverse=order.get("orderBy") == "DESC")
    return chosen


def _meets_all(finding: Finding, criteria: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(
        _TESTS[_OLD_NAMES.get(test, test)](_at(finding, path), wanted)
        for path, tests in criteria.items()
        for test, wanted in tests.items()
    )


def _at(value: Any, path: str) -> list[Any]:
    """Return all values at a dotted path, which leads through lists to each of their elements."""
    values = [value]
    for key in path.split("."):
        inner = [each.get(key) for each in values if isinstance(each, dict)]
        values = [v for each in inner for v in (each if isinstance(each, list) else [each])]
    return [each for each in values if each is not None]


def _text(value: Any) -> str:
    """Return a value as the API's lists of wanted texts spell it."""
    return str(value).lower() if isinstance(value, bool) else f"{value}"
