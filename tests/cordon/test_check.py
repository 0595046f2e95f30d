from __future__ import annotations

from pathlib import Path

import pytest

from cordon.check import main


def test_what_is_packaged_can_be_followed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    assert capsys.readouterr().err == ""


def test_mistakes_of_both_files_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, channels = tmp_path / "policy.toml", tmp_path / "channels.toml"
    policy.write_text("version = 1\n[breaker]\nmax_containments = 0\n", encoding="utf-8")
    channels.write_text("version = 1\n[[channels]]\nkind = 'irc'\n", encoding="utf-8")
    monkeypatch.setenv("CORDON_POLICY", str(policy))
    monkeypatch.setenv("CORDON_CHANNELS", str(channels))

    assert main() == 1

    first, second = capsys.readouterr().err.splitlines()
    assert "policy.toml: policy file, line 3" in first
    assert second.startswith("channels.toml: channel 1: kind must be one of")


def test_a_file_that_is_missing_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORDON_CHANNELS", "missing.toml")

    assert main() == 1
    assert "CORDON_CHANNELS cannot be read" in capsys.readouterr().err


def test_a_rule_that_never_decides_is_told_with_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "[[rules]]\nname = '{}'\ntypes = ['Backdoor:EC2/{}']\nresponse = '{}'\nwhy = 'x'\n"
    policy = tmp_path / "policy.toml"
    policy.write_text(
        "version = 1\n"
        + rule.format("all", "*", "record")
        + rule.format("spam", "Spambot", "contain"),
        encoding="utf-8",
    )
    monkeypatch.setenv("CORDON_POLICY", str(policy))

    assert main() == 1
    assert capsys.readouterr().err == (
        f"{policy}: policy file, line 8: "
        "rule spam never decides: rule all before it covers it wholly (line 3)\n"
    )


def test_every_mistake_of_a_file_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("version = 1\n[breaker]\nmax_containments = 0\nwindow = 5\n")
    monkeypatch.setenv("CORDON_POLICY", str(policy))

    assert main() == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("line 3: max_containments must be a whole number from 1")
    assert "line 4: unknown name window; did you mean window_minutes?" in second


def test_a_file_in_another_encoding_is_told_with_the_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_bytes("version = 1 # naïve".encode("latin-1"))
    monkeypatch.setenv("CORDON_POLICY", str(policy))

    assert main() == 1
    assert f"{policy} is no UTF-8 from byte 16 on" in capsys.readouterr().err
