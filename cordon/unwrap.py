"""GuardDuty's findings in the clothes of Security Hub: ASFF and OCSF, back to what they were.

Sources: https://docs.aws.amazon.com/guardduty/latest/ug/securityhub-integration.html and
https://schema.ocsf.io/classes/detection_finding
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_GUARDDUTY = "GuardDuty"
# TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS
_ASFF_TYPE = re.compile(r"(?:.*/)?([A-Za-z]+:[A-Za-z0-9]+)-(.+)")
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}$")
_RESOURCES = {
    "AwsEc2Instance": "Instance",
    "AwsIamAccessKey": "AccessKey",
    "AwsS3Bucket": "S3Bucket",
    "AwsEksCluster": "EKSCluster",
    "AwsEcsCluster": "ECSCluster",
    "AwsRdsDbInstance": "RDSDBInstance",
    "AwsLambdaFunction": "Lambda",
    "Container": "Container",
    "AWS::EC2::Instance": "Instance",
    "AWS::IAM::AccessKey": "AccessKey",
    "AWS::S3::Bucket": "S3Bucket",
    "AWS::EKS::Cluster": "EKSCluster",
    "AWS::ECS::Cluster": "ECSCluster",
}
_OCSF_SEVERITY = {1: 1.0, 2: 2.0, 3: 5.0, 4: 8.0, 5: 9.5, 6: 10.0}
_FIELD = "aws/guardduty/service/"


class NotOursError(ValueError):
    """A finding of Security Hub's that is not GuardDuty's; the message says whose."""


def unwrapped(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the finding that `found` was, as GuardDuty exports it; None: it is no such clothes.

    Raises:
        NotOursError: another product found it.
        ValueError: it is not as Security Hub writes it.
    """
    try:
        if "SchemaVersion" in found and "ProductArn" in found:
            return _from_asff(found)
        if "class_uid" in found and "finding_info" in found:
            return _from_ocsf(found)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"not as Security Hub writes a finding: {error!r}") from error
    return None


def _from_asff(found: Mapping[str, Any]) -> Mapping[str, Any]:
    product = str(found.get("ProductName") or found["ProductArn"].rsplit("/", 1)[-1])
    if product.lower() != _GUARDDUTY.lower():
        raise NotOursError(f"a finding of {product}, not of GuardDuty")
    said = _ASFF_TYPE.fullmatch(found["Types"][0])
    if said is None:
        raise ValueError(f"not as Security Hub writes a finding: Types is {found['Types']!r}")
    fields = found.get("ProductFields") or {}
    action = f"{_FIELD}action/networkConnectionAction/"
    return {
        "accountId": found["AwsAccountId"],
        "region": found.get("Region") or found["Id"].split(":")[3],
        "id": found["Id"].rsplit("/", 1)[-1],
        "type": f"{said[1]}/{said[2]}",
        "severity": found["Severity"].get("Product") or found["Severity"]["Normalized"] / 10,
        "title": found.get("Title", ""),
        "updatedAt": found.get("UpdatedAt"),
        "resource": _resource((each["Type"], each["Id"]) for each in found["Resources"]),
        "service": {
            "serviceName": "guardduty",
            "archived": fields.get(f"{_FIELD}archived") == "true",
            "count": int(fields.get(f"{_FIELD}count") or 1),
            "eventLastSeen": fields.get(f"{_FIELD}eventLastSeen") or found.get("LastObservedAt"),
            "resourceRole": fields.get(f"{_FIELD}resourceRole"),
            "action": {
                "networkConnectionAction": {
                    "connectionDirection": fields.get(f"{action}connectionDirection"),
                    "remoteIpDetails": {
                        "ipAddressV4": fields.get(f"{action}remoteIpDetails/ipAddressV4")
                    },
                }
            },
            "additionalInfo": {"sample": bool(found.get("Sample"))},
        },
    }


def _from_ocsf(found: Mapping[str, Any]) -> Mapping[str, Any]:
    product = str(found["metadata"]["product"]["name"])
    if _GUARDDUTY.lower() not in product.lower():
        raise NotOursError(f"a finding of {product}, not of GuardDuty")
    info, cloud = found["finding_info"], found["cloud"]
    return {
        "accountId": cloud["account"]["uid"],
        "region": cloud["region"],
        "id": str(info["uid"]).rsplit("/", 1)[-1],
        "type": info["types"][0],
        "severity": _OCSF_SEVERITY[found["severity_id"]],
        "title": info.get("title", ""),
        "updatedAt": info.get("modified_time_dt"),
        "resource": _resource((each.get("type", ""), each["uid"]) for each in found["resources"]),
        "service": {
            "serviceName": "guardduty",
            "archived": found.get("status_id") == 3,  # noqa: PLR2004 - suppressed
            "count": found.get("count", 1),
            "eventLastSeen": info.get("last_seen_time_dt"),
            "resourceRole": None,
        },
    }


def _resource(resources: Iterator[tuple[str, str]]) -> dict[str, Any]:
    named = list(resources)
    ids = [found[0] for _, uid in named if (found := _INSTANCE.search(uid))]
    types = [_RESOURCES[kind] for kind, _ in named if kind in _RESOURCES]
    about = "Instance" if ids and "AccessKey" not in types else next(iter(types), None)
    return {"resourceType": about, "instanceDetails": {"instanceId": ids[0]} if ids else None}
