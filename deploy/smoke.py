"""A real sample finding of GuardDuty, all the way: it must be announced, and touch nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.adapters.dynamodb.quarantines import DynamoQuarantines
from chalicelib.core.api.request import Selection
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.road import has_function
from deploy.stages import Stage

SAMPLE_TYPE = "Backdoor:EC2/C&CActivity.B!DNS"  # one that Cordon contains, were it no sample
_PATIENCE = 900.0  # seconds; GuardDuty sends a new finding within five minutes
_BETWEEN = 10.0  # seconds at most
# Source: https://docs.aws.amazon.com/guardduty/latest/ug/sample_findings.html
_SAMPLE_INSTANCE = "i-99999999"


def smoke(
    stage: Stage, cloud: Cloud, tell: Callable[[str], None], patience: float = _PATIENCE
) -> None:
    """Let GuardDuty make a sample, and wait until Cordon has answered it.

    Raises:
        DeployError: the stage is not there, GuardDuty is off, the answer is wrong, or there is none
            in time.
    """
    if not has_function(stage.function("contain_finding"), cloud):
        raise DeployError(f"it is not in {cloud}: run make deploy STAGE={stage.name}")
    guardduty = cloud.client("guardduty")
    ids = guardduty.list_detectors()["DetectorIds"]
    if not ids:
        raise DeployError(f"GuardDuty is off in {cloud}: run make deploy STAGE={stage.name}")
    since = time.time()
    guardduty.create_sample_findings(DetectorId=ids[0], FindingTypes=[SAMPLE_TYPE])
    tell(f"GuardDuty makes a sample of {SAMPLE_TYPE}; it may take {patience / 60:g} minutes")
    # GuardDuty updates a sample that it made before, and Cordon announces a finding once: only the
    # answer comes each time.
    answer = _wait_for(
        lambda: _logged(stage, "contain_finding", "finding answered", since, cloud),
        lambda line: line["finding_id"] in _samples(guardduty, ids[0], line["finding_id"]),
        since + patience,
        "nothing was answered: look at the log of contain_finding, and the dead letters",
    )["answer"]
    tell(f"answered: {answer['outcome']}")
    if answer["outcome"] != "alerted":
        raise DeployError(f"a sample must be alerted, and was {answer['outcome']}")
    refuse_touched(stage, cloud)
    tell("nothing was touched")


def _samples(guardduty: Any, detector: str, finding: str) -> set[str]:
    """Return the finding's id if GuardDuty says that it is a sample of ours; else nothing."""
    found = guardduty.get_findings(DetectorId=detector, FindingIds=[finding])["Findings"]
    return {
        str(each["Id"])
        for each in found
        if each["Resource"].get("InstanceDetails", {}).get("InstanceId") == _SAMPLE_INSTANCE
    }


def refuse_touched(stage: Stage, cloud: Cloud) -> None:
    """Look for a quarantine of the instance that every sample names.

    Raises:
        DeployError: there is one.
    """
    quarantines = DynamoQuarantines(cloud.client("dynamodb"), stage.table)
    latest = quarantines.page(Selection(), None, 25).quarantines
    if any(each.ref.instance_id == _SAMPLE_INSTANCE for each in latest):
        raise DeployError(f"a sample opened a quarantine of {_SAMPLE_INSTANCE}")


def _wait_for(
    look: Callable[[], Iterator[dict[str, Any]]],
    fits: Callable[[dict[str, Any]], bool],
    until: float,
    otherwise: str,
) -> dict[str, Any]:
    """Return the first line that fits.

    Raises:
        DeployError: there is none by `until`; the message is `otherwise`.
    """
    between = 1.0  # seconds: the first look may come just too early
    while True:
        for line in look():
            if fits(line):
                return line
        if time.time() > until:
            raise DeployError(otherwise)
        time.sleep(min(between, max(0.1, until - time.time())))
        between = min(2 * between, _BETWEEN)


def _logged(
    stage: Stage, function: str, message: str, since: float, cloud: Cloud
) -> Iterator[dict[str, Any]]:
    """Yield the lines of that message, newest last; what is no JSON is the platform's."""
    pages = (
        cloud.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=f"/aws/lambda/{stage.function(function)}",
            startTime=int(since * 1000),
            filterPattern=f'"{message}"',
        )
    )
    for page in pages:
        for event in page["events"]:
            start = event["message"].find("{")
            if start < 0:
                continue
            line = json.loads(event["message"][start:])
            if line.get("message") == message:
                yield line
