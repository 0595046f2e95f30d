from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.core.quarantine.exemption import Exemption
from cordon.exits import Exit
from tests.builders import WEB, a_policy, a_ref, an_event
from tests.cordon.operator import Operator

FOR = ("--reason", "a scan", "--yes")
UNTIL = ("--until", "2026-03-08T12:00:00+00:00")


def test_an_exemption_is_made_seen_and_ended(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("exempt", WEB, *UNTIL, *FOR) == Exit.DONE
    assert operator.run("exemptions") == Exit.DONE
    assert operator.wire.api.world.deliver(an_event()).outcome == "held"
    assert operator.run("unexempt", WEB, *FOR) == Exit.DONE
    assert operator.run("exemptions") == Exit.DONE

    said = " ".join(capsys.readouterr().out.split())
    assert f"{WEB} is exempt until 2026-03-08T12:00:00+00:00" in said
    assert "exempt 2026-03-08T12:00:00+00:00 7 " in said
    assert f"{WEB} is exempt no more" in said
    assert said.endswith("nobody is exempt")


def test_with_four_eyes_it_waits_for_another_person(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    world.policy = a_policy(four_eyes=True, exempt_instances=frozenset({"i-0bbbbbbbbbbbbbbbb"}))

    assert operator.run("exempt", WEB, *UNTIL, *FOR) == Exit.UNFINISHED
    assert operator.run("exemptions") == Exit.DONE
    operator.wire.api.caller = "arn:aws:iam::111122223333:user/grace"
    assert operator.run("exempt", WEB, *UNTIL, *FOR) == Exit.DONE

    said = " ".join(capsys.readouterr().out.split())
    assert "waits for another person" in said
    assert "asked 2026-03-08" in said.replace("asked: ", "")
    assert "i-0bbbbbbbbbbbbbbbb named in [holds] exempt_instances" in said


def test_scripts_get_json(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    operator.run("exempt", WEB, *UNTIL, *FOR, "--json")
    assert json.loads(capsys.readouterr().out)["state"] == "exempt"

    operator.run("exemptions", "--json")
    assert json.loads(capsys.readouterr().out)["exemptions"][0]["days_left"] == 7


def test_one_that_cannot_be_read_is_shown_as_holding(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")

    operator.run("exemptions")

    assert "no readable end" in " ".join(capsys.readouterr().out.split())


def test_an_exemption_without_an_end_is_not_even_asked_for(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("exempt", WEB, *FOR) == Exit.USAGE
    assert operator.wire.sent == []
    assert "--until" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("exempt", WEB, "--until", "2020-01-01", *FOR), Exit.USAGE),
        (("exempt", WEB, "--until", "soon", *FOR), Exit.USAGE),
        (("exempt", "i-0bbbbbbbbbbbbbbbb", *UNTIL, *FOR), Exit.GONE),
        (("unexempt", WEB, *FOR), Exit.GONE),
    ],
)
def test_what_cannot_be_is_refused(
    operator: Operator, words: tuple[str, ...], status: Exit
) -> None:
    assert operator.run(*words) == status


def test_where_the_answer_is_lost_the_list_tells(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.says.append(ReadTimeoutError(endpoint_url="http://127.0.0.1"))

    assert operator.run("exempt", WEB, *UNTIL, *FOR) == Exit.UNREACHABLE
    assert "next: cordon exemptions" in capsys.readouterr().err


def test_an_exemption_ends_when_its_time_comes(operator: Operator) -> None:
    world = operator.wire.api.world
    operator.run("exempt", WEB, *UNTIL, *FOR)
    world.now += timedelta(days=7)

    assert world.deliver(an_event()).outcome == "contained"
