from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cordon.exports import as_event, read_folder
from cordon.replay import main, replay
from tests.builders import PACKAGED, an_event


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
