"""Names the checks that hold on moto as it is, as JSON; run it in a process of its own."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

import moto
from botocore.exceptions import ClientError

from tests.sandbox.all_checks import FACTS, GAPS, Check
from tests.sandbox.estate import Estate, empty_aws

# What moto raises where it lacks a call, or breaks at one: a status of 500, where it is served.
_BREAKS = (AttributeError, KeyError, NotImplementedError)


def holds(check: Check) -> bool:
    """Return whether `check` passes; one that breaks outside of moto is mistaken, and raises."""
    with empty_aws():
        estate = Estate(pass_time=lambda: None)  # as it is, moto does nothing by itself
        try:
            check(estate)
        except (AssertionError, ClientError):
            return False
        except _BREAKS as error:
            if not _is_of_moto(error):
                raise
            return False
    return True


def _is_of_moto(error: Exception) -> bool:
    where = traceback.extract_tb(error.__traceback__)[-1].filename
    return Path(moto.__file__).parent in Path(where).parents


if __name__ == "__main__":
    json.dump([name for name, check in (GAPS | FACTS).items() if holds(check)], sys.stdout)
