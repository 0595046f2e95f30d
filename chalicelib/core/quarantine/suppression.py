"""A suppression rule that would keep a false positive away: proposed, never applied by itself."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.quarantine.record import Quarantine


@dataclass(frozen=True, slots=True)
class Proposal:
    """The exact call of CreateFilter, for a person to make."""

    region: str
    arguments: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"operation": "guardduty:CreateFilter", **self.arguments, "command": self.command}

    @property
    def command(self) -> str:
        """The call as a line for a shell."""
        said = {
            "detector-id": self.arguments["DetectorId"],
            "name": self.arguments["Name"],
            "action": self.arguments["Action"],
            "finding-criteria": json.dumps(self.arguments["FindingCriteria"]),
            "region": self.region,
        }
        options = (f"--{name} {shlex.quote(value)}" for name, value in said.items())
        return " ".join(("aws guardduty create-filter", *options))


def propose_suppression(quarantine: Quarantine, detector_id: str) -> Proposal | None:
    """Return the filter that archives findings of this type about this instance, and no others.

    None for a quarantine that no finding caused. GuardDuty archives what fits before it sends an
    event, so a filter that is wider than this would blind Cordon.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html
    """
    if quarantine.finding_type is None:
        return None
    ref = quarantine.ref
    criterion = {
        "type": {"Equals": [quarantine.finding_type]},
        "accountId": {"Equals": [ref.account_id]},
        "resource.instanceDetails.instanceId": {"Equals": [ref.instance_id]},
    }
    return Proposal(
        ref.region,
        {
            "DetectorId": detector_id,
            "Name": f"cordon-{quarantine.id}",
            "Action": "ARCHIVE",
            "FindingCriteria": {"Criterion": criterion},
        },
    )
