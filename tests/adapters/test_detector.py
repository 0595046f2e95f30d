from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.detector import GuardDutyDetector
from chalicelib.core.errors import AwsRefusedError

BUCKET = "lists"


@pytest.fixture
def guardduty(session: boto3.Session, aws: None) -> Any:  # noqa: ARG001 - it is there
    return session.client("guardduty")


@pytest.fixture
def detector_id(guardduty: Any) -> str:
    made = guardduty.create_detector(
        Enable=True, Features=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}]
    )
    return str(made["DetectorId"])


def test_there_is_one_detector(guardduty: Any, detector_id: str) -> None:
    assert GuardDutyDetector(guardduty).id() == detector_id


@pytest.mark.parametrize("ask", ["id", "health"])
def test_where_guardduty_was_never_turned_on_that_is_said(guardduty: Any, ask: str) -> None:
    with pytest.raises(AwsRefusedError) as caught:
        getattr(GuardDutyDetector(guardduty), ask)()

    assert caught.value.code == "GuardDutyIsNotEnabled"


def test_health_names_plans_and_the_lists_of_both_kinds(
    session: boto3.Session, guardduty: Any, detector_id: str
) -> None:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"198.51.100.7\n")
    about = {
        "DetectorId": detector_id,
        "Format": "TXT",
        "Location": f"s3://{BUCKET}/a",
        "Activate": True,
    }
    guardduty.create_threat_entity_set(Name="entities", **about)
    guardduty.create_threat_intel_set(Name="addresses", **about)

    health = GuardDutyDetector(guardduty).health()

    assert health.is_enabled
    assert health.sends_every == "SIX_HOURS"
    assert ("RUNTIME_MONITORING", True) in health.plans
    assert health.lists == (("addresses", "ACTIVE"), ("entities", "ACTIVE"))


def test_a_detector_that_is_turned_off_is_not_enabled(guardduty: Any, detector_id: str) -> None:
    guardduty.update_detector(DetectorId=detector_id, Enable=False)

    assert not GuardDutyDetector(guardduty).health().is_enabled


def test_feedback_goes_fifty_findings_at_a_time(session: boto3.Session) -> None:
    client = session.client("guardduty")
    findings = [f"f{n}" for n in range(70)]
    with Stubber(client) as stubber:
        stubber.add_response("list_detectors", {"DetectorIds": ["d"]})
        for some in (findings[:50], findings[50:]):
            stubber.add_response(
                "update_findings_feedback",
                {"ResponseMetadata": {"RequestId": some[0]}},
                {"DetectorId": "d", "FindingIds": some, "Feedback": "NOT_USEFUL"},
            )

        said = GuardDutyDetector(client).call_false(findings)

        stubber.assert_no_pending_responses()
    assert said == "f0, f50"
