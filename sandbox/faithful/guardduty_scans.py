"""Malware scans as GuardDuty has them: they take time, and there is one an hour of an instance.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/on-demand-malware-scan.html
"""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

from moto.ec2.models import ec2_backends

from sandbox.faithful.guardduty_lists import BadRequest

Scan = dict[str, Any]

_HOUR = 3_600  # seconds
_LOOKS = 2  # that describe a scan before it is over: no clock, so that each run is the same
# A file that every scanner takes for malware, and that is none; here it stands in the user data.
_EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Conflict(BadRequest):
    """GuardDuty refuses a scan so soon after the one before."""

    code = 409

    def get_headers(self, *_: Any, **__: Any) -> list[tuple[str, str]]:
        return [("X-Amzn-ErrorType", "ConflictException")]


def start(account_id: str, region: str, scans: list[Scan], arn: str) -> str:
    """Begin a scan of the instance `arn`; return its id.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/initiate-on-demand-scan-on-same-resource.html
    """
    instance = ec2_backends[account_id][region].get_instance_by_id(arn.rpartition("/")[2])
    if instance is None or f":{account_id}:" not in arn:
        raise BadRequest("The request is rejected because the resource was not found.")
    now = int(time.time())
    if any(
        each["resourceDetails"]["instanceArn"] == arn and now - each["scanStartTime"] < _HOUR
        for each in scans
    ):
        why = (
            "A scan was started on this resource recently. You can request a scan on the same "
            "resource one hour after the previous scan start time."
        )
        raise Conflict(why, "ConflictException")
    scans.append(
        {
            "scanId": uuid.uuid4().hex,
            "accountId": account_id,
            "resourceDetails": {"instanceArn": arn},
            "scanStatus": "RUNNING",
            "scanStartTime": now,
            "scanType": "ON_DEMAND",
            "_looks": _LOOKS,
            "_ends": _end(instance),
        }
    )
    return str(scans[-1]["scanId"])


def described(scans: list[Scan], wanted: dict[str, Any]) -> list[Scan]:
    """Return the scans that a request asks for, the newest first; each comes nearer to its end."""
    criteria = (wanted.get("filterCriteria") or {}).get("filterCriterion") or []
    found = [each for each in scans if all(_fits(each, criterion) for criterion in criteria)]
    for each in found:
        each["_looks"] -= 1
        if each["_looks"] < 0:
            each.update(each["_ends"])
    return [
        {name: value for name, value in each.items() if not name.startswith("_")}
        for each in reversed(found)
    ]


def _fits(scan: Scan, criterion: dict[str, Any]) -> bool:
    if criterion.get("criterionKey") != "EC2_INSTANCE_ARN":
        raise BadRequest("The request is rejected because of a criterion that is not known here.")
    wanted = criterion["filterCondition"]["equalsValue"]
    return bool(scan["resourceDetails"]["instanceArn"] == wanted)


def _end(instance: Any) -> Scan:
    """Return how a scan of the instance ends.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/malware-protection-customizations.html
    """
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    if tags.get("GuardDutyExcluded") == "true":
        return {"scanStatus": "SKIPPED", "failureReason": "EXCLUDED_BY_SCAN_SETTINGS"}
    told = base64.b64decode(instance.user_data.as_bytes()) if instance.user_data else b""
    result = "INFECTED" if _EICAR in told else "CLEAN"
    return {"scanStatus": "COMPLETED", "scanResultDetails": {"scanResult": result}}
