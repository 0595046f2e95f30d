from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.core.policy.policy import Mode
from chalicelib.settings.deployment import Settings, SettingsError
from tests.builders import PACKAGED

REGION = {"AWS_REGION": "eu-west-1"}


def test_only_the_region_must_be_set() -> None:
    settings = Settings.read(REGION)

    assert settings == Settings("dev", "eu-west-1", Mode.OBSERVE, PACKAGED)


def test_everything_can_be_set() -> None:
    settings = Settings.read({**REGION, "STAGE": "prod-2", "CORDON_MODE": "enforce"})

    assert (settings.stage, settings.mode) == ("prod-2", Mode.ENFORCE)


def test_the_region_of_lambda_goes_before_the_default_one() -> None:
    assert Settings.read({**REGION, "AWS_DEFAULT_REGION": "us-east-1"}).region == "eu-west-1"
    assert Settings.read({"AWS_DEFAULT_REGION": "us-east-1"}).region == "us-east-1"


def test_what_is_set_to_nothing_is_not_set() -> None:
    empty = {"STAGE": "", "CORDON_MODE": "", "CORDON_POLICY": "", "AWS_REGION": ""}

    assert Settings.read({**empty, "AWS_DEFAULT_REGION": "eu-west-1"}) == Settings.read(REGION)


@pytest.mark.parametrize("stage", ["Prod", "1dev", "-dev", "a" * 17, "dev_1", "dev\n", "*"])
def test_a_stage_that_cannot_be_part_of_a_name_is_refused(stage: str) -> None:
    with pytest.raises(SettingsError, match="STAGE is"):
        Settings.read({**REGION, "STAGE": stage})


@pytest.mark.parametrize("mode", ["Enforce", "off", "true", "enforce "])
def test_a_mode_that_is_none_is_refused_and_never_guessed(mode: str) -> None:
    with pytest.raises(SettingsError, match="must be enforce or observe"):
        Settings.read({**REGION, "CORDON_MODE": mode})


def test_all_complaints_are_made_at_once(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.toml")

    with pytest.raises(SettingsError) as caught:
        Settings.read({"STAGE": "Prod", "CORDON_MODE": "off", "CORDON_POLICY": missing})

    complaints = str(caught.value).split("; ")
    named = ("STAGE", "AWS_REGION", "CORDON_MODE", "CORDON_POLICY")
    assert all(any(name in each for each in complaints) for name in named)


def overlay(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return {**REGION, "CORDON_POLICY": str(path)}


def test_another_policy_file_replaces_setting_by_setting(tmp_path: Path) -> None:
    environment = overlay(tmp_path, "version = 1\n[breaker]\nmax_containments = 3\n")

    policy = Settings.read(environment).policy

    assert policy.max_containments == 3
    assert policy.breaker_window == PACKAGED.breaker_window
    assert policy.rules == PACKAGED.rules


def test_a_policy_file_that_is_wrong_is_named_with_the_line(tmp_path: Path) -> None:
    environment = overlay(tmp_path, "version = 1\n\n[breaker]\nmax_containments = 0\n")

    with pytest.raises(SettingsError, match=r"mine\.toml: policy file, line 4: max_containments"):
        Settings.read(environment)


def test_a_policy_file_with_an_unknown_name_is_refused(tmp_path: Path) -> None:
    environment = overlay(tmp_path, "version = 1\n[breaker]\nmax_containment = 3\n")

    with pytest.raises(SettingsError, match="line 3: unknown name max_containment"):
        Settings.read(environment)


def test_a_policy_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingsError, match="CORDON_POLICY cannot be read"):
        Settings.read({**REGION, "CORDON_POLICY": str(path)})


def test_a_policy_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CORDON_POLICY cannot be read"):
        Settings.read({**REGION, "CORDON_POLICY": str(tmp_path)})
