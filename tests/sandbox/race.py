"""Many writers of one item, each on the condition that it is the first.

As a program, in a process of its own: the most winners that a race had on moto as it is.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.sandbox.estate import client, code_of, empty_aws

WRITERS = 12
ROUNDS = 80  # at most; on moto as it is, one race in three has two winners or more


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


def _most_winners() -> int:
    most = 0
    with restless(), empty_aws(), ThreadPoolExecutor(WRITERS) as pool:
        make_table(client("dynamodb"))
        for race in range(ROUNDS):
            most = max(most, winners(client("dynamodb"), race, pool))
            if most > 1:
                break
    return most


if __name__ == "__main__":
    sys.stdout.write(str(_most_winners()))
