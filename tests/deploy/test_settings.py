from __future__ import annotations

from pathlib import Path

import pytest

from deploy.command import refuse_unreadable
from deploy.errors import DeployError
from deploy.runtime import NEWEST, is_own, refuse_unknown, runtime
from deploy.stages import Stage


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_settings_that_ship_are_taken(stage: str) -> None:
    refuse_unreadable(Stage.of(stage).environment)


def test_nothing_is_brought_to_aws_that_no_function_could_follow(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("version = 1\n[breaker]\nmax_containments = 0\n", encoding="utf-8")

    with pytest.raises(DeployError, match=r"enfroce.*policy\.toml: policy file, line 3"):
        refuse_unreadable({"CORDON_MODE": "enfroce", "CORDON_POLICY": str(policy)})


def test_a_file_is_looked_for_where_lambda_will_have_it() -> None:
    refuse_unreadable({"CORDON_POLICY": "/var/task/chalicelib/policy.toml"})

    with pytest.raises(DeployError, match="CORDON_POLICY cannot be read"):
        refuse_unreadable({"CORDON_POLICY": "/var/task/chalicelib/mine.toml"})


def test_the_runtime_is_one_that_lambda_has_whatever_python_packages() -> None:
    newer = (NEWEST[0], NEWEST[1] + 1)

    assert runtime((3, 11)) == "python3.11"
    assert runtime(newer) == runtime(NEWEST)
    assert (is_own((3, 11)), is_own(NEWEST), is_own(newer)) == (True, True, False)
    refuse_unknown(NEWEST)
    with pytest.raises(DeployError, match=r"Lambda has no python3\.\d+.*give ARTIFACTS"):
        refuse_unknown(newer)
