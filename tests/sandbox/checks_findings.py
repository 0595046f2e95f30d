"""What Security Hub does with the Note of a finding."""

from __future__ import annotations

from typing import Any

from tests.sandbox.checks import gap
from tests.sandbox.estate import ACCOUNT, REGION, Estate, client

_PRODUCT = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
_NAMED = {"Id": "one", "ProductArn": _PRODUCT}
_NOTE = {"Text": "cleaned", "UpdatedBy": "ada"}


def a_finding(**more: Any) -> dict[str, Any]:
    moment = "2026-03-01T12:00:00.000Z"
    return {
        **_NAMED,
        "SchemaVersion": "2018-10-08",
        "GeneratorId": "g",
        "AwsAccountId": ACCOUNT,
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Title": "t",
        "Description": "d",
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ACCOUNT}"}],
        **more,
    }


def notes() -> list[str]:
    """Return the text of each Note that a finding has."""
    found = client("securityhub").get_findings()["Findings"]
    return [each["Note"]["Text"] for each in found if "Note" in each]


@gap
def an_import_leaves_the_note_of_a_finding_that_is_there(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html"""
    assert estate.single
    hub = client("securityhub")
    said = {"Text": "by import", "UpdatedBy": "x", "UpdatedAt": "2026-03-01T12:00:00.000Z"}
    hub.batch_import_findings(Findings=[a_finding()])

    hub.batch_import_findings(Findings=[a_finding(Note=said)])

    assert notes() == []


@gap
def an_update_writes_the_note_of_a_finding_that_is_there_and_makes_none(estate: Estate) -> None:
    """Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html"""
    assert estate.single
    hub = client("securityhub")
    hub.batch_import_findings(Findings=[a_finding()])
    other = {**_NAMED, "Id": "two"}

    answer = hub.batch_update_findings(FindingIdentifiers=[_NAMED, other], Note=_NOTE)

    assert notes() == ["cleaned"]
    assert answer["ProcessedFindings"] == [_NAMED]
    (failed,) = answer["UnprocessedFindings"]
    assert (failed["FindingIdentifier"], failed["ErrorCode"]) == (other, "FindingNotFound")
