"""Findings as GuardDuty makes them: about real instances of the sandbox, and samples about none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.guardduty.models import guardduty_backends

# Called with account, region and event for each finding; the sandbox delivers it to EventBridge.
ON_FINDING: list[Callable[[str, str, dict[str, Any]], None]] = []

SAMPLE_INSTANCE = "i-99999999"
_SAMPLE_TYPES = ("Backdoor:EC2/C&CActivity.B!DNS", "UnauthorizedAccess:EC2/SSHBruteForce")
_SEVERITIES = {"Recon": 2.0, "Policy": 2.0, "Behavior": 5.0, "DefenseEvasion": 5.0}
_DEFAULT_SEVERITY = 8.0


def finding_about(  # noqa: PLR0913 - what tells one finding from another
    account_id: str,
    region: str,
    detector_id: str,
    instance_id: str,
    *,
    type_: str,
    severity: float,
    role: str | None = "TARGET",
    direction: str = "OUTBOUND",
    remote: str = "198.51.100.7",
    finding_id: str | None = None,
    last_seen: datetime | None = None,
) -> dict[str, Any]:
    """Return a finding, in the shape of an event's `detail`, about an instance of the sandbox.

    The instance is described as EC2 knows it now. An id that was published before makes the next
    version of that finding: counted on, and later.
    """
    name = finding_id or uuid.uuid4().hex
    now = _iso(datetime.now(UTC))
    earlier = _stored(account_id, region, detector_id).get(name)
    service: dict[str, Any] = {
        "serviceName": "guardduty",
        "detectorId": detector_id,
        "archived": False,
        "count": earlier["service"]["count"] + 1 if earlier else 1,
        "eventFirstSeen": earlier["service"]["eventFirstSeen"] if earlier else now,
        "eventLastSeen": _iso(last_seen) if last_seen else now,
        "action": {
            "actionType": "NETWORK_CONNECTION",
            "networkConnectionAction": {
                "blocked": False,
                "connectionDirection": direction,
                "protocol": "TCP",
                "remoteIpDetails": {"ipAddressV4": remote},
            },
        },
        "additionalInfo": {"value": "{}", "type": "default"},
    }
    if role:
        service["resourceRole"] = role
    return {
        "schemaVersion": "2.0",
        "accountId": account_id,
        "region": region,
        "partition": "aws",
        "id": name,
        "arn": f"arn:aws:guardduty:{region}:{account_id}:detector/{detector_id}/finding/{name}",
        "type": type_,
        "severity": severity,
        "createdAt": earlier["createdAt"] if earlier else now,
        "updatedAt": now,
        "title": f"{type_} on {instance_id}",
        "description": f"The instance {instance_id} and {remote}.",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": _instance_details(account_id, region, instance_id),
        },
        "service": service,
    }


def sample_finding(account_id: str, region: str, detector_id: str, type_: str) -> dict[str, Any]:
    """Return what CreateSampleFindings makes: real in its place, made up in its instance."""
    tactic = type_.split(":", maxsplit=1)[0]
    severity = _SEVERITIES.get(tactic, _DEFAULT_SEVERITY)
    finding = finding_about(
        account_id, region, detector_id, SAMPLE_INSTANCE, type_=type_, severity=severity
    )
    finding["title"] = f"[SAMPLE] {finding['title']}"
    finding["service"]["additionalInfo"] = {
        "value": json.dumps({"sample": True}),
        "type": "default",
        "sample": True,
    }
    return finding


def sample_types(wanted: list[str] | None) -> tuple[str, ...]:
    """Return the types to make samples of: those asked for, or a few."""
    return tuple(wanted) if wanted else _SAMPLE_TYPES


def publish_finding(account_id: str, region: str, finding: Mapping[str, Any]) -> dict[str, Any]:
    """Keep `finding` in its detector, and send it to EventBridge; return the event."""
    detail = json.loads(json.dumps(finding))
    _stored(account_id, region, detail["service"]["detectorId"])[detail["id"]] = detail
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": account_id,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [],
        "detail": detail,
    }
    for deliver in tuple(ON_FINDING):
        deliver(account_id, region, event)
    return event


def _stored(account_id: str, region: str, detector_id: str) -> dict[str, dict[str, Any]]:
    """Return the findings of a detector; they live on it, so that moto's reset forgets them."""
    detector = guardduty_backends[account_id][region].get_detector(detector_id)
    findings: dict[str, dict[str, Any]] = vars(detector).setdefault("_findings", {})
    return findings


def _instance_details(account_id: str, region: str, instance_id: str) -> dict[str, Any]:
    if instance_id == SAMPLE_INSTANCE:
        return {"instanceId": SAMPLE_INSTANCE, "networkInterfaces": [], "tags": []}
    instance = ec2_backends[account_id][region].get_instance(instance_id)
    return {
        "instanceId": instance_id,
        "instanceType": instance.instance_type,
        "imageId": instance.image_id,
        "instanceState": instance.state,
        "networkInterfaces": [
            {
                "networkInterfaceId": interface.id,
                "privateIpAddress": interface.private_ip_address,
                "subnetId": interface.subnet.id,
                "vpcId": interface.subnet.vpc_id,
                "securityGroups": [
                    {"groupId": group.id, "groupName": group.name} for group in interface.group_set
                ],
            }
            for interface in instance.nics.values()
        ],
        "tags": [{"key": tag["key"], "value": tag["value"]} for tag in instance.get_tags()],
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
