"""`make bench`: measures every figure that the README states; ends with 1 if one is missed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from bench import api, cold_start, in_memory, interleavings, notices, on_aws, threat_lists

_FIGURES: tuple[Callable[[], str], ...] = (
    lambda: on_aws.round_trips(1),
    lambda: on_aws.round_trips(4),
    on_aws.crashes,
    on_aws.release_crashes,
    on_aws.refusals,
    in_memory.burst,
    in_memory.mutations,
    notices.hostile_texts,
    notices.limits,
    threat_lists.a_quarter_of_a_million,
    threat_lists.a_million,
    threat_lists.every_shape,
    cold_start.cold_start,
    api.hostile_api,
    interleavings.interleavings,
)


def main() -> int:
    """Print each figure as it is measured; return 0 if all hold, else 1."""
    missed = 0
    for figure in _FIGURES:
        started = time.monotonic()
        try:
            line = f"ok  {figure()}"
        except AssertionError as error:
            missed += 1
            line = f"NO  {error}"
        print(f"{line}  [{time.monotonic() - started:.0f} s]", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
