from __future__ import annotations

import ast
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.core.quarantine.lease import LEASE
from tests.house.source import PACKAGE, ROOT, imports, modules, name_of, tree

EVERYTHING = [ROOT / "app.py", *modules()]
_LONGEST = 300  # lines
QUIET = [
    path
    for folder in ("bench", "cordon", "deploy", "sandbox", "tests", "chalicelib")
    for path in modules(ROOT / folder)
]


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_no_file_is_too_long_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= _LONGEST


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_no_error_is_caught_without_being_named(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]

    assert broad == []


@pytest.mark.parametrize("path", modules(PACKAGE / "flows"), ids=name_of)
def test_flows_and_adapters_never_meet(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("chalicelib.adapters")]


@pytest.mark.parametrize("path", modules(PACKAGE / "adapters"), ids=name_of)
def test_adapters_know_no_flow(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("chalicelib.flows")]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_the_door_knows_chalice(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] == "chalice"]


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_module_is_a_drawer_for_odds_and_ends(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "common", "misc", "constants", "types"}


@pytest.mark.parametrize("path", modules(PACKAGE / "adapters"), ids=name_of)
def test_each_adapter_that_calls_aws_lists_its_permissions(path: Path) -> None:
    calls_aws = any(name in ("boto3", "botocore.exceptions") for name in imports(path))
    lists = any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PERMISSIONS"
        for node in tree(path).body
    )

    assert lists or not calls_aws or path.stem in {"errors", "session"}  # they call nothing


# What a record of the log has already; given again it raises, and only where the log is on.
_RESERVED = {*vars(logging.makeLogRecord({})), "message", "asctime"}


def reserved_in(source: ast.Module) -> list[int]:
    """Return the lines that log a value under a name that is taken."""
    levels = {"debug", "info", "warning", "error", "critical", "exception", "log"}
    return [
        node.lineno
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in levels
        and {keyword.arg for keyword in node.keywords} & (_RESERVED - {"exc_info", "stack_info"})
    ]


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_nothing_is_logged_under_a_name_that_is_taken(path: Path) -> None:
    assert reserved_in(tree(path)) == []


def test_a_name_that_is_taken_would_be_found() -> None:
    assert reserved_in(ast.parse("logger.warning('refused', message='x')")) == [1]


@pytest.mark.parametrize("path", QUIET, ids=name_of)
def test_nothing_is_quieter_than_production(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "logging." + "disable" not in text
    assert "POWERTOOLS_" + "LOG_LEVEL" not in text


def test_a_lease_outlasts_every_function_that_may_hold_one() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    seconds = [
        function.get("lambda_timeout", stage.get("lambda_timeout", config["lambda_timeout"]))
        for stage in config["stages"].values()
        for name in ("contain_finding", "watch_quarantines", "api_handler")
        for function in [stage.get("lambda_functions", {}).get(name, {})]
    ]

    assert seconds
    assert timedelta(seconds=max(seconds)) < LEASE
