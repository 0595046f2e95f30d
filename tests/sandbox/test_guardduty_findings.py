"""Findings and samples, in process and served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.faithful.amis import IMAGE_ID
from sandbox.faithful.guardduty_findings import ON_FINDING, publish_finding
from sandbox.faithful.guardduty_samples import SAMPLE_INSTANCE
from tests.sandbox.estate import ACCOUNT, REGION
from tests.sandbox.guard import CONTROL, Guard, refused

DNS = "Backdoor:EC2/C&CActivity.B!DNS"
GUESSING = "UnauthorizedAccess:EC2/SSHBruteForce"


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """Return the events that listeners get."""
    events: list[dict[str, Any]] = []

    def listen(_account: str, _region: str, event: dict[str, Any]) -> None:
        events.append(event)

    ON_FINDING.append(listen)
    yield events
    ON_FINDING.remove(listen)


@pytest.fixture
def instance(guard: Guard) -> str:
    vpc = guard.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = guard.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = guard.ec2.run_instances(
        ImageId=IMAGE_ID,
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[{"DeviceIndex": n, "SubnetId": subnet} for n in range(2)],
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )
    return str(made["Instances"][0]["InstanceId"])


def publish(finding: dict[str, Any]) -> dict[str, Any]:
    return publish_finding(ACCOUNT, REGION, finding)


def test_a_finding_describes_the_instance_as_it_is(guard: Guard, instance: str) -> None:
    details = guard.about(instance)["resource"]["instanceDetails"]

    assert (details["instanceId"], details["imageId"]) == (instance, IMAGE_ID)
    assert details["instanceState"] == "running"
    assert details["tags"] == [{"key": "Name", "value": "web"}]
    described = guard.ec2.describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance]}]
    )["NetworkInterfaces"]
    seen = {
        each["networkInterfaceId"]: (each["vpcId"], [g["groupId"] for g in each["securityGroups"]])
        for each in details["networkInterfaces"]
    }
    assert seen == {
        each["NetworkInterfaceId"]: (each["VpcId"], [g["GroupId"] for g in each["Groups"]])
        for each in described
    }
    assert len(seen) == 2


def test_a_finding_says_who_did_what(guard: Guard, instance: str) -> None:
    guessed = guard.about(instance, type_=GUESSING, severity=2.0, direction="INBOUND")
    guessing = guard.about(instance, type_=GUESSING, severity=8.0, role="ACTOR")
    asking = guard.about(instance, type_=DNS, role=None)

    roles = [each["service"].get("resourceRole") for each in (guessed, guessing, asking)]
    assert roles == ["TARGET", "ACTOR", None]
    connection = guessed["service"]["action"]["networkConnectionAction"]
    assert connection["connectionDirection"] == "INBOUND"
    assert connection["remoteIpDetails"]["ipAddressV4"]
    assert asking["service"]["action"]["actionType"] == "DNS_REQUEST"


def test_a_published_finding_is_an_event_and_is_kept(
    guard: Guard, instance: str, heard: list[dict[str, Any]]
) -> None:
    finding = guard.about(instance)

    event = publish(finding)

    assert heard == [event]
    assert (event["source"], event["detail-type"]) == ("aws.guardduty", "GuardDuty Finding")
    assert (event["account"], event["region"]) == (ACCOUNT, REGION)
    assert datetime.fromisoformat(event["time"]).tzinfo == UTC
    assert event["detail"] == finding
    kept = guard.get(*guard.ids())[0]
    assert (kept["Id"], kept["Type"], kept["Severity"]) == (finding["id"], CONTROL, 8.0)
    details = kept["Resource"]["InstanceDetails"]
    assert details["InstanceId"] == instance
    assert len(details["NetworkInterfaces"]) == 2


def test_a_finding_published_again_is_its_next_version(guard: Guard, instance: str) -> None:
    name = "f" * 32
    first = publish(guard.about(instance, finding_id=name))["detail"]
    later = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)

    again = publish(guard.about(instance, finding_id=name, last_seen=later))["detail"]

    assert [each["service"]["count"] for each in (first, again)] == [1, 2]
    assert again["createdAt"] == first["createdAt"]
    assert again["updatedAt"] >= first["updatedAt"]
    assert again["service"]["eventFirstSeen"] == first["service"]["eventFirstSeen"]
    assert again["service"]["eventLastSeen"] == "2030-01-02T03:04:05.000Z"
    assert guard.ids() == [name]


def test_a_sample_is_made_up_but_for_its_place(guard: Guard, heard: list[dict[str, Any]]) -> None:
    guard.guardduty.create_sample_findings(
        DetectorId=guard.detector, FindingTypes=[DNS, GUESSING, "Backdoor:EC2/Spambot"]
    )

    details = [event["detail"] for event in heard]
    assert [each["type"] for each in details] == [DNS, GUESSING, "Backdoor:EC2/Spambot"]
    assert [each["severity"] for each in details] == [8.0, 2.0, 5.0]
    for each in details:
        assert each["title"].startswith("[SAMPLE] ")
        assert (each["accountId"], each["region"]) == (ACCOUNT, REGION)
        assert each["service"]["detectorId"] == guard.detector
        assert each["resource"]["instanceDetails"]["instanceId"] == SAMPLE_INSTANCE
        assert each["service"]["additionalInfo"]["sample"] is True
        assert json.loads(each["service"]["additionalInfo"]["value"]) == {"sample": True}


def test_samples_of_no_type_in_particular_are_several(guard: Guard) -> None:
    guard.guardduty.create_sample_findings(DetectorId=guard.detector)

    assert len({each["Type"] for each in guard.get(*guard.ids())}) > 1


def test_the_api_hides_the_flag_of_a_sample_in_a_text(guard: Guard) -> None:
    guard.guardduty.create_sample_findings(DetectorId=guard.detector, FindingTypes=[DNS])

    said = guard.get(*guard.ids())[0]["Service"]["AdditionalInfo"]

    assert set(said) == {"Value", "Type"}
    assert json.loads(said["Value"]) == {"sample": True}


def test_findings_are_archived_and_judged(guard: Guard, instance: str) -> None:
    name = publish(guard.about(instance))["detail"]["id"]

    guard.guardduty.archive_findings(DetectorId=guard.detector, FindingIds=[name])
    guard.guardduty.update_findings_feedback(
        DetectorId=guard.detector, FindingIds=[name], Feedback="USEFUL"
    )

    service = guard.get(name)[0]["Service"]
    assert (service["Archived"], service["UserFeedback"]) == (True, "USEFUL")


def test_an_unknown_finding_is_not_archived(guard: Guard) -> None:
    with refused():
        guard.guardduty.archive_findings(DetectorId=guard.detector, FindingIds=["0" * 32])
    assert guard.get("0" * 32) == []


@pytest.mark.parametrize(
    ("path", "test", "count"),
    [
        ("severity", {"GreaterThanOrEqual": 7}, 1),
        ("severity", {"Lt": 7}, 1),
        ("type", {"Equals": [CONTROL]}, 1),
        ("type", {"Neq": [CONTROL, GUESSING]}, 0),
        ("service.archived", {"Equals": ["false"]}, 2),
        ("resource.instanceDetails.tags.value", {"Equals": ["web"]}, 2),
        ("resource.instanceDetails.tags.value", {"Equals": ["db"]}, 0),
    ],
)
def test_findings_are_chosen(
    guard: Guard, instance: str, path: str, test: dict[str, Any], count: int
) -> None:
    publish(guard.about(instance))
    publish(guard.about(instance, type_=GUESSING, severity=2.0))

    assert len(guard.ids(FindingCriteria={"Criterion": {path: test}})) == count


def test_findings_are_sorted_and_paged(guard: Guard, instance: str) -> None:
    names = [
        publish(guard.about(instance, severity=severity))["detail"]["id"]
        for severity in (5.0, 8.0, 2.0)
    ]
    order = {"AttributeName": "severity", "OrderBy": "DESC"}

    pages = guard.guardduty.get_paginator("list_findings").paginate(
        DetectorId=guard.detector, SortCriteria=order, PaginationConfig={"PageSize": 2}
    )

    assert [page["FindingIds"] for page in pages] == [[names[1], names[0]], [names[2]]]
