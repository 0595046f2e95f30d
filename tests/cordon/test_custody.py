"""One flipped byte, a missing or a swapped piece of evidence is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from chalicelib.flows.watch import watch
from cordon.command import main
from cordon.exits import Exit
from sandbox.guard import REGION
from tests.builders import an_event, an_instance
from tests.fakes import World

Names = dict[str, Path]


@pytest.fixture
def evidence(tmp_path: Path) -> Names:
    """Return the files of a copy of the bucket after an incident, by name."""
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())
    watch(world.responder)  # it files the report
    for name, text in world.evidence.kept.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {name: tmp_path / name for name in world.evidence.kept}


def verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what is wrong, by name; the status says whether anything is."""
    status = main(["verify", str(folder), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert status == (Exit.WRONG if said["problems"] else Exit.DONE)
    problems: dict[str, str] = said["problems"]
    return problems


def one(evidence: Names, part: str) -> str:
    return next(name for name in evidence if part in name)


def test_evidence_that_nobody_touched_is_right(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tmp_path, capsys) == {}

    assert main(["verify", str(tmp_path)]) == Exit.DONE
    assert capsys.readouterr().out == f"{len(evidence)} pieces of evidence, nothing wrong\n"


@pytest.mark.parametrize("part", ["instance-before", "findings/", "report-"])
def test_one_flipped_byte_is_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    name = one(evidence, part)
    body = bytearray(evidence[name].read_bytes())
    body[len(body) // 2] ^= 1
    evidence[name].write_bytes(body)

    assert verify(tmp_path, capsys) == {name: "it does not hold what its name says"}


@pytest.mark.parametrize("part", ["instance-before", "findings/"])
def test_a_missing_piece_is_named_by_the_report_of_its_case(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    name = one(evidence, part)
    evidence[name].unlink()

    assert verify(tmp_path, capsys)[name].startswith("missing: quarantines/")


def test_two_swapped_pieces_are_both_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one_, other = one(evidence, "instance-before"), one(evidence, "findings/")
    aside = evidence[one_].rename(tmp_path / "aside")
    evidence[other].rename(evidence[one_])
    aside.rename(evidence[other])

    assert set(verify(tmp_path, capsys)) == {one_, other}


@pytest.mark.usefixtures("evidence")
def test_what_cordon_did_not_keep_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings" / "planted.json").write_text("{}", encoding="utf-8")

    assert "none of Cordon's" in verify(tmp_path, capsys)["findings/planted.json"]


@pytest.mark.parametrize("folder", ["", "not-there"])
def test_no_evidence_is_no_success(tmp_path: Path, folder: str) -> None:
    assert main(["verify", str(tmp_path / folder)]) in (Exit.GONE, Exit.USAGE)


@pytest.fixture
def bucket(evidence: Names, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="evidence")
        for name, path in evidence.items():
            s3.put_object(Bucket="evidence", Key=name, Body=path.read_bytes())
        yield "s3://evidence"


def test_a_bucket_is_asked_by_the_operators_own_rights(
    bucket: str, evidence: Names, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", bucket]) == Exit.DONE
    name = one(evidence, "instance-before")
    boto3.client("s3").put_object(Bucket="evidence", Key=name, Body=b"{}")

    assert main(["verify", bucket]) == Exit.WRONG
    assert f"{name}: it does not hold" in capsys.readouterr().out
    assert main(["verify", "s3://nobodys"]) == Exit.FORBIDDEN
