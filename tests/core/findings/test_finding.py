from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import InstanceRef
from tests.builders import (
    ACCOUNT,
    FINDING,
    GONE,
    OTHER_ACCOUNT,
    REGION,
    WEB,
    a_finding,
    a_ref,
    an_event,
)


def test_a_finding_says_what_the_event_said() -> None:
    finding = a_finding()

    assert finding.id == FINDING
    assert finding.type == "Backdoor:EC2/C&CActivity.B"
    assert finding.score == 8.0
    assert finding.band is Band.HIGH
    assert finding.account_id == ACCOUNT
    assert finding.region == REGION
    assert finding.title == f"Command and control traffic of {WEB}."
    assert finding.resource_type == "Instance"
    assert finding.role == "TARGET"
    assert finding.direction == "OUTBOUND"
    assert finding.remote == "198.51.100.23"
    assert finding.instances == (a_ref(),)
    assert finding.count == 3
    assert finding.last_seen == datetime(2026, 3, 1, 11, 58, tzinfo=UTC)


def test_an_ordinary_finding_is_neither_sample_nor_archived_nor_custom_nor_affiliated() -> None:
    finding = a_finding()

    assert not finding.is_sample
    assert not finding.is_archived
    assert not finding.is_custom
    assert not finding.is_affiliated
    assert finding.threat_names == ()


def test_the_instance_is_in_the_account_of_the_detail_not_of_the_envelope() -> None:
    event = an_event(account_id=OTHER_ACCOUNT, region="eu-central-1")

    finding = parse_finding(event)

    assert event["account"] == ACCOUNT
    assert finding.instances == (InstanceRef(OTHER_ACCOUNT, "eu-central-1", WEB),)


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-3", "us-gov-west-1", "cn-north-1"])
def test_regions_of_every_partition_are_read(region: str) -> None:
    assert a_finding(region=region).region == region


@pytest.mark.parametrize(
    "changes",
    [
        {"sample": True},
        {"additional_info": {"value": '{"sample":true}', "type": "default"}},
        {"title": "[SAMPLE] Command and control traffic."},
        {"instance_id": "i-99999999"},
    ],
    ids=["flag", "flag in a string of JSON", "title", "made-up instance"],
)
def test_a_sample_is_known_in_every_form_it_comes_in(changes: dict[str, object]) -> None:
    assert a_finding(**changes).is_sample


@pytest.mark.parametrize(
    "info",
    [
        GONE,
        None,
        "sample",
        [],
        {},
        {"sample": False},
        {"sample": "true"},
        {"sample": 1},
        {"value": None},
        {"value": "not JSON"},
        {"value": "null"},
        {"value": '["sample"]'},
        {"value": "{" * 50_000},
        {"value": "9" * 5_000},
        {"value": '{"sample":false}'},
        {"value": {"sample": True}},
        {"value": '{"sample":true}', "sample": False},
    ],
    ids=lambda info: str(info)[:30],
)
def test_anything_but_a_true_flag_makes_no_sample(info: object) -> None:
    assert not a_finding(additional_info=info).is_sample


def test_a_title_that_mentions_samples_makes_no_sample() -> None:
    assert not a_finding(title="Traffic of [SAMPLE] hosts").is_sample


@pytest.mark.parametrize(
    ("archived", "is_archived"),
    [(True, True), (False, False), (None, False), (GONE, False), ("true", False), (1, False)],
    ids=str,
)
def test_only_true_archives(archived: object, is_archived: object) -> None:
    assert a_finding(archived=archived).is_archived is is_archived


@pytest.mark.parametrize(
    ("name", "is_custom"), [("my rule", True), ("", False), (None, False), (7, False)]
)
def test_a_named_detection_rule_makes_it_custom(name: object, is_custom: object) -> None:
    assert a_finding(custom_rule=name).is_custom is is_custom


