"""Refusals out of the zip that ships, as Lambda starts it: nothing but boto3 beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any
from zipfile import ZipFile

import pytest

from sandbox.zipped import bring_runtime
from tests.entry.refusals import PROGRAM, STATUS
from tests.infra.packaged import Packaged

_BOOT = "import sys; sys.path[:0] = sys.argv[1:3]\n"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("zip")
    packaged = Packaged.make("dev", folder / "made")
    with ZipFile(packaged.folder / "deployment.zip") as archive:
        archive.extractall(folder / "code")
    bring_runtime(folder / "runtime")
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            _BOOT + PROGRAM,
            folder / "code",
            folder / "runtime",
        ],
        cwd=folder / "code",
        env={
            **{
                name: os.environ[name]
                for name in ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            },
            "AWS_REGION": "us-east-1",
            "STAGE": "dev",
            "AWS_LAMBDA_FUNCTION_NAME": "cordon-dev",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()]
    found: dict[str, Any] = json.loads(done.stderr)
    return found


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_the_zip_answers_a_refusal_with_its_status(
    answers: dict[str, Any], name: str, status: int
) -> None:
    assert answers[name]["statusCode"] == status
