"""What the steps after the cut need from the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # a port is no reason to import what it is about
    from chalicelib.core.evidence.scans import Scan
    from chalicelib.core.evidence.snapshots import Snapshot
    from chalicelib.core.quarantine.record import StepName
    from chalicelib.core.steps.step import Change, Traits


class Attributes(Protocol):
    """What the instances of one account and region are, besides their network."""

    def see(self, instance_id: str, asked: Mapping[StepName, Mapping[str, Any]]) -> Traits | None:
        """Return what the steps `asked` may change of the instance, as it is now; None: it is gone.

        Where something was remembered of a step, that is looked at, and nothing is searched for.
        A step of which AWS does not let that be seen is among the `hidden`.
        """

    def alter(self, instance_id: str, change: Change) -> str:
        """Carry out one change; return the request id of AWS's answer."""


class Snapshots(Protocol):
    """The snapshots of one account and region."""

    def take(self, instance_id: str, case: str) -> tuple[Snapshot, ...]:
        """Return the snapshots of a case; they are taken if there are none yet."""

    def taken(self, case: str) -> tuple[Snapshot, ...]:
        """Return the snapshots of a case that there are now."""

    def lock(self, snapshot_id: str, days: int) -> None:
        """Let nobody delete a snapshot for so many days, counted from when it is complete."""

    def let_use(self, snapshot_id: str, account_ids: frozenset[str]) -> None:
        """Let other accounts make volumes of a snapshot."""


class Scans(Protocol):
    """GuardDuty's malware scans in one account and region."""

    def start(self, instance_id: str) -> str | None:
        """Begin a scan; return its id. None: another began within the hour, and none is begun."""

    def of(self, instance_id: str) -> tuple[Scan, ...]:
        """Return the scans of the instance that GuardDuty knows of."""


class Forensics(Protocol):
    """What the instances of one account and region leave behind for whoever investigates."""

    def console(self, instance_id: str) -> str:
        """Return what the instance wrote to its console; empty: nothing that EC2 kept."""

    def user_data(self, instance_id: str) -> str:
        """Return what the instance was told to run at its first start; empty: nothing."""

    def screenshot(self, instance_id: str) -> bytes:
        """Return what its screen shows, JPEG; empty: nothing."""

    def surroundings(self, described: str) -> tuple[bytes, tuple[str, ...]]:
        """Return how AWS describes what the instance is attached to, JSON, and what it refused.

        `described` is EC2's answer about the instance, JSON.
        """
