"""The owner's file counts wherever the policy does: a copy of the project has one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import an_event
from tests.house.source import ROOT

OWNERS = """
version = 1

[[rules]]
name = "our-beacons"
types = ["Backdoor:EC2/C&CActivity.*"]
response = "record"
why = "We run the beacons ourselves."

[breaker]
max_containments = 3
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("chalicelib", "cordon", "deploy", "infra", ".chalice"):
        unwanted = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "chalicelib" / "policy.owner.toml").write_text(OWNERS, encoding="utf-8")
    (folder / "finding.json").write_text(json.dumps(an_event()), encoding="utf-8")
    return folder


def run(copy: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={
            **os.environ,
            "AWS_REGION": "us-east-1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_functions_follow_it(copy: Path) -> None:
    program = "from chalicelib.settings.deployment import Settings; import os\n"
    program += "policy = Settings.read(os.environ).policy\n"
    program += "print(policy.rules[0].name, policy.max_containments, policy.breaker_window)"

    assert run(copy, "-c", program).stdout == "our-beacons 3 0:10:00\n"


@pytest.mark.parametrize("command", [("explain", "finding.json"), ("replay", ".")])
def test_explain_and_replay_follow_it(copy: Path, command: tuple[str, ...]) -> None:
    done = run(copy, "-m", "cordon", *command, "--json")

    (row,) = (each for each in json.loads(done.stdout) if each["outcome"] != "rejected")
    assert (row["outcome"], row["reasons"]) == ("recorded", ["our-beacons"])


def test_another_file_may_stand_in_its_place(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(OWNERS.replace("record", "alert"), encoding="utf-8")

    done = run(copy, "-m", "cordon", "explain", "finding.json", "--json", CORDON_POLICY=str(other))

    assert json.loads(done.stdout)[0]["outcome"] == "alerted"


def test_it_is_in_the_package(copy: Path) -> None:
    program = "from deploy.staging import staged_project\n"
    program += "with staged_project() as project:\n"
    program += "    print((project / 'chalicelib' / 'policy.owner.toml').read_text())"

    assert OWNERS in run(copy, "-c", program).stdout


@pytest.mark.parametrize(("module", "status"), [("cordon.check", 1), ("deploy", 2)])
def test_a_mistake_in_it_stops_check_and_package(copy: Path, module: str, status: int) -> None:
    file = copy / "chalicelib" / "policy.owner.toml"
    file.write_text(OWNERS.replace("max_containments", "max_containment"), encoding="utf-8")
    arguments = ("package", "--stage", "dev") if module == "deploy" else ()

    done = run(copy, "-m", module, *arguments)
    file.write_text(OWNERS, encoding="utf-8")

    assert done.returncode == status
    assert "policy.owner.toml: policy file, line 11: unknown name max_containment" in done.stderr


def test_a_link_that_leads_nowhere_is_no_lack_of_a_file(copy: Path) -> None:
    file = copy / "chalicelib" / "policy.owner.toml"
    file.unlink()
    file.symlink_to(copy / "missing.toml")

    done = run(copy, "-m", "cordon.check")
    file.unlink()
    file.write_text(OWNERS, encoding="utf-8")

    assert done.returncode == 1
    assert "policy.owner.toml cannot be read" in done.stderr
