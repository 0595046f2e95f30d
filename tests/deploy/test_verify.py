"""`make verify-aws`, on the local AWS; the witness sees what the groups there let through."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cordon.client import Client
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.stages import Stage
from deploy.verify import command
from deploy.verify.ground import TAG, Ground
from deploy.verify.proof import text_of, write_proof
from deploy.verify.story import Exercise
from deploy.verify.witness import Flow, flows_in
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox

MINUTE = 60
DENY = "cordon-dev-deny"


@dataclass
class Time:
    """Passes only where somebody waits, and remembers what the victim could send meanwhile."""

    sandbox: Sandbox
    leaks: bool = False
    at: float = 1_700_000_000.0
    number: int = 0
    vpc: str = ""

    def __post_init__(self) -> None:
        self.flows_seen: list[Flow] = []

    def pause(self, seconds: float) -> None:
        action = "ACCEPT" if self.leaks or not self._is_cut() else "REJECT"
        self.number += int(seconds) * (action == "ACCEPT")
        self.flows_seen.append(Flow(int(self.at), int(self.at + seconds), action))
        self.at += seconds

    def heard(self, ground: Ground) -> int:
        self.vpc = ground.vpc
        return self.number

    def flows(self, ground: Ground) -> tuple[Flow, ...]:
        if ground.vpc == self.vpc:
            self.pause(MINUTE)
        return tuple(self.flows_seen)

    def _is_cut(self) -> bool:
        found = self.sandbox.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
        return any(group["GroupName"] == DENY for each in found for group in each["Groups"])


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(log=tmp_path_factory.mktemp("log") / "log") as running:
        yield running


@pytest.fixture
def cloud(sandbox: Sandbox) -> Cloud:
    assert sandbox.aws_url.startswith("http://127.0.0.1:")
    return Cloud(boto3.Session(region_name=REGION), ACCOUNT, REGION, "aws")


@pytest.fixture
def exercise(sandbox: Sandbox, cloud: Cloud) -> Callable[..., Exercise]:
    def made(said: list[str], *, leaks: bool = False) -> Exercise:
        time = Time(sandbox, leaks)
        client = Client(sandbox.api_url)
        return Exercise(cloud, client, time, said.append, time.pause, lambda: time.at)

    return made


def left(cloud: Cloud) -> list[str]:
    """Return what still carries the tag, but for instances that are terminated."""
    ec2 = cloud.client("ec2")
    mine = [{"Name": "tag-key", "Values": [TAG]}]
    instances = [
        each["InstanceId"]
        for page in ec2.describe_instances(Filters=mine)["Reservations"]
        for each in page["Instances"]
        if each["State"]["Name"] != "terminated"
    ]
    vpcs = [each["VpcId"] for each in ec2.describe_vpcs(Filters=mine)["Vpcs"]]
    cases = [{"Name": "tag-key", "Values": ["cordon:case"]}]
    kept = [each["SnapshotId"] for each in ec2.describe_snapshots(Filters=cases)["Snapshots"]]
    buckets = [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]]
    return [
        *instances,
        *vpcs,
        *kept,
        *(name for name in buckets if name.startswith("cordon-verify-")),
    ]


def test_a_connection_is_cut_and_comes_back_and_nothing_is_left(
    exercise: Callable[..., Exercise], cloud: Cloud, tmp_path: Path
) -> None:
    seen = exercise([]).run("a1")

    assert seen["heard_before"] <= seen["last_heard_while_cut"] < seen["heard_after"]
    assert seen["flows_accepted_before"]
    assert seen["flows_rejected_while_cut"]
    assert (seen["left"], left(cloud)) == ([], [])

    proof = json.loads(write_proof(seen, "a1", cloud, tmp_path).read_text(encoding="utf-8"))
    key = load_der_public_key(base64.b64decode(proof["public_key"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signature = base64.b64decode(proof["signature"])
    key.verify(signature, text_of(proof["seen"]), ec.ECDSA(SHA256()))


def test_a_connection_that_lives_on_is_found_out_and_nothing_is_left_either(
    exercise: Callable[..., Exercise], cloud: Cloud
) -> None:
    with pytest.raises(DeployError, match="it is contained, and yet"):
        exercise([], leaks=True).run("a2")

    assert left(cloud) == []


def test_nothing_is_made_unless_somebody_agrees(
    cloud: Cloud, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "has_function", lambda *_: True)
    monkeypatch.setenv("CORDON_API", sandbox.api_url)
    said: list[str] = []

    with pytest.raises(DeployError, match="nobody agreed"):
        command.verify(Stage.of("dev"), cloud, lambda _: False, said.append)

    assert "under 0.05 dollars" in said[0]
    assert left(cloud) == []


def test_records_about_others_and_gaps_are_no_flows() -> None:
    record = "2 1 {} 10.0.0.1 10.0.0.2 1 7777 6 9 99 100 160 {} OK"
    lines = [record.format("eni-1", "ACCEPT"), record.format("eni-2", "REJECT")]
    gap = "2 1 eni-1 - - - - - - - 100 160 - NODATA"

    assert list(flows_in("\n".join([*lines, gap]), "eni-1")) == [Flow(100, 160, "ACCEPT")]
