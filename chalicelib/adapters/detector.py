"""GuardDuty: the detector, what it thinks of itself, and what it should think of findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.notices.posture import DetectorHealth

if TYPE_CHECKING:
    from mypy_boto3_guardduty import GuardDutyClient

PERMISSIONS = ("guardduty:ListDetectors", "guardduty:UpdateFindingsFeedback")
WATCH_PERMISSIONS = (
    "guardduty:GetDetector",
    "guardduty:GetThreatEntitySet",
    "guardduty:GetThreatIntelSet",
    "guardduty:ListThreatEntitySets",
    "guardduty:ListThreatIntelSets",
)

_AT_ONCE = 50  # findings
# Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateFindingsFeedback.html


class GuardDutyDetector:
    """The one detector of an account and region."""

    def __init__(self, client: GuardDutyClient) -> None:
        self._guardduty = client

    def id(self) -> str:
        """Return the id of the detector.

        Raises:
            AwsRefusedError: GuardDuty was never turned on there.
        """
        return self._id

    def call_false(self, finding_ids: Sequence[str]) -> str:
        request_ids = []
        with aws_errors("tell GuardDuty of a false positive"):
            for start in range(0, len(finding_ids), _AT_ONCE):
                answer = self._guardduty.update_findings_feedback(
                    DetectorId=self._id,
                    FindingIds=list(finding_ids[start : start + _AT_ONCE]),
                    Feedback="NOT_USEFUL",
                )
                request_ids.append(answer["ResponseMetadata"]["RequestId"])
        return ", ".join(request_ids)

    def health(self) -> DetectorHealth:
        with aws_errors("ask GuardDuty how it is"):
            detector = self._guardduty.get_detector(DetectorId=self._id)
            lists = tuple(sorted((*self._entity_sets(), *self._intel_sets())))
        plans = ((each["Name"], each["Status"] == "ENABLED") for each in detector["Features"])
        return DetectorHealth(
            is_enabled=detector["Status"] == "ENABLED",
            plans=tuple(sorted(plans)),
            lists=lists,
            id=self._id,
            sends_every=detector.get("FindingPublishingFrequency", ""),
        )

    @cached_property
    def _id(self) -> str:
        with aws_errors("look for the detector"):
            found = self._guardduty.list_detectors()["DetectorIds"]
        if not found:
            raise AwsRefusedError("look for the detector", "GuardDutyIsNotEnabled")
        return found[0]

    def _entity_sets(self) -> Iterator[tuple[str, str]]:
        pages = self._guardduty.get_paginator("list_threat_entity_sets").paginate(
            DetectorId=self._id
        )
        for page in pages:
            for set_id in page["ThreatEntitySetIds"]:
                found = self._guardduty.get_threat_entity_set(
                    DetectorId=self._id, ThreatEntitySetId=set_id
                )
                yield found["Name"], found["Status"]

    def _intel_sets(self) -> Iterator[tuple[str, str]]:
        pages = self._guardduty.get_paginator("list_threat_intel_sets").paginate(
            DetectorId=self._id
        )
        for page in pages:
            for set_id in page["ThreatIntelSetIds"]:
                found = self._guardduty.get_threat_intel_set(
                    DetectorId=self._id, ThreatIntelSetId=set_id
                )
                yield found["Name"], found["Status"]
