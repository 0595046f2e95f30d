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
        "rule spam never decides: rule all before it covers it wholly\n"
    )
