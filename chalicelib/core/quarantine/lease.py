"""Leases: who may be changing EC2 for a quarantine, and until when.

A change that comes late would undo what a release gave back: so a release waits for whoever holds
a lease. A worker gives its lease back when it ends, unless one of its calls had no answer, which
may still be carried out; the lease of one that died lapses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

# Longer than any function of Cordon's may run: a worker that is silent for so long is dead.
LEASE = timedelta(seconds=90)

Leases = Mapping[str, datetime]  # worker -> until when it may change EC2


def take(leases: Leases, worker: str, now: datetime) -> Leases:
    """Return `leases` with one for `worker`, without those that have lapsed."""
    live = {name: until for name, until in leases.items() if now < until}
    return {**live, worker: now + LEASE}


def for_step(worker: str, step: str) -> str:
    """Return the name under which `worker` holds the lease of one step.

    Each step has its own: one whose change may still arrive keeps it when the next one ends.
    """
    return f"{worker}/{step}"


def end(leases: Leases, worker: str) -> Leases:
    """Return who else holds one; what `worker` holds for its steps ends with it."""
    mine = f"{worker}/"
    return {n: until for n, until in leases.items() if n != worker and not n.startswith(mine)}


def shortened(leases: Leases, now: datetime) -> Leases:
    """Return `leases`, none longer than one that is taken now.

    A worker whose clock is far ahead would else keep a release waiting for as long.
    """
    return {name: min(until, now + 2 * LEASE) for name, until in leases.items()}
