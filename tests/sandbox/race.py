"""Many writers of one item, each on the condition that it is the first.

As a program, in a process of its own: how many winners a race has on moto as it is, where all have
read the item before one writes it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.dynamodb.comparisons import get_filter_expression

from tests.sandbox.estate import client, code_of, empty_aws

WRITERS = 12


@contextmanager
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def make_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def winners(dynamodb: Any, race: int, pool: ThreadPoolExecutor) -> int:
    """Return how many of the writers were told that they were the first."""
    start = threading.Barrier(WRITERS)

    def write(writer: int) -> bool:
        start.wait(timeout=10)
        refused = code_of(
            dynamodb.put_item,
            TableName="t",
            Item={"id": {"S": str(race)}, "writer": {"N": str(writer)}},
            ConditionExpression="attribute_not_exists(id)",
        )
        return refused is None

    return sum(pool.map(write, range(WRITERS)))


def _winners_where_all_have_read() -> int:
    read = threading.Barrier(WRITERS)

    def after_all_have_read(*arguments: Any) -> Any:
        read.wait(timeout=60)  # moto has read the item before it comes here
        return get_filter_expression(*arguments)

    with (
        patch("moto.dynamodb.models.table.get_filter_expression", after_all_have_read),
        empty_aws(),
        ThreadPoolExecutor(WRITERS) as pool,
    ):
        make_table(client("dynamodb"))
        return winners(client("dynamodb"), 0, pool)


if __name__ == "__main__":
    sys.stdout.write(str(_winners_where_all_have_read()))
