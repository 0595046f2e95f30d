"""Snapshots where moto 5.2.5 differs from AWS: they take time, and can be locked.

Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-create-snapshots.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_block_store import Snapshot
from moto.ec2.responses import EC2Response

from sandbox.faithful.mending import mend

_LOOKS = 2  # that describe a snapshot before it is complete: no clock, so that each run is the same


def install() -> None:
    """Mend moto's snapshots, for every account and region of this process."""
    _take_time()
    _are_locked()


def _take_time() -> None:
    create, describe = EC2Backend.create_snapshot, EC2Backend.describe_snapshots

    def created(backend: Any, *args: Any, **more: Any) -> Any:
        snapshot = create(backend, *args, **more)
        snapshot.status = "pending"
        vars(snapshot)["_looks"] = _LOOKS
        return snapshot

    def described(backend: Any, *args: Any, **more: Any) -> Any:
        found = describe(backend, *args, **more)
        for snapshot in found:
            left = vars(snapshot).get("_looks", 0)
            vars(snapshot)["_looks"] = left - 1
            if left <= 1:
                snapshot.status = "completed"
        return found

    # Moto leaves the state out of the answer to CreateSnapshots.
    mend(Snapshot, "state", property(lambda snapshot: snapshot.status), is_new=True)
    mend(EC2Backend, "create_snapshot", created)
    mend(EC2Backend, "describe_snapshots", described)


def _are_locked() -> None:
    delete = EC2Backend.delete_snapshot

    def deleted(backend: Any, snapshot_id: str) -> Any:
        if _is_locked(backend.get_snapshot(snapshot_id)):
            # The code is not AWS's own, which it documents nowhere; that it refuses is.
            raise EC2ClientError("OperationNotPermitted", f"The snapshot {snapshot_id} is locked.")
        return delete(backend, snapshot_id)

    mend(EC2Backend, "delete_snapshot", deleted)
    mend(EC2Response, "lock_snapshot", _lock, is_new=True)
    mend(EC2Response, "describe_locked_snapshots", _describe_locked, is_new=True)


def _is_locked(snapshot: Snapshot) -> bool:
    return "_lock" in vars(snapshot)


def _lock(response: Any) -> ActionResult:
    """Lock it; of one that is pending the time begins when it is complete.

    Source: https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lock-considerations.html
    """
    response.error_on_dryrun()
    snapshot = response.ec2_backend.get_snapshot(response._get_param("SnapshotId"))
    days, now = int(response._get_param("LockDuration")), datetime.now(UTC)
    lock: dict[str, Any] = {
        "SnapshotId": snapshot.id,
        "LockState": response._get_param("LockMode"),
        "LockDuration": days,
        "LockCreatedOn": now,
    }
    if snapshot.status == "completed":
        lock |= {"LockDurationStartTime": now, "LockExpiresOn": now + timedelta(days=days)}
    snapshot._lock = lock
    return ActionResult(lock)


def _describe_locked(response: Any) -> ActionResult:
    wanted = response._get_param("SnapshotIds") or []
    locks = [
        each._lock
        for each in response.ec2_backend.snapshots.values()
        if _is_locked(each) and (not wanted or each.id in wanted)
    ]
    return ActionResult({"Snapshots": locks})
