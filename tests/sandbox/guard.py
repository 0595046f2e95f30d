"""An account with a detector, a bucket for lists, and an instance to find things about."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.faithful.guardduty_findings import Finding, finding_about
from tests.sandbox.estate import ACCOUNT, REGION, client, served_client

CONTROL = "Backdoor:EC2/C&CActivity.B"


class Guard:
    def __init__(self, endpoint: str | None = None) -> None:
        made = [
            served_client(service, endpoint) if endpoint else client(service)
            for service in ("guardduty", "s3", "ec2")
        ]
        self.guardduty, self.s3, self.ec2 = made
        self.detector = str(self.guardduty.create_detector(Enable=True)["DetectorId"])
        self.s3.create_bucket(Bucket="lists")
        self.write(b"198.51.100.0/24\n203.0.113.7\n")

    def write(self, body: bytes, key: str = "bad ones.txt") -> None:
        self.s3.put_object(Bucket="lists", Key=key, Body=body)

    def about(self, instance_id: str, **more: Any) -> Finding:
        """Return a finding about an instance."""
        what: dict[str, Any] = {"type_": CONTROL, "severity": 8.0} | more
        return finding_about(ACCOUNT, REGION, self.detector, instance_id, **what)

    def ids(self, **asked: Any) -> list[str]:
        listed = self.guardduty.list_findings(DetectorId=self.detector, **asked)
        return [str(each) for each in listed["FindingIds"]]

    def get(self, *ids: str) -> list[dict[str, Any]]:
        got = self.guardduty.get_findings(DetectorId=self.detector, FindingIds=list(ids))
        return [dict(each) for each in got["Findings"]]


class Sets:
    """The list sets of one kind, "Intel" or "Entity", through the names of their operations."""

    def __init__(self, guard: Guard, kind: str) -> None:
        self._guard, self._kind = guard, kind

    def create(self, name: str = "bad ones", **more: Any) -> str:
        what: dict[str, Any] = {
            "Format": "TXT",
            "Location": "s3://lists/bad ones.txt",
            "Activate": True,
        } | more
        made = self._call("create_{}_set", Name=name, **what)
        return str(made[f"Threat{self._kind}SetId"])

    def get(self, set_id: str) -> dict[str, Any]:
        return self._call("get_{}_set", set_id)

    def status(self, set_id: str) -> str:
        return str(self.get(set_id)["Status"])

    def update(self, set_id: str, **what: Any) -> None:
        self._call("update_{}_set", set_id, **what)

    def delete(self, set_id: str) -> None:
        self._call("delete_{}_set", set_id)

    def page(self, **how: Any) -> dict[str, Any]:
        return self._call("list_{}_sets", **how)

    def ids(self, **how: Any) -> list[str]:
        return [str(each) for each in self.page(**how)[f"Threat{self._kind}SetIds"]]

    def _call(self, operation: str, set_id: str = "", **what: Any) -> dict[str, Any]:
        call = getattr(self._guard.guardduty, operation.format(f"threat_{self._kind.lower()}"))
        which = {f"Threat{self._kind}SetId": set_id} if set_id else {}
        answer: dict[str, Any] = call(DetectorId=self._guard.detector, **which, **what)
        return answer


def refused() -> pytest.RaisesExc[ClientError]:
    """Expect that GuardDuty refuses, in the one way that it has."""
    return pytest.raises(ClientError, check=_is_bad_request)


def _is_bad_request(error: ClientError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return (error.response["Error"]["Code"], status) == ("BadRequestException", 400)
