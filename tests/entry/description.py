"""`docs/openapi.yaml`, and how an answer is held against it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

FILE = Path(__file__).parents[2] / "docs" / "openapi.yaml"
_METHODS = ("get", "put", "post", "delete")


@cache
def description() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return every operation that is described, by method and path."""
    return {
        (method.upper(), path): item[method]
        for path, item in description()["paths"].items()
        for method in _METHODS
        if method in item
    }


def complaints(method: str, path: str, status: int, body: Any) -> list[str]:
    """Return how an answer is not as it is described; empty: it is."""
    answers = operations()[method, path]["responses"]
    if str(status) not in answers:
        return [f"{method} {path} is not said to answer {status}"]
    answer = _followed(answers[str(status)])
    schema = answer["content"]["application/json"]["schema"]
    validator = OAS30Validator({**schema, "components": description()["components"]})
    return [f"{list(e.path)}: {e.message}" for e in validator.iter_errors(body)]


def _followed(answer: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = description()["components"]["responses"][answer["$ref"].split("/")[-1]]
    return found
