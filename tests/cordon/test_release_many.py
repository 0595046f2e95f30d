"""After a bad rule: all that it cut off is given back, each exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.core.instance import Interface
from cordon.exits import Exit
from tests.builders import DATABASE, MINUTE, WEB, a_ref, an_event, an_instance
from tests.cordon.operator import Answered, Operator

WHY = ("--verdict", "false_positive", "--reason", "a bad rule", "--yes")


@pytest.fixture
def two(operator: Operator) -> Operator:
    """One instance was cut off for its traffic, another ten minutes later for mining."""
    world = operator.wire.api.world
    interface = Interface("eni-db", "vpc-1", ("sg-ssh",))
    world.launch(an_instance(interface, ref=a_ref(DATABASE)))
    world.deliver(an_event())
    world.now += 10 * MINUTE
    mining = {"type_": "CryptoCurrency:EC2/BitcoinTool.B", "finding_id": "f2"}
    world.deliver(an_event(instance_id=DATABASE, **mining))
    return operator


def cut(operator: Operator) -> list[bool]:
    return [operator.wire.api.world.is_cut(each) for each in (WEB, DATABASE)]


@pytest.mark.parametrize(
    ("words", "still"),
    [
        (("--finding-type", "Backdoor:EC2/C&CActivity.B"), [False, True]),
        (("--rule", "cryptocurrency"), [True, False]),
        (("--since", "2026-03-01T12:05"), [True, False]),
        (("--since", "2026-03-01T11:00:00+00:00"), [False, False]),
        (("--rule", "cryptocurrency", "--since", "2026-03-02"), [True, True]),
    ],
)
def test_what_is_meant_is_given_back_and_nothing_else(
    two: Operator, words: tuple[str, ...], still: list[bool]
) -> None:
    assert cut(two) == [True, True]
    assert two.run("release", *words, *WHY) == Exit.DONE
    assert cut(two) == still


def test_it_is_shown_and_a_change_of_the_policy_proposed(
    two: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    two.run("release", "--since", "2026-03-01", *WHY)

    said = capsys.readouterr().out
    assert said.index(DATABASE) < said.index("2 of 2 given back")
    assert "types = ['Backdoor:EC2/C&CActivity.B', 'CryptoCurrency:EC2/BitcoinTool.B']" in said
    assert 'response = "hold"' in said


def test_one_that_cannot_be_given_back_keeps_no_other_waiting(
    two: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    two.wire.api.world.ec2.delete_group("sg-web")

    assert two.run("release", "--since", "2026-03-01", *WHY) == Exit.CONFLICT
    assert cut(two) == [True, False]
    assert "1 of 2 given back" in capsys.readouterr().out


def test_without_a_yes_nothing_is_given_back(two: Operator) -> None:
    assert two.run("release", "--rule", "cryptocurrency", *WHY[:-1]) == Exit.USAGE
    assert cut(two) == [True, True]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((), Exit.USAGE),
        ((WEB, "--rule", "cryptocurrency"), Exit.USAGE),
        (("--rule", "no-such"), Exit.USAGE),
        (("--since", "yesterday"), Exit.USAGE),
        (("--finding-type", "Nothing:EC2/Such"), Exit.DONE),
    ],
)
def test_what_is_not_meant_is_refused(two: Operator, words: tuple[str, ...], status: Exit) -> None:
    assert two.run("release", *words, *WHY) == status
    assert cut(two) == [True, True]


def test_a_rule_of_the_owners_may_be_named(
    two: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    owners = tmp_path / "mine.toml"
    rule = "version = 1\n[[rules]]\nname = 'ours'\ntypes = ['CryptoCurrency:EC2/*']\n"
    owners.write_text(f"{rule}response = 'alert'\nwhy = 'x'\n", encoding="utf-8")
    monkeypatch.setenv("CORDON_POLICY", str(owners))

    assert two.run("release", "--rule", "ours", *WHY) == Exit.DONE
    assert cut(two) == [True, False]


@pytest.fixture
def two_held(operator: Operator) -> Operator:
    """One instance was held as a mail relay, another ten minutes later as a scanner."""
    world = operator.wire.api.world
    world.launch(an_instance(Interface("eni-db", "vpc-1", ("sg-ssh",)), ref=a_ref(DATABASE)))
    world.deliver(an_event(type_="Backdoor:EC2/Spambot", severity=5))
    world.now += 10 * MINUTE
    scan = {"type_": "Recon:EC2/Portscan", "finding_id": "f2"}
    world.deliver(an_event(severity=5, instance_id=DATABASE, **scan))
    return operator


def held(operator: Operator) -> list[str]:
    return [each.ref.instance_id for each in operator.wire.api.world.held.all()]


SCANNER = ("--reason", "our scanner", "--yes")


@pytest.mark.parametrize(
    ("words", "still"),
    [
        (("--finding-type", "Recon:EC2/Portscan"), [WEB]),
        (("--rule", "suspected-malware-traffic"), []),
        (("--since", "2026-03-01T12:05"), [WEB]),
        (("--rule", "suspected-malware-traffic", "--since", "2026-03-02"), [WEB, DATABASE]),
        (("--rule", "cryptocurrency"), [WEB, DATABASE]),
    ],
)
def test_what_of_all_that_is_held_is_meant_is_dismissed_and_nothing_else(
    two_held: Operator, words: tuple[str, ...], still: list[str]
) -> None:
    assert held(two_held) == [WEB, DATABASE]
    assert two_held.run("dismiss", *words, *SCANNER) == Exit.DONE
    assert held(two_held) == still


def test_a_dismissal_of_many_shows_them_and_proposes_a_change_of_the_policy(
    two_held: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    two_held.run("dismiss", "--since", "2026-03-01", *SCANNER)

    said = capsys.readouterr().out
    assert said.index(DATABASE) < said.index("2 of 2 dismissed")
    assert "types = ['Backdoor:EC2/Spambot', 'Recon:EC2/Portscan']" in said
    assert 'response = "record"' in said


def test_one_that_cannot_be_dismissed_keeps_no_other_waiting(
    two_held: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = Answered(403, b'{"Code": "ForbiddenError", "Message": "no"}')
    wire = two_held.wire
    found = wire.api.raw("GET", "/held", None, {})
    wire.says = [Answered(200, found["body"].encode()), refused]

    words = ("dismiss", "--since", "2026-03-01", *SCANNER)
    assert two_held.run(*words, "--json") == Exit.FORBIDDEN
    assert [each["instance_id"] for each in json.loads(capsys.readouterr().out)] == [DATABASE]
    wire.says = [Answered(200, found["body"].encode()), refused, refused]
    assert two_held.run(*words) == Exit.FORBIDDEN
    assert "0 of 2 dismissed" in capsys.readouterr().out


def test_a_dismissal_is_of_one_instance_or_says_which_are_meant(two_held: Operator) -> None:
    assert two_held.run("dismiss", WEB, "--since", "2026-03-01", *SCANNER) == Exit.USAGE
    assert two_held.run("dismiss", *SCANNER) == Exit.USAGE
    assert two_held.run("dismiss", "--rule", "unheard-of", *SCANNER) == Exit.USAGE
    assert two_held.run("dismiss", "--since", "yesterday", *SCANNER) == Exit.USAGE
    assert held(two_held) == [WEB, DATABASE]
