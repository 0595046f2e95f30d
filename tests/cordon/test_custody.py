"""One flipped byte, a missing or a swapped piece of evidence is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.core.evidence.manifest import read_manifest
from chalicelib.flows.watch import watch
from cordon.command import main
from cordon.custody import problems
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
    world.ec2.left_behind = ("panic", "#!/bin/sh")
    world.deliver(an_event())
    world.deliver(an_event(count=7))
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


_HOSTILE = st.one_of(
    st.text(min_size=1),
    st.sampled_from(["<script>alert(1)</script>", "\u202egnp.exe", "\x00\x1b[2J", "=cmd()", "]]>"]),
    st.just("A" * 100_000),
)


@given(console=_HOSTILE, told=_HOSTILE, named=_HOSTILE, screen=st.binary(min_size=1))
@settings(deadline=None, max_examples=50)
def test_whatever_an_instance_wrote_is_kept_as_it_is_and_changes_nothing_else(
    console: str, told: str, named: str, screen: bytes
) -> None:
    world = World()
    world.launch(an_instance(tags={"Name": named}))
    world.ec2.left_behind, world.ec2.shows = (console, told), screen

    world.deliver(an_event())

    kept = world.evidence.bodies
    of = {name.rpartition("/")[2].rpartition("-")[0]: body for name, body in kept.items()}
    assert (of["console"], of["user-data"]) == (console.encode(), told.encode())
    assert of["screenshot"] == screen
    assert problems((name, body, "") for name, body in kept.items())[1] == {}
    assert world.is_cut()


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_one_flipped_bit_of_any_piece_is_named(evidence: Names, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(evidence)))
    kept = evidence[name].read_bytes()
    body = bytearray(kept)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= 1 << data.draw(st.integers(0, 7))
    pieces = [(each, path.read_bytes(), "") for each, path in evidence.items() if each != name]

    _, wrong = problems(iter([*pieces, (name, bytes(body), "")]))

    assert name in wrong


def test_every_missing_piece_is_named(evidence: Names) -> None:
    last = max(name for name in evidence if "/manifest-" in name)
    for name in evidence:
        pieces = ((n, p.read_bytes(), "") for n, p in evidence.items() if n != name)

        _, wrong = problems(pieces)

        # Without the last link what it listed is in none.
        assert (name if name != last else one(evidence, "report-")) in wrong


def test_two_swapped_pieces_are_both_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one_, other = one(evidence, "instance-before"), one(evidence, "findings/")
    swap(evidence[one_], evidence[other])

    assert set(verify(tmp_path, capsys)) == {one_, other}


def test_two_swapped_links_of_the_chain_are_both_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = one(evidence, "manifest-0001"), one(evidence, "manifest-0002")
    swap(evidence[first], evidence[second])

    wrong = verify(tmp_path, capsys)

    assert wrong[first].startswith("it is manifest 2 of quarantines/")
    assert wrong[second].startswith("it is manifest 1 of quarantines/")


def swap(one_: Path, other: Path) -> None:
    aside = one_.rename(one_.parent / "aside")
    other.rename(one_)
    aside.rename(other)


def test_a_link_that_was_written_anew_is_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, after = one(evidence, "manifest-0001"), one(evidence, "manifest-0002")
    manifest = read_manifest(evidence[name].read_bytes())
    assert manifest is not None
    evidence[name].write_bytes(replace(manifest, pieces=manifest.pieces[1:]).as_bytes())

    wrong = verify(tmp_path, capsys)

    assert wrong[after] == "it does not carry the hash of the one before"
    assert wrong[name] == "it is another than the one that a report names"


def test_a_chain_that_is_gone_is_missed_by_the_report(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = [name for name in evidence if "/manifest-" in name]
    for name in chain:
        evidence[name].unlink()

    wrong = verify(tmp_path, capsys)

    assert set(wrong) == {name for name in chain if name != max(chain)}


def test_a_chain_that_is_gone_before_there_is_a_report_is_missed_by_its_pieces(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in evidence:
        if "/manifest-" in name or "/report-" in name:
            evidence[name].unlink()

    assert verify(tmp_path, capsys) == {
        one(evidence, "manifest-0001"): "missing: what it would list is there, or a run died"
    }


def test_a_link_that_is_missing_in_the_middle_is_named(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = one(evidence, "manifest-0002")
    evidence[name].unlink()

    assert verify(tmp_path, capsys)[name] == "missing: manifests come after it"


def test_what_was_put_beside_the_evidence_is_named_however_it_is_called(
    evidence: Names, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b"planted"
    beside = evidence[one(evidence, "console-")].parent
    planted = beside / f"console-{hashlib.sha256(body).hexdigest()}.txt"
    planted.write_bytes(body)

    assert verify(tmp_path, capsys) == {
        planted.relative_to(tmp_path).as_posix(): (
            "no manifest lists it: it was put there, or a run died"
        )
    }


@pytest.mark.parametrize("body", [b"[", b"{}", b"[1]", b'{"evidence": [], "timeline": [1]}'])
def test_a_report_that_is_none_is_named(body: bytes) -> None:
    name = f"quarantines/1/r/i/1/report-0001-CONTAINED-{hashlib.sha256(body).hexdigest()}.json"

    _, wrong = problems(iter([(name, body, "")]))

    assert wrong == {name: "it is no report"}


@pytest.mark.usefixtures("evidence")
def test_what_cordon_did_not_keep_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "findings" / "planted.json").write_text("{}", encoding="utf-8")

    assert "none of Cordon's" in verify(tmp_path, capsys)["findings/planted.json"]


def test_evidence_of_a_version_without_manifests_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b"{}"
    piece = (
        tmp_path / f"quarantines/1/r/i/1/instance-before-{hashlib.sha256(body).hexdigest()}.json"
    )
    piece.parent.mkdir(parents=True)
    piece.write_bytes(body)

    assert verify(tmp_path, capsys) == {}


def test_another_version_of_a_piece_than_the_listed_one_is_named(evidence: Names) -> None:
    name = one(evidence, "console-")
    pieces = ((n, p.read_bytes(), "v2" if n == name else "v1") for n, p in evidence.items())

    _, wrong = problems(pieces)

    assert "lists version v1" in wrong[name]


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
