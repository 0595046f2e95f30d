from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.notices import about_findings, about_held
from chalicelib.core.notices.channels import security_hub
from chalicelib.core.notices.channels.limits import HUB_FIELD, HUB_NOTE
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


def test_the_note_at_the_end_says_by_whom_and_why() -> None:
    finding = security_hub.render(RELEASE, HERE, NOON)

    check("security_hub", finding)
    assert finding["Note"] == {
        "Text": "remediated: cleaned",
        "UpdatedBy": f"arn:aws:iam::{ACCOUNT}:user/ada",
        "UpdatedAt": "2026-03-01T12:00:00.000Z",
    }


def test_the_note_of_an_end_that_nobody_ordered_is_cordons() -> None:
    held = Held(a_ref(), "f-1", "Backdoor:EC2/Spambot", 8.0, (), NOON)

    note = security_hub.render(about_held.of_lapse(held, "i-1"), HERE, NOON)["Note"]

    assert note["UpdatedBy"] == "Cordon"
    assert note["Text"].startswith("LAPSED i-")


def test_a_dismissal_says_so_too_and_a_long_reason_is_cut_to_what_a_field_takes() -> None:
    held = Held(a_ref(), "f-1", "Backdoor:EC2/Spambot", 8.0, (), NOON)
    notice = about_held.of_dismissal(held, "arn:aws:iam::1:user/ada", "no harm. " * 1_000)

    finding = security_hub.render(notice, HERE, NOON)

    check("security_hub", finding)
    assert finding["ProductFields"]["cordon/ended_by"] == "arn:aws:iam::1:user/ada"
    assert len(finding["ProductFields"]["cordon/ended_why"]) <= HUB_FIELD.ours
    assert len(finding["Note"]["Text"]) <= HUB_NOTE.ours


def test_what_ends_nothing_names_nobody_who_did() -> None:
    drift = replace(RELEASE, outcome="requested")

    finding = security_hub.render(drift, HERE, NOON)

    assert set(finding["ProductFields"]) == {"cordon/kind", "cordon/summary"}
    assert "Note" not in finding


def with_host(**host: str) -> Notice:
    return replace(RELEASE, facts={**RELEASE.facts, "host": host})


def test_the_resource_has_the_name_addresses_and_vpc_of_the_instance() -> None:
    known = {"name": "web-1", "private": "10.0.0.4", "public": "3.4.5.6", "vpc": "vpc-0a1b2c3d"}

    finding = security_hub.render(with_host(**known, account="shop"), HERE, NOON)

    check("security_hub", finding)
    (resource,) = finding["Resources"]
    assert resource["Tags"] == {"Name": "web-1"}
    assert resource["Details"] == {
        "AwsEc2Instance": {"IpV4Addresses": ["10.0.0.4", "3.4.5.6"], "VpcId": "vpc-0a1b2c3d"}
    }


@pytest.mark.parametrize(
    "host",
    [
        {},
        {"name": "\u202e", "private": "10.0.0.4/8", "public": "::1", "vpc": "vpc-1, vpc-2"},
    ],
)
def test_of_the_instance_nothing_is_shown_that_has_not_its_form(host: dict[str, str]) -> None:
    (resource,) = security_hub.render(with_host(**host), HERE, NOON)["Resources"]

    assert set(resource) == {"Type", "Id", "Partition", "Region"}


def test_a_name_that_looks_like_an_address_is_no_link_and_as_long_as_a_tag_may_be() -> None:
    finding = security_hub.render(with_host(name="https://a.example/" * 90), HERE, NOON)

    check("security_hub", finding)
    (resource,) = finding["Resources"]
    assert len(resource["Tags"]["Name"]) <= 256


def test_of_several_instances_only_the_one_that_is_known_has_details() -> None:
    facts = {**with_host(private="10.0.0.4").facts, "instance_ids": ["i-0000000000000000f"]}

    first, second = security_hub.render(replace(RELEASE, facts=facts), HERE, NOON)["Resources"]

    assert "Details" in first
    assert "Details" not in second
