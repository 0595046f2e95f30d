from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.notices import about_findings, about_held
from chalicelib.core.notices.channels import security_hub
from chalicelib.core.notices.channels.limits import HUB_FIELD
from chalicelib.core.notices.notice import Notice
from chalicelib.core.quarantine.held import Held
from tests.builders import ACCOUNT, NOON, a_finding, a_judgement, a_ref
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.incident import RELEASE
from tests.core.notices.channels.rendering import HERE

ARN = f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/{'0a' * 16}/finding/{'1b' * 16}"


def a_notice(arn: str) -> Notice:
    finding = replace(a_finding(), arn=arn)
    return about_findings.of_finding(finding, a_judgement(), "alerted")


def test_a_finding_leads_to_that_of_guardduty() -> None:
    finding = security_hub.render(a_notice(ARN), HERE, NOON)

    check("security_hub", finding)
    assert finding["RelatedFindings"] == [
        {"ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty", "Id": ARN}
    ]


@pytest.mark.parametrize("arn", ["", "arn:aws:guardduty:x", f"{ARN}/x", f"{ARN} <a>"])
def test_what_is_no_arn_of_a_finding_is_left_out(arn: str) -> None:
    assert "RelatedFindings" not in security_hub.render(a_notice(arn), HERE, NOON)


def test_a_notice_without_a_finding_leads_to_none() -> None:
    assert "RelatedFindings" not in security_hub.render(RELEASE, HERE, NOON)


def test_who_ended_an_incident_and_why_stands_in_fields_of_its_finding() -> None:
    fields = security_hub.render(RELEASE, HERE, NOON)["ProductFields"]

    assert fields["cordon/ended_by"] == f"arn:aws:iam::{ACCOUNT}:user/ada"
    assert fields["cordon/ended_why"] == "cleaned"


def test_a_dismissal_says_so_too_and_a_long_reason_is_cut_to_what_a_field_takes() -> None:
    held = Held(a_ref(), "f-1", "Backdoor:EC2/Spambot", 8.0, (), NOON)
    notice = about_held.of_dismissal(held, "arn:aws:iam::1:user/ada", "no harm. " * 1_000)

    finding = security_hub.render(notice, HERE, NOON)

    check("security_hub", finding)
    assert finding["ProductFields"]["cordon/ended_by"] == "arn:aws:iam::1:user/ada"
    assert len(finding["ProductFields"]["cordon/ended_why"]) <= HUB_FIELD.ours


def test_what_ends_nothing_names_nobody_who_did() -> None:
    drift = replace(RELEASE, outcome="requested")

    fields = security_hub.render(drift, HERE, NOON)["ProductFields"]

    assert set(fields) == {"cordon/kind", "cordon/summary"}
