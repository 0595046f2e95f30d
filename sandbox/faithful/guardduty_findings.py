"""Findings as GuardDuty makes them: kept in their detector, and sent to EventBridge."""

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

Finding = dict[str, Any]


def finding_about(  # noqa: PLR0913 - what tells one finding from another
    account_id: str,
    region: str,
    detector_id: str,
    instance_id: str,
    *,
    type_: str,
    severity: float,
    role: str | None = "TARGET",
    direction: str | None = "OUTBOUND",
    remote: str = "198.51.100.7",
    finding_id: str | None = None,
    last_seen: datetime | None = None,
) -> Finding:
    """Return a finding, in the shape of an event's `detail`, about an instance of the sandbox.

    The instance is described as EC2 knows it now, with all its interfaces and tags. An id that was
    published before makes the next version of that finding: counted on, and later. A type that is
    about DNS, or no `direction`, makes the action a DNS request; otherwise it is a connection with
    `remote`, an IPv4 address. `role` None leaves the role out, as GuardDuty does at times.

    Raises:
        InvalidInstanceIdError: moto's; there is no such instance.
    """
    name = finding_id or uuid.uuid4().hex
    now = _iso(datetime.now(UTC))
    earlier = stored(account_id, region, detector_id).get(name)
    service: dict[str, Any] = {
        "serviceName": "guardduty",
        "detectorId": detector_id,
        "archived": False,
        "count": earlier["service"]["count"] + 1 if earlier else 1,
        "eventFirstSeen": earlier["service"]["eventFirstSeen"] if earlier else now,
        "eventLastSeen": _iso(last_seen) if last_seen else now,
        "action": action(type_, direction, remote),
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


def action(type_: str, direction: str | None, remote: str) -> dict[str, Any]:
    """Return what the instance did, or what was done to it."""
    if direction is None or "DNS" in type_ or "DomainRequest" in type_:
        request = {"domain": "c2.example.org", "protocol": "UDP", "blocked": False}
        return {"actionType": "DNS_REQUEST", "dnsRequestAction": request}
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "blocked": False,
            "connectionDirection": direction,
            "protocol": "TCP",
            "localPortDetails": {"port": 39677, "portName": "Unknown"},
            "remotePortDetails": {"port": 443, "portName": "HTTPS"},
            "remoteIpDetails": {"ipAddressV4": remote},
        },
    }


def publish_finding(account_id: str, region: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the finding in its detector, and send it to EventBridge; return the event.

    `detail` is a complete finding; its `service.detectorId` says where it is kept.
    """
    finding: Finding = json.loads(json.dumps(detail))
    stored(account_id, region, finding["service"]["detectorId"])[finding["id"]] = finding
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "GuardDuty Finding",
        "source": "aws.guardduty",
        "account": account_id,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [],
        "detail": json.loads(json.dumps(finding)),
    }
    for deliver in tuple(ON_FINDING):
        deliver(account_id, region, event)
    return event


def stored(account_id: str, region: str, detector_id: str) -> dict[str, Finding]:
    """Return the findings of a detector; they live on it, so that moto's reset forgets them.

    Raises:
        DetectorNotFoundException: moto's; there is no such detector.
    """
    detector = guardduty_backends[account_id][region].get_detector(detector_id)
    findings: dict[str, Finding] = vars(detector).setdefault("_findings", {})
    return findings


def _instance_details(account_id: str, region: str, instance_id: str) -> dict[str, Any]:
    ec2: Any = ec2_backends[account_id][region]
    instance = ec2.get_instance(instance_id)
    association = ec2.iam_instance_profile_associations.get(instance_id)
    profile = association and association.iam_instance_profile
    return {
        "instanceId": instance_id,
        "instanceType": instance.instance_type,
        "imageId": instance.image_id,
        "instanceState": instance.state,
        "availabilityZone": instance.placement.zone,
        "platform": None,
        "productCodes": [],
        "iamInstanceProfile": profile and {"arn": profile.arn, "id": profile.id},
        "networkInterfaces": [_interface_details(each) for each in instance.nics.values()],
        "tags": [{"key": tag["key"], "value": tag["value"]} for tag in instance.get_tags()],
    }


def _interface_details(interface: Any) -> dict[str, Any]:
    public = {"publicIp": interface.public_ip} if interface.public_ip else {}
    groups = [{"groupId": group.id, "groupName": group.name} for group in interface.group_set]
    return public | {
        "networkInterfaceId": interface.id,
        "privateIpAddress": interface.private_ip_address,
        "privateIpAddresses": [{"privateIpAddress": interface.private_ip_address}],
        "ipv6Addresses": list(interface.ipv6_addresses),
        "subnetId": interface.subnet.id,
        "vpcId": interface.subnet.vpc_id,
        "securityGroups": groups,
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
