"""Findings to send to the sandbox: each of the demo's, by a name that says what happens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Sendable:
    """One finding, and the instance of the sandbox that it is about unless another is named."""

    type: str
    severity: float
    instance: str
    role: str = "TARGET"
    direction: str = "OUTBOUND"


SENDABLE: Mapping[str, Sendable] = {
    "command-and-control": Sendable("Backdoor:EC2/C&CActivity.B", 8.0, "web"),
    "brute-force": Sendable(
        "UnauthorizedAccess:EC2/SSHBruteForce", 2.0, "login", direction="INBOUND"
    ),
    "bitcoin": Sendable("CryptoCurrency:EC2/BitcoinTool.B", 8.0, "bastion"),
    "spam": Sendable("Backdoor:EC2/Spambot", 5.0, "mail"),
    "portscan": Sendable("Recon:EC2/Portscan", 5.0, "mail", role="ACTOR"),
}


def an_exercise(account_id: str, region: str, instance_id: str) -> dict[str, Any]:
    """Return the finding of an exercise, a new one each time; its label says that it is one."""
    what = Sendable("Backdoor:EC2/C&CActivity.B", 8.0, instance_id)
    detail = detail_of(what, account_id, region, instance_id)
    service = {**detail["service"], "additionalInfo": {"exercise": True}}
    title = f"An exercise: {instance_id} did nothing."
    return {**detail, "id": uuid4().hex, "title": title, "service": service}


def detail_of(what: Sendable, account_id: str, region: str, instance_id: str) -> dict[str, Any]:
    """Return the finding as an event's `detail`; the same again is the next version of it."""
    now = f"{datetime.now(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    name = hashlib.sha256(f"{what.type} {instance_id}".encode()).hexdigest()[:32]
    connection = {
        "connectionDirection": what.direction,
        "remoteIpDetails": {"ipAddressV4": "198.51.100.7"},
    }
    return {
        "schemaVersion": "2.0",
        "accountId": account_id,
        "region": region,
        "partition": "aws",
        "id": name,
        "type": what.type,
        "severity": what.severity,
        "createdAt": now,
        "updatedAt": now,
        "title": f"{what.type} of {instance_id}, sent by hand.",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {"instanceId": instance_id},
        },
        "service": {
            "serviceName": "guardduty",
            "archived": False,
            "count": 1,
            "eventFirstSeen": now,
            "eventLastSeen": now,
            "resourceRole": what.role,
            "action": {
                "actionType": "NETWORK_CONNECTION",
                "networkConnectionAction": connection,
            },
        },
    }