@pytest.mark.parametrize(
    ("affiliated", "is_affiliated"), [(True, True), (False, False), (None, False), ("true", False)]
)
def test_only_true_affiliates(affiliated: object, is_affiliated: object) -> None:
    details = {"accountId": OTHER_ACCOUNT, "affiliated": affiliated}

    finding = a_finding(action={"awsApiCallAction": {"remoteAccountDetails": details}})

    assert finding.is_affiliated is is_affiliated


@pytest.mark.parametrize(
    ("action", "remote"),
    [
        ({"dnsRequestAction": {"domain": "c2.example"}}, "c2.example"),
        ({"awsApiCallAction": {"remoteIpDetails": {"ipAddressV4": "192.0.2.7"}}}, "192.0.2.7"),
        ({"actionType": "DNS_REQUEST", "dnsRequestAction": {"domain": "a.example"}}, "a.example"),
        ({"portProbeAction": {"portProbeDetails": []}}, None),
        ({"networkConnectionAction": {"remoteIpDetails": {"ipAddressV4": ""}}}, None),
        ({"networkConnectionAction": {"remoteIpDetails": None}}, None),
        ({"dnsRequestAction": {"domain": 7}}, None),
        ({"dnsRequestAction": None}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_other_end_is_an_address_or_a_domain(action: object, remote: str | None) -> None:
    assert a_finding(action=action).remote == remote


def test_other_ends_are_all_named_and_may_be_of_the_sixth_version() -> None:
    probe = [{"remoteIpDetails": {"ipAddressV4": "192.0.2.7"}}]
    probe.append({"remoteIpDetails": {"ipAddressV6": "2001:db8::7", "ipAddressV4": ""}})
    finding = a_finding(action={"portProbeAction": {"portProbeDetails": [*probe, *probe, None]}})

    assert finding.remotes == ("192.0.2.7", "2001:db8::7")


def test_threats_of_both_kinds_of_malware_scan_are_named() -> None:
    by_name = {"threatNames": [{"name": "Trojan.A", "severity": "HIGH"}, {"name": None}, "Odd"]}

    finding = a_finding(
        volume_scan={"scanDetections": {"threatDetectedByName": by_name}},
        malware_scan={"threats": [{"name": "EICAR-Test-File", "source": "AMAZON"}]},
    )

    assert finding.threat_names == ("Trojan.A", "EICAR-Test-File")


@pytest.mark.parametrize(
    ("last_seen", "updated_at", "expected"),
    [
        ("2026-03-01T10:00:00.000Z", "2026-03-01T11:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+02:00", None, datetime(2026, 3, 1, 8, tzinfo=UTC)),
        ("2026-03-01T10:00:00", None, datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (None, "2026-03-01T11:00:00Z", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("yesterday", "2026-03-01T11:00:00Z", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None, datetime(2026, 3, 1, 11, 59, tzinfo=UTC)),
        (1772362800, {}, datetime(2026, 3, 1, 11, 59, tzinfo=UTC)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_last_seen_is_the_best_time_that_can_be_read_in_utc(
    last_seen: object, updated_at: object, expected: datetime
) -> None:
    finding = a_finding(last_seen=last_seen, updated_at=updated_at)

    assert finding.last_seen == expected
    assert finding.last_seen.tzinfo is UTC


def test_without_any_time_it_was_last_seen_nobody_knows_when() -> None:
    event = an_event(last_seen=None, updated_at=None)
    del event["time"]

    assert parse_finding(event).last_seen is None


def test_the_event_is_kept_whole_whatever_the_order_of_its_keys() -> None:
    event = an_event()
    shuffled = dict(reversed(event.items()))

    one, other = parse_finding(event), parse_finding(shuffled)

    assert json.loads(one.as_received) == event
    assert one.as_received == other.as_received
    assert one.sha256 == other.sha256


def test_a_version_with_other_details_has_another_name() -> None:
    first, update = a_finding(count=3), a_finding(count=4)

    assert first.id == update.id
    assert first.sha256 != update.sha256
    assert len(first.sha256) == 64


def test_a_finding_is_remembered_where_no_instance_is() -> None:
    finding = a_finding()

    assert finding.key == f"{ACCOUNT}/{REGION}/finding-{FINDING}"
    assert finding.key != a_ref().key
