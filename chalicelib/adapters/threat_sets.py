"""GuardDuty: threat entity sets and threat intel sets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.policy.policy import ListKind
from chalicelib.core.threat_lists.sets import Create, Delete, ListSet, Step, Update

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient

# GuardDuty lets its service-linked role read an IP list by a policy that it writes in our name.
# Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
PERMISSIONS = (
    "guardduty:CreateThreatEntitySet",
    "guardduty:CreateThreatIntelSet",
    "guardduty:DeleteThreatEntitySet",
    "guardduty:DeleteThreatIntelSet",
    "guardduty:GetThreatEntitySet",
    "guardduty:GetThreatIntelSet",
    "guardduty:ListDetectors",
    "guardduty:ListThreatEntitySets",
    "guardduty:ListThreatIntelSets",
    "guardduty:UpdateThreatEntitySet",
    "guardduty:UpdateThreatIntelSet",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
)


class GuardDutyThreatSets:
    """The sets of the one detector of an account and region."""

    def __init__(self, client: GuardDutyClient, owner: str) -> None:
        self._guardduty = client
        self._owner = owner

    def everyones(self) -> tuple[ListSet, ...]:
        with aws_errors("look at the threat lists of GuardDuty"):
            return (*self._entity_sets(), *self._intel_sets())

    def apply(self, step: Step) -> None:
        match step:
            case Create():
                self._create(step)
            case Update():
                self._update(step)
            case Delete():
                self._delete(step)

    @cached_property
    def _detector(self) -> str:
        with aws_errors("look for the detector"):
            found = self._guardduty.list_detectors()["DetectorIds"]
        if not found:
            raise AwsRefusedError("look for the detector", "GuardDutyIsNotEnabled")
        return found[0]

    def _entity_sets(self) -> Iterator[ListSet]:
        pages = self._guardduty.get_paginator("list_threat_entity_sets")
        for page in pages.paginate(DetectorId=self._detector):
            for set_id in page["ThreatEntitySetIds"]:
                found = self._guardduty.get_threat_entity_set(
                    DetectorId=self._detector, ThreatEntitySetId=set_id
                )
                yield ListSet(
                    set_id,
                    found["Name"],
                    ListKind.ENTITY,
                    found["Status"],
                    found["Location"],
                    found.get("ErrorDetails", ""),
                )

    def _intel_sets(self) -> Iterator[ListSet]:
        pages = self._guardduty.get_paginator("list_threat_intel_sets")
        for page in pages.paginate(DetectorId=self._detector):
            for set_id in page["ThreatIntelSetIds"]:
                found = self._guardduty.get_threat_intel_set(
                    DetectorId=self._detector, ThreatIntelSetId=set_id
                )
                yield ListSet(
                    set_id, found["Name"], ListKind.IP, found["Status"], found["Location"]
                )

    def _create(self, step: Create) -> None:
        create = (
            self._guardduty.create_threat_entity_set
            if step.kind is ListKind.ENTITY
            else self._guardduty.create_threat_intel_set
        )
        token = hashlib.sha256(f"{step.name} {step.kind} {step.location}".encode()).hexdigest()
        with aws_errors(f"make {step.name}"):
            create(
                DetectorId=self._detector,
                Name=step.name,
                Format="TXT",
                Location=step.location,
                ExpectedBucketOwner=self._owner,
                Activate=True,
                ClientToken=token,
            )

    def _update(self, step: Update) -> None:
        with aws_errors(f"update {step.set.name}"):
            if step.set.kind is ListKind.ENTITY:
                self._guardduty.update_threat_entity_set(
                    DetectorId=self._detector,
                    ThreatEntitySetId=step.set.id,
                    Location=step.location,
                    ExpectedBucketOwner=self._owner,
                    Activate=True,
                )
            else:
                self._guardduty.update_threat_intel_set(
                    DetectorId=self._detector,
                    ThreatIntelSetId=step.set.id,
                    Location=step.location,
                    ExpectedBucketOwner=self._owner,
                    Activate=True,
                )

    def _delete(self, step: Delete) -> None:
        with aws_errors(f"delete {step.set.name}"):
            if step.set.kind is ListKind.ENTITY:
                self._guardduty.delete_threat_entity_set(
                    DetectorId=self._detector, ThreatEntitySetId=step.set.id
                )
            else:
                self._guardduty.delete_threat_intel_set(
                    DetectorId=self._detector, ThreatIntelSetId=step.set.id
                )
