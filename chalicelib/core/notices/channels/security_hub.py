"""AWS Security Hub: a finding in ASFF, for BatchImportFindings, and the Note at its end.

Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html (lengths)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core.host import known
from chalicelib.core.notices.channels.incident import INCIDENT, incident_of, is_end, is_well, named
from chalicelib.core.notices.channels.limits import (
    HUB_ADVICE,
    HUB_DESCRIPTION,
    HUB_FIELD,
    HUB_ID,
    HUB_NOTE,
    HUB_NOTE_BY,
    HUB_RESOURCES,
    HUB_TAG,
    HUB_TITLE,
)
from chalicelib.core.notices.channels.lines import (
    fitted,
    instances_of,
    next_steps,
    strings,
    subject_of,
    summary,
    tame,
)
from chalicelib.core.notices.channels.links import console_of
from chalicelib.core.notices.fit import Section
from chalicelib.core.notices.notice import Notice

_GUARDDUTY = re.compile(
    r"arn:aws[a-z-]{0,12}:guardduty:[a-z0-9-]{9,20}:\d{12}:detector/[0-9a-f]{32}/finding/[0-9a-f]{32}",
    re.ASCII,
)
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}", re.ASCII)
_VPC = re.compile(r"vpc-[0-9a-f]{8,17}", re.ASCII)
# An import that is not newer than the one before is ignored: an end is newer than all that came.
_AFTER = timedelta(milliseconds=1)
_LABELS = {"Critical": "CRITICAL", "High": "HIGH", "Medium": "MEDIUM", "Low": "LOW"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the findings are imported: Security Hub takes them from their own account only."""

    partition: str
    region: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a finding shows that one notice alone does not know."""

    alert: str = INCIDENT
    is_open: bool = True
    began_at: datetime | None = None  # UTC; of the first notice
    newest_at: datetime | None = None  # UTC; of the newest that came
    severity: str = ""  # a band: the strongest so far


def render(notice: Notice, here: Place, at: datetime, shown: Shown | None = None) -> dict[str, Any]:
    """Return the finding: one for each incident, updated by every notice, archived by its end.

    Its id is that of the incident, so that one imported twice is there once. It keeps the time
    of the first notice and the severity of the strongest.

    Args:
        notice: what to say.
        here: the account and region of the importer.
        at: when the notice was published, UTC.
        shown: what came before; None: nothing, and it is open unless the notice ends it.
    """
    shown = shown or Shown(is_open=not (is_end(notice) or is_well(notice)))
    arn = f"arn:{here.partition}:securityhub:{here.region}:{here.account_id}"
    finding: dict[str, Any] = {
        "SchemaVersion": "2018-10-08",
        "Id": named(notice, shown.alert, HUB_ID.ours),
        "ProductArn": f"{arn}:product/{here.account_id}/default",
        "GeneratorId": f"cordon/{'incident' if incident_of(notice) else notice.kind}",
        "AwsAccountId": here.account_id,
        "CreatedAt": _moment(shown.began_at or at),
        "UpdatedAt": _moment(at if shown.is_open else max(at, shown.newest_at or at) + _AFTER),
        "Title": subject_of(notice, HUB_TITLE.ours),
        "Description": _joined(_said(notice), HUB_DESCRIPTION.ours) or summary(notice),
        "FindingProviderFields": {
            "Severity": {"Label": _LABELS.get(shown.severity or notice.severity, "HIGH")},
            "Types": [_type(notice)],
        },
        "ProductFields": {
            "cordon/kind": notice.kind.value,
            "cordon/summary": summary(notice),
            **_end_fields(notice),
        },
        "RecordState": "ACTIVE" if shown.is_open else "ARCHIVED",
        "Resources": list(_resources(notice, here)),
    }
    steps = _joined(next_steps(notice), HUB_ADVICE.ours)
    if related := _related(notice, here):
        finding["RelatedFindings"] = [related]
    if url := console_of(notice):
        finding["SourceUrl"] = url
    if is_end(notice):
        finding["Note"] = {**_note(notice), "UpdatedAt": _moment(at)}
    if steps:
        finding["Remediation"] = {"Recommendation": {"Text": steps}}
    return finding


def _end_fields(notice: Notice) -> dict[str, str]:
    """Return who ended the incident, and why; these stay, whoever writes into the Note."""
    if not is_end(notice):
        return {}
    return {
        f"cordon/ended_{name}": tame(said, HUB_FIELD.ours)
        for name in ("by", "why")
        for said in strings(notice.facts.get(name))
        if said
    }


def _note(notice: Notice) -> dict[str, str]:
    """Return the Note at the end: by whom, and why; by Cordon, if it ended by itself.

    An import writes it for a finding that is new. That of a finding which is there only
    BatchUpdateFindings changes; the import leaves it as it is.
    https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
    """
    facts = notice.facts
    said = ": ".join(strings(facts.get("verdict"), facts.get("why"))) or notice.subject
    by = next(strings(facts.get("by")), "")
    return {
        "Text": tame(said, HUB_NOTE.ours) or summary(notice),
        "UpdatedBy": tame(by, HUB_NOTE_BY.ours) or "Cordon",
    }


def _said(notice: Notice) -> tuple[Section, ...]:
    """Return the sections but for the next steps, which have a place of their own."""
    steps = next_steps(notice)
    return tuple(section for section in notice.sections if section not in steps)


def _joined(sections: tuple[Section, ...], most: int) -> str:
    fits = fitted(sections, most, lambda text: len(text) + 1)  # with the end of its line
    return "\n".join("\n".join((heading, *lines)).strip() for heading, lines in fits)


def _related(notice: Notice, here: Place) -> dict[str, str] | None:
    """Return GuardDuty's own finding, as Security Hub knows it."""
    said = notice.facts.get("finding")
    arn = said.get("arn") if isinstance(said, dict) else None
    if not (isinstance(arn, str) and _GUARDDUTY.fullmatch(arn)):
        return None
    region = arn.split(":")[3]
    product = f"arn:{here.partition}:securityhub:{region}::product/aws/guardduty"
    return {"ProductArn": product, "Id": arn}


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _type(notice: Notice) -> str:
    if incident_of(notice) or instances_of(notice):
        return "Unusual Behaviors/VM"
    return "Software and Configuration Checks/AWS Security Best Practices"


