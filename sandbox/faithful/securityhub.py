"""The operation of Security Hub that moto 5.2.5 lacks, and what an import leaves as it is.

Sources: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.securityhub import urls
from moto.securityhub.models import SecurityHubBackend
from moto.securityhub.responses import SecurityHubResponse

from sandbox.faithful.mending import mend

_OF_CUSTOMERS = ("Note", "UserDefinedFields", "VerificationState", "Workflow")


def install() -> None:
    """Add the route, and mend the import for this process."""
    urls.url_paths["{0}/findings/batchupdate$"] = SecurityHubResponse.dispatch
    mend(SecurityHubResponse, "batch_update_findings", _batch_update, is_new=True)
    mend(SecurityHubBackend, "batch_import_findings", _importing())


def _importing() -> Any:
    original = SecurityHubBackend.batch_import_findings

    def batch_import(backend: Any, findings: list[dict[str, Any]]) -> Any:
        there = {each.id for each in backend.findings}
        return original(
            backend, [_without(each) if each.get("Id") in there else each for each in findings]
        )

    return batch_import


def _without(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in finding.items() if name not in _OF_CUSTOMERS}


def _batch_update(response: SecurityHubResponse) -> str:
    """Change what customers may change of each finding that is there; none is made."""
    wanted: dict[str, Any] = json.loads(response.body)
    there = {
        (each.id, each.data["ProductArn"]): each.data
        for each in response.securityhub_backend.findings
    }
    answer: dict[str, list[Any]] = {"ProcessedFindings": [], "UnprocessedFindings": []}
    for said in wanted["FindingIdentifiers"]:
        finding = there.get((said["Id"], said["ProductArn"]))
        if finding is None:
            failed = {"ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"}
            answer["UnprocessedFindings"].append({"FindingIdentifier": said, **failed})
            continue
        if "Note" in wanted:
            now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
            finding["Note"] = {**wanted["Note"], "UpdatedAt": now}
        answer["ProcessedFindings"].append(said)
    return json.dumps(answer)
