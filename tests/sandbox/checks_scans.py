"""What GuardDuty does with malware scans of an instance."""

from __future__ import annotations

from tests.sandbox.checks import gap
from tests.sandbox.estate import ACCOUNT, NO_INSTANCE, REGION, Estate, client, code_of


def arn_of(instance_id: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance_id}"


def statuses(detector: str, instance_id: str) -> list[str]:
    """Return the status of each scan of an instance."""
    wanted = {
        "CriterionKey": "EC2_INSTANCE_ARN",
        "FilterCondition": {"EqualsValue": arn_of(instance_id)},
    }
    answer = client("guardduty").describe_malware_scans(
        DetectorId=detector, FilterCriteria={"FilterCriterion": [wanted]}
    )
    return [each["ScanStatus"] for each in answer["Scans"]]


@gap
def a_malware_scan_takes_time_and_there_is_one_an_hour_of_an_instance(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/guardduty/latest/ug/initiate-on-demand-scan-on-same-resource.html"""
    guardduty = client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]

    guardduty.start_malware_scan(ResourceArn=arn_of(estate.single))

    again = code_of(guardduty.start_malware_scan, ResourceArn=arn_of(estate.single))
    assert again == "ConflictException"
    assert code_of(guardduty.start_malware_scan, ResourceArn=arn_of(estate.double)) is None
    assert statuses(detector, estate.single) == ["RUNNING"]
    seen = [statuses(detector, estate.single) for _ in range(3)]
    assert seen[-1] == ["COMPLETED"]


@gap
def an_unknown_instance_is_not_scanned(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_StartMalwareScan.html"""
    guardduty = client("guardduty")
    guardduty.create_detector(Enable=True)
    assert estate.single

    refused = code_of(guardduty.start_malware_scan, ResourceArn=arn_of(NO_INSTANCE))

    assert refused == "BadRequestException"
