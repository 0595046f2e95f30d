from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.notices import about_findings
from chalicelib.core.notices.channels import security_hub
from chalicelib.core.notices.notice import Notice
from tests.builders import ACCOUNT, NOON, a_finding, a_judgement
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
