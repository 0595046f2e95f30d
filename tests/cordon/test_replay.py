from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cordon.exports import as_event, read_folder
from cordon.replay import main, replay
from tests.builders import ACCOUNT, OTHER_ACCOUNT, PACKAGED, WEB, an_event


def pascal(value: Any) -> Any:
    """Return `value` as GetFindings spells it."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(each) for key, each in value.items()}
    return [pascal(each) for each in value] if isinstance(value, list) else value


def outcomes(folder: Path) -> list[str]:
    return [row.outcome for row in replay(read_folder(folder), PACKAGED)]


def test_an_event_is_replayed(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(an_event()))

    assert outcomes(tmp_path) == ["contained"]


def test_what_get_findings_answers_is_replayed(tmp_path: Path) -> None:
    answer = {"Findings": [pascal(an_event()["detail"])]}
    (tmp_path / "answer.json").write_text(json.dumps(answer))

    assert outcomes(tmp_path) == ["contained"]


def test_an_export_to_s3_is_replayed_line_by_line(tmp_path: Path) -> None:
    details = [an_event()["detail"], an_event(type_="Recon:EC2/PortProbeUnprotectedPort")["detail"]]
    lines = "\n".join(json.dumps(each) for each in details)
    (tmp_path / "export.jsonl.gz").write_bytes(gzip.compress(lines.encode()))

    assert sorted(outcomes(tmp_path)) == ["alerted", "contained"]


def test_a_finding_of_get_findings_becomes_the_event_that_it_was() -> None:
    assert as_event(pascal(an_event()["detail"]))["detail"] == an_event()["detail"]


def test_one_finding_corroborates_another_in_the_order_of_time(tmp_path: Path) -> None:
    late = an_event(type_="Recon:EC2/Portscan", finding_id="b", last_seen="2026-03-01T13:00:00Z")
    early = an_event(type_="Backdoor:EC2/Spambot", finding_id="a", last_seen="2026-03-01T12:00:00Z")
    (tmp_path / "1.json").write_text(json.dumps(late))
    (tmp_path / "2.json").write_text(json.dumps(early))

    rows = replay(read_folder(tmp_path), PACKAGED)

    assert [(row.type, row.outcome) for row in rows] == [
        ("Backdoor:EC2/Spambot", "held"),
        ("Recon:EC2/Portscan", "contained"),
    ]


def test_a_sample_says_what_it_would_lead_to_if_it_were_real(tmp_path: Path) -> None:
    (tmp_path / "sample.json").write_text(json.dumps(an_event(title="[SAMPLE] traffic")))

    (row,) = replay(read_folder(tmp_path), PACKAGED)

    assert row.outcome == "alerted"
    assert row.if_real.startswith("contain, command-and-control")


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"detail-type": "x", "detail": {}}', "\x00"])
def test_what_is_no_finding_is_rejected_and_stops_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_text(text)
    (tmp_path / "good.json").write_text(json.dumps(an_event()))

    assert outcomes(tmp_path) == ["contained", "rejected"]


def test_json_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "event.json").write_text(json.dumps(an_event()))

    status = main([str(tmp_path), "--format", "json"])

    assert status == 0
    assert json.loads(capsys.readouterr().out)[0]["outcome"] == "contained"


def test_the_table_names_finding_outcome_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(an_event()))

    main([str(tmp_path)])

    said = capsys.readouterr().out
    assert "contained" in said
    assert "command-and-control" in said
    assert "1 instances would have been cut off" in said
    assert "\x1b" not in said


def test_an_empty_folder_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def asff(**changes: Any) -> dict[str, Any]:
    """Return the ordinary finding as Security Hub has it in its own format."""
    detail = an_event()["detail"]
    product = "arn:aws:securityhub:eu-west-1::product/aws/guardduty"
    service = "aws/guardduty/service"
    return {
        "SchemaVersion": "2018-10-08",
        "ProductArn": product,
        "ProductName": "GuardDuty",
        "Id": f"arn:aws:guardduty:eu-west-1:{ACCOUNT}:detector/d/finding/{detail['id']}",
        "AwsAccountId": detail["accountId"],
        "Region": "eu-west-1",
        "Types": ["TTPs/Command and Control/Backdoor:EC2-C&CActivity.B"],
        "Severity": {"Product": 8, "Label": "HIGH", "Normalized": 70},
        "Title": "x",
        "UpdatedAt": detail["updatedAt"],
        "Resources": [
            {
                "Type": "AwsEc2Instance",
                "Id": f"arn:aws:ec2:eu-west-1:{detail['accountId']}:instance/{WEB}",
            }
        ],
        "ProductFields": {
            f"{service}/resourceRole": "TARGET",
            f"{service}/eventLastSeen": "2026-03-01T11:58:00.000Z",
            f"{service}/archived": "false",
        },
        **changes,
    }


def ocsf(**changes: Any) -> dict[str, Any]:
    """Return the same in the format of the newer Security Hub."""
    detail = an_event()["detail"]
    return {
        "class_uid": 2004,
        "metadata": {"product": {"name": "GuardDuty"}},
        "finding_info": {"uid": detail["id"], "title": "x", "types": [detail["type"]]},
        "severity_id": 4,
        "cloud": {"account": {"uid": detail["accountId"]}, "region": "eu-west-1"},
        "resources": [{"type": "AWS::EC2::Instance", "uid": WEB}],
        **changes,
    }


@pytest.mark.parametrize("found", [asff(), ocsf()], ids=["asff", "ocsf"])
def test_a_finding_of_security_hubs_is_the_one_that_guardduty_sent_there(
    tmp_path: Path, found: dict[str, Any]
) -> None:
    imported = {"source": "aws.securityhub", "detail-type": "x", "detail": {"findings": [found]}}
    (tmp_path / "plain.json").write_text(json.dumps(found))
    (tmp_path / "event.json").write_text(json.dumps(imported))

    rows = replay(read_folder(tmp_path), PACKAGED)

    assert [row.outcome for row in rows] == ["contained", "already_contained"]
    assert {(row.type, row.account_id, row.region, row.instance_id) for row in rows} == {
        ("Backdoor:EC2/C&CActivity.B", ACCOUNT, "eu-west-1", WEB)
    }
    assert {row.finding_id for row in rows} == {an_event()["detail"]["id"]}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (asff(ProductName="Inspector"), "a finding of Inspector, not of GuardDuty"),
        (ocsf(metadata={"product": {"name": "Macie"}}), "a finding of Macie, not of GuardDuty"),
        (asff(Types=["nonsense"]), "not as Security Hub writes a finding"),
        (ocsf(severity_id=99), "not as Security Hub writes a finding"),
        (asff(Resources=None), "not as Security Hub writes a finding"),
    ],
)
def test_what_is_not_guarddutys_is_named(tmp_path: Path, found: dict[str, Any], said: str) -> None:
    (tmp_path / "one.json").write_text(json.dumps(found))

    (row,) = replay(read_folder(tmp_path), PACKAGED)

    assert (row.outcome, row.why[: len(said)]) == ("rejected", said)


def test_archives_and_endings_of_any_case_are_read(tmp_path: Path) -> None:
    event = json.dumps(an_event()).encode()
    (tmp_path / "ONE.JSON").write_bytes(event)
    (tmp_path / "two.ndjson.GZ").write_bytes(gzip.compress(event))
    with zipfile.ZipFile(tmp_path / "three.zip", "w") as archive:
        archive.writestr("inside/a.jsonl", event)
        archive.writestr("inside/b.json.gz", gzip.compress(event))
        archive.writestr("readme.txt", "nothing")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04broken")

    rows = replay(read_folder(tmp_path), PACKAGED)

    assert sorted(row.file for row in rows if row.outcome != "rejected") == [
        "ONE.JSON",
        "three.zip/inside/a.jsonl",
        "three.zip/inside/b.json.gz",
        "two.ndjson.GZ",
    ]
    assert [row.file for row in rows if row.outcome == "rejected"] == ["broken.zip"]


def test_a_bad_line_costs_itself_alone_and_is_named(tmp_path: Path) -> None:
    event = json.dumps(an_event())
    (tmp_path / "lines.jsonl").write_text(f"{event}\n{{broken\n\n7\n{event}\n")

    rows = replay(read_folder(tmp_path), PACKAGED)

    assert [(row.file, row.outcome) for row in rows] == [
        ("lines.jsonl:1", "contained"),
        ("lines.jsonl:5", "already_contained"),
        ("lines.jsonl:2", "rejected"),
        ("lines.jsonl:4", "rejected"),
    ]


def test_one_file_or_standard_input_is_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    event = tmp_path / "event.txt"
    event.write_text(json.dumps(an_event()))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(event.read_bytes())))

    assert main([str(event), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["account_id"] == ACCOUNT
    assert main(["-", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["file"] == "stdin"


def test_the_sums_come_first_by_outcome_rule_and_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(an_event()))

    main([str(tmp_path)])

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Mode enforce; policy.toml."
    assert said[1].startswith("Every account is taken for one")
    assert said[2] == "1 findings: 1 contained."
    assert said[4:6] == [
        "rule command-and-control: 1 contained",
        f"account {ACCOUNT}: 1 contained",
    ]


def test_mode_and_accounts_are_kept_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "event.json").write_text(json.dumps(an_event()))
    options = ["--mode", "observe", "--own-account", OTHER_ACCOUNT, "--format"]

    main([str(tmp_path), *options, "json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["outcome"], row["reasons"]) == ("held", ["observe_mode", "account_not_allowed"])

    main([str(tmp_path), *options, "table"])
    assert f"Mode observe; policy.toml.\nCordon runs in {OTHER_ACCOUNT};" in capsys.readouterr().out


def test_where_nothing_can_be_read_the_status_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")

    assert main([str(tmp_path)]) == 1


def test_nothing_that_a_finding_says_moves_the_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x\x1b[2Jy.json").write_text('{"a\\u001b[31m": 1}')
    (tmp_path / "good.json").write_text(json.dumps(an_event()))

    main([str(tmp_path)])

    assert "\x1b" not in capsys.readouterr().out
