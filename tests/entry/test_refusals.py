"""Each refusal is answered as what it is, and logged, with the log as it is in Lambda."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from chalicelib.core import errors
from tests.entry.conftest import ROOT
from tests.entry.refusals import PROGRAM, STATUS


@pytest.fixture(scope="module")
def answers() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the API answers each error with, and what it logs meanwhile."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "STAGE": "dev", "AWS_LAMBDA_FUNCTION_NAME": "cordon-dev"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    log = [json.loads(line) for line in done.stdout.splitlines()]
    return json.loads(done.stderr), log


def test_every_error_has_a_status_of_its_own() -> None:
    kinds = {name for name, each in vars(errors).items() if isinstance(each, type)}

    assert set(STATUS) == kinds | {"SettingsError"}


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_a_refusal_has_its_status_code_and_message(
    answers: tuple[dict[str, Any], list[dict[str, Any]]], name: str, status: int
) -> None:
    answer = answers[0][name]
    body = json.loads(answer["body"])

    assert (answer["statusCode"], body["Code"]) == (status, name)
    assert body["Message"]


def test_every_refusal_is_a_warning_in_the_log(
    answers: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    refused = [line for line in answers[1] if line["message"] == "refused"]

    assert [line["error"] for line in refused] == list(answers[0])
    assert {line["level"] for line in refused} == {"WARNING"}
    assert all(line["why"] and line["function_request_id"] for line in refused)
