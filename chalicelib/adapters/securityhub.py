"""Security Hub: findings of Cordon's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.plain_text import one_line

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

_SAID = 200  # characters of a reason
# Codes that mean "later" of one finding.
# Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindingsUnprocessedFinding.html
_LATER = frozenset({"ConcurrentUpdateError", "InternalFailure"})
PERMISSIONS = ("securityhub:BatchImportFindings", "securityhub:BatchUpdateFindings")


class SecurityHub:
    """Security Hub of the own account and region."""

    def __init__(self, client: SecurityHubClient) -> None:
        self._securityhub = client

    def import_finding(self, finding: Mapping[str, Any]) -> None:
        """Import `finding`, in ASFF; Security Hub answers 200 to what it does not take, too."""
        doing = f"import finding {finding['Id']}"
        findings: list[Any] = [dict(finding)]
        with aws_errors(doing):
            answer = self._securityhub.batch_import_findings(Findings=findings)
        for failed in answer.get("FailedFindings", []):
            why = one_line(failed["ErrorMessage"], _SAID)
            raise AwsRefusedError(doing, f"{failed['ErrorCode']}: {why}")

    def write_note(self, finding: Mapping[str, Any]) -> None:
        """Write the Note of `finding` into the one that is there, which no import does.

        Raises:
            AwsRefusedError: also where Security Hub has no such finding, or does not show it yet.
        """
        doing = f"write the Note of finding {finding['Id']}"
        note = finding["Note"]
        with aws_errors(doing):
            answer = self._securityhub.batch_update_findings(
                FindingIdentifiers=[{"Id": finding["Id"], "ProductArn": finding["ProductArn"]}],
                Note={"Text": note["Text"], "UpdatedBy": note["UpdatedBy"]},
            )
        for failed in answer.get("UnprocessedFindings", []):
            code, why = failed["ErrorCode"], one_line(failed["ErrorMessage"], _SAID)
            raise (AwsBusyError if code in _LATER else AwsRefusedError)(doing, f"{code}: {why}")
