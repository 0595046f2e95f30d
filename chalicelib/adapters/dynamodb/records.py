"""The record of a quarantine as an item of the table, whichever version of Cordon wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from chalicelib.adapters.dynamodb.items import KIND, Item, moment_of, quarantine_key
from chalicelib.core.errors import UnreadableRecordError
from chalicelib.core.findings.severity import Band
from chalicelib.core.host import group_names_in, known
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.record import (
    Original,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
)
from chalicelib.core.quarantine.release import Release, Verdict
from chalicelib.core.quarantine.repairs import Repairs
from chalicelib.core.quarantine.times import Times

SCHEMA = 2  # of records; 1 had none written
_MARKS = tuple(field.name for field in fields(Times))
_STATUSES = frozenset(status.value for status in StepStatus)
# All that `from_quarantine` writes.
_KNOWN = frozenset(
    {
        *("pk", "sk", "kind", "schema", "instance_id", "account_id", "region", "number", "state"),
        *("version", "opened_at", "opened_by", "reason", "finding_id", "finding_type", "severity"),
        *("originals", "steps", "release", "released_at", "workers", "repairs", "times", "host"),
        "group_names",
    }
)


def from_quarantine(quarantine: Quarantine) -> Item:
    """Return the item of `quarantine`; `kind`, `state` and `opened_at` are keys of the indexes."""
    ref = quarantine.ref
    return {
        **quarantine.unknown,
        **quarantine_key(quarantine),
        "kind": KIND,
        "schema": SCHEMA,
        "instance_id": ref.instance_id,
        "account_id": ref.account_id,
        "region": ref.region,
        "number": quarantine.number,
        "state": quarantine.state.value,
        "version": quarantine.version,
        "opened_at": quarantine.opened_at.isoformat(),
        "opened_by": quarantine.opened_by,
        "reason": quarantine.reason,
        "finding_id": quarantine.finding_id,
        "finding_type": quarantine.finding_type,
        "severity": quarantine.severity.value,
        "originals": [_from_original(original) for original in quarantine.originals],
        "steps": {
            **quarantine.unknown_steps,
            **{name.value: _from_step(step) for name, step in quarantine.steps.items()},
        },
        "release": quarantine.release and _from_release(quarantine.release),
        "released_at": quarantine.released_at and quarantine.released_at.isoformat(),
        "workers": {name: until.isoformat() for name, until in quarantine.workers.items()},
        "repairs": _from_repairs(quarantine.repairs),
        "times": _from_times(quarantine.times),
        "host": dict(quarantine.host),
        "group_names": dict(quarantine.group_names),
    }


def to_quarantine(item: Mapping[str, Any]) -> Quarantine:
    """Return the quarantine of `item`, whichever version of Cordon wrote it.

    What is missing there has its default; what is not known here is kept as it is, to be written
    again.

    Raises:
        UnreadableRecordError: what no quarantine can be without is missing, or is something else.
    """
    try:
        return _to_quarantine(item)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        name = f"{item.get('pk')} {item.get('sk')}"
        raise UnreadableRecordError(name, f"{type(error).__name__}: {error}") from error


def _to_quarantine(item: Mapping[str, Any]) -> Quarantine:
    steps, unknown_steps = _to_steps(item.get("steps", {}))
    release, released_at = item.get("release"), item.get("released_at")
    return Quarantine(
        ref=InstanceRef(item["account_id"], item["region"], item["instance_id"]),
        number=int(item["number"]),
        state=State(item["state"]),
        version=int(item["version"]),
        opened_at=moment_of(item["opened_at"]),
        opened_by=item["opened_by"],
        reason=item["reason"],
        finding_id=item.get("finding_id"),
        finding_type=item.get("finding_type"),
        severity=Band(item["severity"]),
        originals=tuple(_to_original(original) for original in item["originals"]),
        steps=steps,
        release=_to_release(release) if release else None,
        released_at=moment_of(released_at) if released_at else None,
        workers={name: moment_of(until) for name, until in item.get("workers", {}).items()},
        repairs=_to_repairs(item.get("repairs")),
        times=_to_times(item.get("times")),
        host=known(item.get("host")),
        group_names=group_names_in(item.get("group_names")),
        unknown={name: value for name, value in item.items() if name not in _KNOWN},
        unknown_steps=unknown_steps,
    )


def _from_original(original: Original) -> Item:
    said = {
        "interface_id": original.interface_id,
        "vpc_id": original.vpc_id,
        "group_ids": list(original.group_ids),
    }
    return {**said, "since": original.since.isoformat()} if original.since else said


def _to_original(item: Mapping[str, Any]) -> Original:
    since = moment_of(item["since"]) if item.get("since") else None
    return Original(item["interface_id"], item["vpc_id"], tuple(item["group_ids"]), since)


def _from_repairs(repairs: Repairs) -> Item:
    return {"count": repairs.count, "last": repairs.last and repairs.last.isoformat()}


def _to_repairs(item: Mapping[str, Any] | None) -> Repairs:
    if not item or not item["last"]:
        return Repairs()
    return Repairs(int(item["count"]), moment_of(item["last"]))


def _from_times(times: Times) -> Item:
    found = {name: getattr(times, name) for name in _MARKS}
    return {name: moment.isoformat() for name, moment in found.items() if moment is not None}


def _to_times(item: Mapping[str, Any] | None) -> Times:
    return Times(**{name: moment_of(at) for name, at in (item or {}).items() if name in _MARKS})


def _to_steps(items: Mapping[str, Any]) -> tuple[dict[StepName, Step], dict[str, Any]]:
    """Return the steps that are known here, in their order, and all others as they are."""
    known = {
        name: _to_step(items[name])
        for name in StepName
        if name in items and items[name]["status"] in _STATUSES
    }
    return known, {name: step for name, step in items.items() if name not in known}


def _from_step(step: Step) -> Item:
    said: Item = {"status": step.status.value, "detail": step.detail}
    return {**said, "before": dict(step.before)} if step.before else said


def _to_step(item: Mapping[str, Any]) -> Step:
    return Step(StepStatus(item["status"]), item.get("detail", ""), item.get("before", {}))


def _from_release(release: Release) -> Item:
    return {
        "by": release.by,
        "reason": release.reason,
        "verdict": release.verdict.value,
        "accepts_drift": release.accepts_drift,
        "at": release.at.isoformat(),
        "confirmed_by": release.confirmed_by,
    }


def _to_release(item: Mapping[str, Any]) -> Release:
    return Release(
        by=item["by"],
        reason=item["reason"],
        verdict=Verdict(item["verdict"]),
        accepts_drift=item["accepts_drift"],
        at=moment_of(item["at"]),
        confirmed_by=item["confirmed_by"],
    )
