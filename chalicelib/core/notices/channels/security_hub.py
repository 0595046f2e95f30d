"""AWS Security Hub: a finding in ASFF, for BatchImportFindings.

Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html (lengths)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.notices.channels.channel import alert_of, is_release
from chalicelib.core.notices.channels.lines import (
    fitted,
    instances_of,
    next_steps,
    strings,
    subject_of,
    summary,
    tame,
)
from chalicelib.core.notices.notice import Kind, Notice, Section

_TITLE = 256  # characters
_DESCRIPTION = 1_024  # characters
_RECOMMENDATION = 512  # characters
_ID = 512  # characters
_RESOURCES = 32
_LABELS = {"Critical": "CRITICAL", "High": "HIGH", "Medium": "MEDIUM", "Low": "LOW"}
_ABOUT_AN_INSTANCE = frozenset(
    {Kind.FINDING, Kind.CONTAINMENT, Kind.HOLD, Kind.RELEASE, Kind.DRIFT}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the findings are imported: Security Hub takes them from their own account only."""

    partition: str
    region: str
    account_id: str


def render(notice: Notice, here: Place, at: datetime) -> dict[str, Any]:
    """Return the finding: one for each incident, updated by every notice, archived by its release.

    Its id is that of the incident, so that one imported twice is there once.

    Args:
        notice: what to say.
        here: the account and region of the importer.
        at: when the notice was published, UTC.
    """
    arn = f"arn:{here.partition}:securityhub:{here.region}:{here.account_id}"
    moment = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    finding: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": tame(f"cordon/{alert_of(notice)}", _ID),
        "ProductArn": f"{arn}:product/{here.account_id}/default",
        "GeneratorId": f"cordon/{notice.kind}",
        "AwsAccountId": here.account_id,
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Title": subject_of(notice, _TITLE),
        "Description": _joined(_said(notice), _DESCRIPTION) or summary(notice),
        "FindingProviderFields": {
            "Severity": {"Label": _LABELS.get(notice.severity, "HIGH")},
            "Types": [_type(notice)],
        },
        "ProductFields": {"cordon/kind": notice.kind.value, "cordon/summary": summary(notice)},
        "RecordState": "ARCHIVED" if is_release(notice) else "ACTIVE",
        "Resources": list(_resources(notice, here)),
    }
    steps = _joined(next_steps(notice), _RECOMMENDATION)
    if steps:
        finding["Remediation"] = {"Recommendation": {"Text": steps}}
    return finding


def _said(notice: Notice) -> tuple[Section, ...]:
    """Return the sections but for the next steps, which have a place of their own."""
    steps = next_steps(notice)
    return tuple(section for section in notice.sections if section not in steps)


def _joined(sections: tuple[Section, ...], most: int) -> str:
    fits = fitted(sections, most, lambda text: len(text) + 1)  # with the end of its line
    return "\n".join("\n".join((heading, *lines)).strip() for heading, lines in fits)


def _type(notice: Notice) -> str:
    if notice.kind in _ABOUT_AN_INSTANCE:
        return "Unusual Behaviors/VM"
    return "Software and Configuration Checks/AWS Security Best Practices"


def _resources(notice: Notice, here: Place) -> Iterator[dict[str, Any]]:
    region = next(strings(notice.facts.get("region")), here.region)
    place = f"arn:{here.partition}:ec2:{region}:{notice.account_id}"
    for instance_id in instances_of(notice)[:_RESOURCES]:
        yield {
            "Type": "AwsEc2Instance",
            "Id": tame(f"{place}:instance/{instance_id}", _ID),
            "Partition": here.partition,
            "Region": tame(region, 16),
        }
    if not instances_of(notice):
        yield {"Type": "AwsAccount", "Id": tame(f"AWS::::Account:{notice.account_id}", _ID)}
