"""The package beside the oldest boto3 that a Lambda runtime may have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from deploy.stages import ROOT
from sandbox.guard import ACCOUNT, REGION
from tests.roads.incident import an_incident, call, check_it_was_contained_and_told, groups_of
from tests.roads.local_aws import LocalAws

OLDEST = ROOT / ".runtime"  # make test puts it there, from requirements-runtime.txt


@pytest.fixture(scope="module")
def beside_the_oldest(deployed: LocalAws) -> LocalAws:
    deployed.runtime = OLDEST
    deployed.connect()
    return deployed


def test_it_is_the_oldest_that_the_docs_name() -> None:
    said = _version(OLDEST)

    assert said in (ROOT / "docs" / "deploying.md").read_text()
    assert said != _version(None)


def _version(folder: Path | None) -> str:
    path = f"sys.path.insert(0, {str(folder)!r});" if folder else ""
    program = f"import sys; {path} import botocore; print(botocore.__version__)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_an_incident_is_contained_told_and_given_back(beside_the_oldest: LocalAws) -> None:
    instance = an_incident(beside_the_oldest)

    check_it_was_contained_and_told(beside_the_oldest, instance)
    release = {"reason": "rebuilt", "verdict": "false_positive"}
    status, said = call("POST", "/quarantines/{instance_id}/release", instance, release)
    assert (status, said["state"]) == (200, "RELEASED")
    assert groups_of(instance) == ["default"]


@pytest.mark.usefixtures("beside_the_oldest")
@pytest.mark.parametrize("name", ["watch_quarantines", "sync_threat_lists"])
def test_a_schedule_runs(name: str) -> None:
    event = {
        "source": "aws.events",
        "detail-type": "Scheduled Event",
        "account": ACCOUNT,
        "region": REGION,
        "detail": {},
        "resources": [],
        "time": "2026-03-01T12:00:00Z",
        "version": "0",
        "id": "scheduled",
    }

    made = boto3.client("lambda").invoke(
        FunctionName=f"cordon-dev-{name}", Payload=json.dumps(event)
    )

    assert "FunctionError" not in made, made["Payload"].read()
