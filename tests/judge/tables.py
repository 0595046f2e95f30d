"""What the DynamoDB adapters promise, kept on tables that nobody here wrote.

Source: https://github.com/architect/dynalite
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.source import ROOT

_PROGRAM = Path(__file__).with_name("tables.mjs")
_UNKNOWN = "TransactWriteItems"  # to dynalite; what opens or saves a quarantine needs it
_SHARED = "from tests.adapters.stores import"


def keeps_its_promises() -> bool:
    """Run the contract of all that stores something in a table; print what was left out.

    Whether all that was not left out passed.
    """
    contracts = sorted((ROOT / "tests" / "adapters").glob("test_*_contract.py"))
    stores = [path for path in contracts if _SHARED in path.read_text(encoding="utf-8")]
    with _tables() as endpoint:
        where = {"CONTRACT_DYNAMODB": endpoint, "CONTRACT_WITHOUT": _UNKNOWN}
        options = ("-q", "-rs", "-p", "no:cacheprovider", "-k", "not fake")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *stores],
            cwd=ROOT,
            env={**os.environ, **where},
            check=False,
        )
    return done.returncode == 0


@contextmanager
def _tables() -> Iterator[str]:
    """Yield where dynalite listens, which ends with the block, or with this process."""
    with subprocess.Popen(
        ["node", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        with server.stdin:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
