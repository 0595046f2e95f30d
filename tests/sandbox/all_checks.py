"""The list of checks, filled: a module of checks adds its own when it is imported."""

from __future__ import annotations

from tests.sandbox import (
    checks_addresses,
    checks_balancers,
    checks_findings,
    checks_instances,
    checks_interfaces,
    checks_rules,
    checks_scaling,
    checks_scans,
    checks_snapshots,
    checks_stacks,
    checks_table,
)
from tests.sandbox.checks import FACTS, GAPS, Check

__all__ = [
    "FACTS",
    "GAPS",
    "Check",
    "checks_addresses",
    "checks_balancers",
    "checks_findings",
    "checks_instances",
    "checks_interfaces",
    "checks_rules",
    "checks_scaling",
    "checks_scans",
    "checks_snapshots",
    "checks_stacks",
    "checks_table",
]