def _resources(notice: Notice, here: Place) -> Iterator[dict[str, Any]]:
    region = next(strings(notice.facts.get("region")), here.region)
    place = f"arn:{here.partition}:ec2:{region}:{notice.account_id}"
    for instance_id in instances_of(notice)[: HUB_RESOURCES.ours]:
        yield {
            "Type": "AwsEc2Instance",
            "Id": tame(f"{place}:instance/{instance_id}", HUB_ID.ours),
            "Partition": here.partition,
            "Region": tame(region, 16),
            **_known_of(notice, instance_id),
        }
    if not instances_of(notice):
        yield {"Type": "AwsAccount", "Id": tame(f"AWS::::Account:{notice.account_id}", HUB_ID.ours)}


def _known_of(notice: Notice, instance_id: str) -> dict[str, Any]:
    """Return the tags and details of the instance, as far as the notice knows them."""
    host = known(notice.facts.get("host"))
    if instance_id != notice.facts.get("instance_id"):
        return {}
    addresses = [
        host[name] for name in ("private", "public") if _IPV4.fullmatch(host.get(name, ""))
    ]
    vpc = host.get("vpc", "")
    details = {
        **({"IpV4Addresses": addresses} if addresses else {}),
        **({"VpcId": vpc} if _VPC.fullmatch(vpc) else {}),
    }
    name = tame(host.get("name", ""), HUB_TAG.ours)
    return {
        **({"Tags": {"Name": name}} if name else {}),
        **({"Details": {"AwsEc2Instance": details}} if details else {}),
    }
