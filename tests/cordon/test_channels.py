from __future__ import annotations

import json
import re
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.post import Answer
from cordon.command import main
from cordon.commands.channels import show, tried
from cordon.exits import CommandError, Exit
from cordon.trial import cure_of, try_channel
from tests.fakes.notifier import CHANNELS, SECRETS, Channels
from tests.fakes.receivers import PagerDuty, SecurityHub

SOME = """\
version = 1
[[channels]]
name = "soc"
kind = "slack"
secret = "ssm:/cordon/soc"
kinds = ["containment"]
min_severity = "High"
digest = true
[[channels]]
name = "hub"
kind = "security_hub"
[[channels]]
name = "siem"
kind = "webhook"
url = "https://siem.example.com/in"
secret = "ssm:/cordon/siem"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "channels.toml"
    path.write_text(SOME, encoding="utf-8")
    monkeypatch.setenv("CORDON_CHANNELS", str(path))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    return path


@pytest.mark.usefixtures("file")
def test_what_each_channel_hears_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["channels", "check"]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "kinds containment; High and above; low and medium findings with the digest" in said
    assert "hub security_hub none and the end of each incident" in said
    assert said.endswith("siem webhook ssm:/cordon/siem everything")


@pytest.mark.usefixtures("file")
def test_a_script_gets_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["channels", "check", "--json"]) == 0

    first, *_ = json.loads(capsys.readouterr().out)
    assert (first["name"], first["kinds"], first["digest"]) == ("soc", ["containment"], True)


def test_a_file_that_cannot_be_followed_ends_with_1_and_says_why(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("version = 1\n[[channels]]\nkind = 'irc'\n", encoding="utf-8")

    assert main(["channels", "check"]) == 1
    assert "channel 1: kind must be one of slack" in capsys.readouterr().err


def test_without_a_channel_that_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("version = 1\n", encoding="utf-8")

    assert main(["channels", "check"]) == 0
    assert "only e-mail is told" in capsys.readouterr().out
    assert main(["channels", "test", "--yes"]) == 2


@pytest.mark.usefixtures("file")
def test_a_channel_that_is_not_in_the_file_cannot_be_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["channels", "test", "noc", "--yes"]) == 2
    assert "no channel is named noc" in capsys.readouterr().err


@pytest.mark.usefixtures("file")
def test_nothing_is_sent_before_somebody_agreed() -> None:
    assert main(["channels", "test", "hub"]) == 2


@pytest.mark.usefixtures("file")
def test_a_trial_goes_the_real_way_and_what_it_opened_is_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with mock_aws():
        assert main(["channels", "test", "hub", "--yes"]) == 0
        (finding,) = boto3.client("securityhub", "eu-west-1").get_findings()["Findings"]

        assert main(["channels", "test", "soc", "--yes", "--json"]) == 1

    assert finding["RecordState"] == "ARCHIVED"
    assert finding["Title"].startswith("[TRIAL]")
    said = capsys.readouterr().out
    assert "taken, and ended" in said
    assert "store the secret under that very name" in said


def test_what_could_not_be_done_at_the_end_of_a_trial_is_said() -> None:
    (hub,) = (each for each in CHANNELS if each.name == "hub")
    channels = Channels(channels=(hub,))
    channels.notes_are_answered = AwsRefusedError("write the Note of finding 1", "AccessDenied")

    trial = try_channel(hub, channels.notifier)

    assert trial.is_taken
    assert trial.said.startswith("taken, and ended; its Note stays as it was: write the Note")
    assert trial.cure == "allow securityhub:BatchUpdateFindings on the default hub"


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_every_kind_of_channel_can_be_tried(channel: Channel) -> None:
    channels = Channels(channels=(channel,))

    trial = try_channel(channel, channels.notifier)

    assert (trial.channel, trial.is_taken) == (channel.name, True)
    assert all("TRIAL" in str(each) or "resolve" in str(each) for _, each in channels.arrived)
    assert PagerDuty(channels.got("on-call")).open == {}
    assert SecurityHub(channels.got("hub")).active == []
    assert channels.deliveries.standings == {}


def test_a_trial_goes_to_a_channel_that_lets_nothing_of_the_kind_through() -> None:
    narrow = Channel(
        "soc", CHANNELS[1].kind, "ssm:/cordon/slack", outcomes=frozenset({"contained"})
    )

    assert try_channel(narrow, Channels().notifier).is_taken


@pytest.mark.parametrize(
    ("answer", "cure"),
    [
        (Answer(404, b"no_service"), "make a new one"),
        (Answer(302, b""), "name the address"),
        (Answer(400, b"invalid_blocks"), "report it"),
        (Answer(500, b""), "try again later"),
    ],
)
def test_who_refused_by_which_rule_and_what_to_do_is_told(answer: Answer, cure: str) -> None:
    channels = Channels(answers={"slack": answer})

    trial = try_channel(CHANNELS[1], channels.notifier)

    assert not trial.is_taken
    assert f"hooks.slack.com: answered {answer.status}" in trial.said
    assert cure in trial.cure
    assert not re.search(SECRETS["ssm:/cordon/slack"][30:], trial.said)
    assert show([trial], json=False) == Exit.WRONG


def test_a_refusal_that_nobody_knows_is_told_in_its_words() -> None:
    assert cure_of("a wholly new thing") == "see its words"


def test_without_credentials_there_is_no_trial() -> None:
    def live() -> None:
        raise AwsRefusedError("ask who this is", "ExpiredToken")

    with pytest.raises(CommandError, match="ExpiredToken"):
        tried(CHANNELS, live)


def test_without_a_channel_nothing_is_tried() -> None:
    assert tried(CHANNELS, lambda: None) == []
