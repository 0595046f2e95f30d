"""What is missing or wrong is one line that says what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from deploy import staging
from deploy.errors import DeployError
from deploy.stages import ROOT
from tests.roads.local_aws import LocalAws, local_aws, names, stacks


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Return an AWS for all these tests: none of them leaves a stage there."""
    with local_aws(tmp_path_factory.mktemp("aws")) as made:
        yield made


@pytest.mark.parametrize(
    ("environment", "words", "says"),
    [
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, (), "set AWS_REGION"),
        ({"AWS_REGION": "mars-north-1"}, (), "Set AWS_REGION"),
        ({"AWS_REGION": "eu_central_1"}, (), "Set AWS_REGION"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, (), "is there a network?"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, (), "set AWS_PROFILE"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, (), "set AWS_PROFILE"),
        ({"AWS_PROFILE": "nobody"}, (), "set AWS_PROFILE"),
        ({}, ("Colour=red",), "no parameter 'Colour'"),
        ({}, ("Colour",), "write NAME=value"),
        ({}, ("Stage=prod",), "it is STAGE"),
        ({}, ("--artifacts", "nobody-has-it"), "is not there: give ARTIFACTS"),
        ({}, ("--artifacts", "s3://bucket"), "is no name of a bucket: give ARTIFACTS"),
        ({}, ("--stage", "staging"), "give STAGE=dev or STAGE=prod"),
        ({}, ("--stage", "a-stage-of-more-than-14-letters"), "give STAGE=dev or STAGE=prod"),
    ],
)
def test_what_is_missing_or_wrong_is_one_line(
    aws: LocalAws,
    environment: dict[str, str],
    words: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "environment", environment)

    done = aws.road("deploy", *words)

    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("deploy: ")
    assert says in line
    assert (names(), stacks()) == (set(), set())


def test_a_bucket_of_another_region_is_refused(aws: LocalAws) -> None:
    boto3.client("s3").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )

    done = aws.road("deploy", "--artifacts", "far-away")

    assert done.returncode == 2
    assert done.stderr == (
        "deploy: the bucket far-away is in eu-central-1: give ARTIFACTS one in us-east-1\n"
    )


def test_smoke_of_what_is_not_there_makes_no_sample(aws: LocalAws) -> None:
    guardduty = boto3.client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]

    done = aws.road("smoke")

    assert done.returncode == 2
    assert done.stderr == (
        "smoke: it is not in account 123456789012, region us-east-1: run make deploy STAGE=dev\n"
    )
    assert guardduty.list_findings(DetectorId=detector)["FindingIds"] == []


def test_destroy_of_what_is_not_there_says_where_it_looked(aws: LocalAws) -> None:
    done = aws.road("destroy")

    assert done.returncode == 0
    assert done.stdout == (
        "stage dev is not there: nothing to remove (account 123456789012, region us-east-1)\n"
    )


@pytest.mark.parametrize("road", ["deploy", "destroy"])
def test_a_state_of_another_region_is_not_taken_for_that_of_this_one(
    aws: LocalAws, road: str
) -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:cordon-dev-notify"
    aws.state.mkdir(exist_ok=True)
    state = aws.state / "dev.json"
    state.write_text(json.dumps({"resources": [{"lambda_arn": arn}]}))

    done = aws.road(road)

    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "is of account 123456789012, region eu-central-1" in line
    assert "set AWS_PROFILE and AWS_REGION" in line
    assert state.exists()
    shutil.rmtree(aws.state)


def test_an_environment_without_its_packages_says_how_to_make_it_again() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "deploy", "package", "--stage", "dev"],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.endswith(" is not installed: remove .venv and try again")


def test_a_missing_chalice_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with pytest.raises(DeployError, match=r"chalice is not installed: remove \.venv"):
        staging.run_chalice(tmp_path, ["package"], {})


def test_a_package_that_is_not_the_pinned_one_is_said() -> None:
    with pytest.raises(DeployError, match=r"chalice==0\.0\.1 is not installed: remove \.venv"):
        staging._installed("chalice", "0.0.1")
