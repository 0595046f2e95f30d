"""Sample findings: real in account, region and detector, made up in everything else.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/sample_findings.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sandbox.faithful.guardduty_findings import Finding, action

SAMPLE_INSTANCE = "i-99999999"

# What is made when no type is asked for: one of each severity. GuardDuty makes some hundred.
_TYPES = (
    "Backdoor:EC2/C&CActivity.B!DNS",
    "Backdoor:EC2/Spambot",
    "UnauthorizedAccess:EC2/SSHBruteForce",
)
# The severities that GuardDuty documents, by the beginning of the type; the first that fits.
# Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html
_SEVERITIES = {
    "Backdoor:EC2/Spambot": 5.0,
    "Backdoor:": 8.0,
    "Behavior:": 5.0,
    "CryptoCurrency:": 8.0,
    "DefenseEvasion:": 5.0,
    "Impact:EC2/AbusedDomainRequest": 5.0,
    "Impact:EC2/SuspiciousDomainRequest": 2.0,
    "Policy:": 2.0,
    "Recon:EC2/PortProbeEMR": 8.0,
    "Recon:EC2/PortProbe": 2.0,
    "Recon:": 5.0,
    "Trojan:EC2/BlackholeTraffic": 5.0,
    "Trojan:EC2/DropPoint": 5.0,
    "UnauthorizedAccess:EC2/MaliciousIPCaller": 5.0,
    "UnauthorizedAccess:EC2/RDPBruteForce": 2.0,
    "UnauthorizedAccess:EC2/SSHBruteForce": 2.0,
}
_OTHERWISE = 8.0
_DOERS = ("DenialOfService", "Portscan", "PortSweep", "DNSDataExfiltration", "UnusualDNS")


def sample_types(wanted: list[str] | None) -> tuple[str, ...]:
    """Return the types to make samples of: those asked for, or a few."""
    return tuple(wanted or _TYPES)


def sample_finding(account_id: str, region: str, detector_id: str, type_: str) -> Finding:
    """Return what CreateSampleFindings makes for `type_`, as an event's `detail`.

    In an event `service.additionalInfo.sample` is true; in the API's answers only the JSON text
    `additionalInfo.value` says so.
    """
    name, now = uuid.uuid4().hex, datetime.now(UTC)
    said = f"{now.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    inbound = "BruteForce" in type_ or "PortProbe" in type_
    return {
        "schemaVersion": "2.0",
        "accountId": account_id,
        "region": region,
        "partition": "aws",
        "id": name,
        "arn": f"arn:aws:guardduty:{region}:{account_id}:detector/{detector_id}/finding/{name}",
        "type": type_,
        "severity": _severity(type_),
        "createdAt": said,
        "updatedAt": said,
        "title": f"[SAMPLE] {type_} on {SAMPLE_INSTANCE}",
        "description": f"A sample of what GuardDuty says of the EC2 instance {SAMPLE_INSTANCE}.",
        "resource": {"resourceType": "Instance", "instanceDetails": _instance(account_id)},
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector_id,
            "archived": False,
            "count": 1,
            "eventFirstSeen": said,
            "eventLastSeen": said,
            "resourceRole": "ACTOR" if any(doer in type_ for doer in _DOERS) else "TARGET",
            "action": action(type_, "INBOUND" if inbound else "OUTBOUND", "198.51.100.0"),
            "additionalInfo": {
                "sample": True,
                "value": json.dumps({"sample": True}),
                "type": "default",
            },
        },
    }


def _severity(type_: str) -> float:
    fits = (severity for start, severity in _SEVERITIES.items() if type_.startswith(start))
    return next(fits, _OTHERWISE)


def _instance(account_id: str) -> dict[str, Any]:
    return {
        "instanceId": SAMPLE_INSTANCE,
        "instanceType": "m3.xlarge",
        "imageId": "ami-99999999",
        "instanceState": "running",
        "availabilityZone": "generated-az-1a",
        "launchTime": "2016-08-02T02:05:06.000Z",
        "platform": None,
        "productCodes": [],
        "iamInstanceProfile": {
            "arn": f"arn:aws:iam::{account_id}:instance-profile/generated",
            "id": "GeneratedFindingInstanceProfileId",
        },
        "networkInterfaces": [_interface(number) for number in (1, 2)],
        "tags": [
            {"key": f"GeneratedFindingInstanceTag{n}", "value": f"GeneratedFindingInstanceValue{n}"}
            for n in (1, 2)
        ],
    }


def _interface(number: int) -> dict[str, Any]:
    return {
        "networkInterfaceId": f"eni-abcdef0{number - 1}",
        "privateIpAddress": f"10.0.0.{number}",
        "privateIpAddresses": [{"privateIpAddress": f"10.0.0.{number}"}],
        "publicIp": f"198.51.100.{number}",
        "ipv6Addresses": [],
        "subnetId": f"GeneratedFindingSubnetId{number}",
        "vpcId": f"vpc-generatedvpcid{number}",
        "securityGroups": [
            {
                "groupId": "GeneratedFindingSecurityId1",
                "groupName": "GeneratedFindingSecurityGroupName1",
            }
        ],
    }
