"""The items of the table `cordon-<stage>`, to and from Cordon's values.

Keys are `pk` and `sk`:

    about#<key>                sighting#<finding id>   a finding about the key's instance; expires
                               quarantine#000001       a quarantine; a new one, the next number
                               exemption               an entry of the central list
    timeline#<key>#<number>    line#<tag>              one line of a quarantine's timeline
                               described               the instance before the cut, JSON
    control                    mode                    the kill switch
                               mode#<moment>           what it was set to, and by whom
                               breaker#<account>       containments in the present window
                               digest, exercise        when they last were

A key is that of an instance, account/region/id, or of a finding about no instance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.api.cursor import Place
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from chalicelib.core.policy.mode import ModeSetting
from chalicelib.core.policy.policy import Mode, Response
from chalicelib.core.quarantine.dossier import Breaker, Exemption, Sighting
from chalicelib.core.quarantine.record import (
    Line,
    Original,
    Quarantine,
    State,
    Step,
    StepName,
    StepStatus,
)
from chalicelib.core.quarantine.release import Release, Verdict

Item = dict[str, Any]

QUARANTINE = "quarantine#"
SIGHTING = "sighting#"
EXEMPTION = "exemption"
CONTROL = "control"
MODE = "mode"
DESCRIBED = "described"
KIND = "quarantine"  # of the items that the index by_opened holds

_KEPT = timedelta(days=90)  # as long as GuardDuty keeps a finding


def about(key: str) -> str:
    """Return the partition of what is known about an instance, or a finding about none."""
    return f"about#{key}"


def quarantine_key(quarantine: Quarantine) -> Item:
    """Return the key of a quarantine; its number has six digits, so that they sort."""
    return {"pk": about(quarantine.ref.key), "sk": f"{QUARANTINE}{quarantine.number:06d}"}


def place(after: Place, key: str, value: str) -> Item:
    """Return where a list goes on after `after`, in the index by `key`, of those with `value`."""
    at = {"opened_at": after.opened_at.isoformat(), key: value}
    return {"pk": about(after.key), "sk": f"{QUARANTINE}{after.number:06d}", **at}


def timeline(quarantine: Quarantine) -> str:
    """Return the partition of a quarantine's timeline."""
    return f"timeline#{quarantine.ref.key}#{quarantine.number:06d}"


def breaker_key(account_id: str) -> Item:
    """Return the key of an account's breaker."""
    return {"pk": CONTROL, "sk": f"breaker#{account_id}"}


def from_quarantine(quarantine: Quarantine) -> Item:
    """Return the item of `quarantine`; `kind`, `state` and `opened_at` are keys of the indexes."""
    ref = quarantine.ref
    return {
        **quarantine_key(quarantine),
        "kind": KIND,
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
        "originals": [
            {"interface_id": o.interface_id, "vpc_id": o.vpc_id, "group_ids": list(o.group_ids)}
            for o in quarantine.originals
        ],
        "steps": {
            name.value: {"status": step.status.value, "detail": step.detail}
            for name, step in quarantine.steps.items()
        },
        "release": quarantine.release and _from_release(quarantine.release),
        "released_at": quarantine.released_at and quarantine.released_at.isoformat(),
        "workers": {name: until.isoformat() for name, until in quarantine.workers.items()},
    }


def to_quarantine(item: Mapping[str, Any]) -> Quarantine:
    """Return the quarantine of `item`, as `from_quarantine` wrote it."""
    return Quarantine(
        ref=InstanceRef(item["account_id"], item["region"], item["instance_id"]),
        number=int(item["number"]),
        state=State(item["state"]),
        version=int(item["version"]),
        opened_at=_moment(item["opened_at"]),
        opened_by=item["opened_by"],
        reason=item["reason"],
        finding_id=item["finding_id"],
        finding_type=item["finding_type"],
        severity=Band(item["severity"]),
        originals=tuple(
            Original(o["interface_id"], o["vpc_id"], tuple(o["group_ids"]))
            for o in item["originals"]
        ),
        steps={
            StepName(name): Step(StepStatus(step["status"]), step["detail"])
            for name, step in item["steps"].items()
        },
        release=_to_release(item["release"]) if item["release"] else None,
        released_at=_moment(item["released_at"]) if item["released_at"] else None,
        workers={name: _moment(until) for name, until in item["workers"].items()},
    )


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
        at=_moment(item["at"]),
        confirmed_by=item["confirmed_by"],
    )


def from_line(quarantine: Quarantine, line: Line, *, tag: str = "") -> Item:
    """Return the item of a timeline's `line`.

    Without `tag` it is named by what it says: the same again is the same item.
    """
    detail = json.dumps(line.detail, sort_keys=True)
    said = hashlib.sha256(f"{line.who}\n{line.what}\n{detail}".encode()).hexdigest()
    return {
        "pk": timeline(quarantine),
        "sk": f"line#{tag or said}",
        "at": line.at.isoformat(),
        "who": line.who,
        "what": line.what,
        "detail": detail,
    }


def to_line(item: Mapping[str, Any]) -> Line:
    """Return the line of `item`."""
    return Line(_moment(item["at"]), item["who"], item["what"], json.loads(item["detail"]))


def from_sighting(key: str, sighting: Sighting) -> Item:
    """Return the item of `sighting`; it expires once GuardDuty has dropped the finding."""
    return {
        "pk": about(key),
        "sk": f"{SIGHTING}{sighting.finding_id}",
        "finding_id": sighting.finding_id,
        "finding_type": sighting.finding_type,
        "response": sighting.response.value,
        "seen_at": sighting.seen_at.isoformat(),
        "told": sighting.told,
        "sha256": sighting.sha256,
        "expires": int((sighting.seen_at + _KEPT).timestamp()),
    }


def to_sighting(item: Mapping[str, Any]) -> Sighting:
    """Return the sighting of `item`."""
    return Sighting(
        finding_id=item["finding_id"],
        finding_type=item["finding_type"],
        response=Response(item["response"]),
        seen_at=_moment(item["seen_at"]),
        told=item["told"],
        sha256=item["sha256"],
    )


def to_exemption(item: Mapping[str, Any]) -> Exemption:
    """Return the exemption of `item`, which a person wrote by hand.

    Without an `until` that can be read it does not end: it holds, and people are told so.
    """
    try:
        until = _moment(str(item["until"]))
    except (KeyError, ValueError):
        until = None
    return Exemption(str(item.get("reason", "")), until)


def to_mode(item: Mapping[str, Any]) -> Mode:
    """Return the mode of the kill switch's `item`; whatever is not `enforce` stops Cordon."""
    return Mode.ENFORCE if item.get("mode") == Mode.ENFORCE else Mode.OBSERVE


def from_mode_setting(setting: ModeSetting) -> tuple[Item, Item]:
    """Return the items of the kill switch as it is now, and of what stays on record of it."""
    said = {"pk": CONTROL, **setting.as_json()}
    return {**said, "sk": MODE}, {**said, "sk": f"{MODE}#{setting.at.isoformat()}"}


def to_mode_setting(item: Mapping[str, Any]) -> ModeSetting:
    """Return the setting of `item`, which a person may have written by hand."""
    try:
        at = _moment(str(item["at"]))
    except (KeyError, ValueError):
        at = datetime.min.replace(tzinfo=UTC)
    return ModeSetting(to_mode(item), str(item.get("by", "?")), str(item.get("reason", "")), at)


def to_breaker(item: Mapping[str, Any]) -> Breaker:
    """Return the breaker of `item`; of an account that has none, one that never counted."""
    if not item:
        return Breaker()
    return Breaker(_moment(item["since"]), int(item["count"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
