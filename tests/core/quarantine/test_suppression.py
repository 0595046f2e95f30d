from __future__ import annotations

import json
import shlex

from chalicelib.core.quarantine.suppression import propose_suppression
from tests.builders import ACCOUNT, REGION, WEB, a_quarantine

TYPE = "Recon:EC2/Portscan"


def test_what_is_proposed_archives_one_type_about_one_instance_and_no_more() -> None:
    quarantine = a_quarantine(finding_type=TYPE)

    proposal = propose_suppression(quarantine, "d1")

    assert proposal is not None
    assert proposal.region == REGION
    said = proposal.as_json()
    command = said.pop("command")
    assert said == {
        "operation": "guardduty:CreateFilter",
        "DetectorId": "d1",
        "Name": f"cordon-{quarantine.id}",
        "Action": "ARCHIVE",
        "FindingCriteria": {
            "Criterion": {
                "type": {"Equals": [TYPE]},
                "accountId": {"Equals": [ACCOUNT]},
                "resource.instanceDetails.instanceId": {"Equals": [WEB]},
            }
        },
    }
    words = shlex.split(command)
    assert words[:5] == ["aws", "guardduty", "create-filter", "--detector-id", "d1"]
    assert json.loads(words[words.index("--finding-criteria") + 1]) == said["FindingCriteria"]


def test_nothing_is_proposed_where_no_finding_was_the_cause() -> None:
    assert propose_suppression(a_quarantine(finding_type=None), "d1") is None
