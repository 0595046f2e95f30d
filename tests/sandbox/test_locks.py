from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.estate import client, served_client
from tests.sandbox.race import WRITERS, make_table, restless, winners

ROOT = Path(__file__).parents[2]
RACES = 15


@pytest.fixture(params=["in process", "served"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    if request.param == "served":
        return served_client("dynamodb", request.getfixturevalue("served"))
    request.getfixturevalue("aws")
    return client("dynamodb")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with restless(), ThreadPoolExecutor(WRITERS) as pool:
        yield pool


def test_each_race_has_one_winner(dynamodb: Any, pool: ThreadPoolExecutor) -> None:
    make_table(dynamodb)

    assert [winners(dynamodb, race, pool) for race in range(RACES)] == [1] * RACES


def test_no_count_is_lost(dynamodb: Any, pool: ThreadPoolExecutor) -> None:
    make_table(dynamodb)

    def count(_: int) -> None:
        dynamodb.update_item(
            TableName="t",
            Key={"id": {"S": "counter"}},
            UpdateExpression="ADD seen :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    list(pool.map(count, range(100)))

    found = dynamodb.get_item(TableName="t", Key={"id": {"S": "counter"}})["Item"]
    assert found["seen"] == {"N": "100"}


def test_without_the_locks_all_who_read_before_a_write_win() -> None:
    program = [sys.executable, "-m", "tests.sandbox.race"]

    said = subprocess.run(
        program, cwd=ROOT, env=dict(os.environ), capture_output=True, timeout=120, check=False
    )

    assert said.returncode == 0, said.stderr.decode()
    assert int(said.stdout) == WRITERS
