"""Every command of the documents is run, and what is made from the code is as the code is."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from moto import mock_aws

from chalicelib.core.instance import EXERCISE_TAG
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.exemption import Exemption
from cordon.exits import Exit
from cordon.reference import made
from tests.builders import WEB, a_ref, an_event
from tests.cordon.operator import Operator
from tests.house.source import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"^ {4,}(cordon [^#\n]*)", re.MULTILINE)
SAID = {line for each in DOCUMENTS for line in LINE.findall(each.read_text(encoding="utf-8"))}
# What is sent wants a sandbox: tests/sandbox_server has one.
COMMANDS = sorted({line.strip() for line in SAID if not line.startswith("cordon send")})
FRESH = ("quarantine", "approve", "drill")  # act on an instance that is not in quarantine
HUB = 'version = 1\n[[channels]]\nname = "hub"\nkind = "security_hub"\n'
DAY = timedelta(days=1)
ASKS = (*FRESH, "exempt", "unexempt", "dismiss", "release", "mode", "step")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_documents_does_what_it_says(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "findings").mkdir()
    for name in ("finding.json", "findings/one.json"):
        (tmp_path / name).write_text(json.dumps(an_event()), encoding="utf-8")
    piece = tmp_path / "evidence" / f"{sha256(b'{}').hexdigest()}.json"
    piece.parent.mkdir()
    piece.write_bytes(b"{}")
    (tmp_path / "feed.csv").write_text("seen,dst_ip\n2026-03-01,45.1.2.3\n", encoding="utf-8")
    (tmp_path / "channels.toml").write_text(HUB, encoding="utf-8")
    monkeypatch.setenv("CORDON_CHANNELS", str(tmp_path / "channels.toml"))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    world = operator.wire.api.world
    said = command.replace("i-0123456789abcdef0", WEB)
    _, verb, *rest = shlex.split(said.replace("2027-01-31", f"{world.now + DAY:%F}"))
    if verb == "unexempt":
        world.quarantines.exemptions[a_ref().key] = Exemption("a scan", world.now + DAY)
    if verb == "drill":
        world.ec2.change(WEB, tags={EXERCISE_TAG: ""})
    if verb == "dismiss":
        world.mode = Mode.OBSERVE
    if verb not in FRESH:
        world.deliver(an_event())

    asks = verb in ASKS or rest[:1] == ["test"]
    with mock_aws():
        status = operator.run(verb, *rest, *(["--yes"] if asks else []))
        assert status == (Exit.UNFINISHED if "malware_scan" in rest else Exit.DONE)  # it takes time


def test_the_documents_do_hold_commands() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").rglob("*.svg")), ids=lambda p: p.name)
def test_a_picture_fetches_nothing(picture: Path) -> None:
    addresses = re.findall(r"(?:https?:)?//[^\s\"']+", picture.read_text(encoding="utf-8"))

    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


def test_what_is_made_from_the_code_is_as_the_code_is() -> None:
    for name, text in made().items():
        found = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert found == text, f"docs/{name} is not as the code is: run make docs"
