from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.core.api.request import Selection
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import EXERCISE_TAG, Interface
from chalicelib.core.notices.posture import DetectorHealth
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.record import StepName, StepStatus
from chalicelib.core.quarantine.times import Times
from chalicelib.core.surroundings import Surroundings
from chalicelib.flows.watch import watch
from cordon.client import Client
from cordon.commands.table import COMMANDS, LOOK, Command
from cordon.exits import CommandError, Exit
from cordon.refusals import refusal
from tests.builders import (
    ACCOUNT,
    DATABASE,
    MINUTE,
    WEB,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.cordon.operator import Answered, Operator
from tests.core.test_surroundings import CROWDED, named
from tests.fakes import World

GOOD = ("--verdict", "remediated", "--reason", "clean", "--yes")


def out(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def err(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_an_incident_is_closed_in_five_commands(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())

    statuses = [
        operator.run("status"),
        operator.run("show", WEB),
        operator.run("release", WEB, *GOOD),
        operator.run("report", WEB),
    ]

    assert statuses == [Exit.DONE] * 4
    said = out(capsys)
    assert f"{WEB} CONTAINED" in said
    assert f"next: cordon release {WEB}" in said
    assert f"{WEB} RELEASED" in said
    assert said.rstrip().endswith("</html>")


def test_evidence_is_shown_as_a_count_and_a_place(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())

    operator.run("show", WEB)

    said = " ".join(out(capsys).split())
    assert re.search(r"evidence done \d pieces in the evidence bucket, below quarantines/", said)
    assert "instance-before" not in said


def test_what_is_next_can_be_typed_as_it_is(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())
    operator.run("show", WEB)
    next_step = next(line for line in out(capsys).splitlines() if "cordon release" in line)

    words = next_step.partition("cordon ")[2].replace("'...'", "clean").split()

    assert operator.run(*words, "--yes") == Exit.DONE


def test_nothing_is_done_where_nobody_can_be_asked(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    status = operator.run("quarantine", WEB, "--reason", "seen in the logs")

    assert (status, operator.wire.writes) == (Exit.USAGE, [])
    assert err(capsys).endswith("next: --yes\n")


def test_a_release_without_a_reason_is_not_sent(operator: Operator) -> None:
    operator.wire.api.world.deliver(an_event())

    assert operator.run("release", WEB, "--verdict", "remediated", "--yes") == Exit.USAGE
    assert operator.wire.writes == []


def test_a_release_that_is_asked_for_twice_acts_once(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())
    assert operator.run("release", WEB, *GOOD) == Exit.DONE
    before = len(operator.wire.api.world.quarantines.page(Selection(), None, 9).quarantines)

    assert operator.run("release", WEB, *GOOD) == Exit.CONFLICT

    assert "was released already" in err(capsys)
    assert len(operator.wire.api.world.quarantines.page(Selection(), None, 9).quarantines) == before


def test_a_release_names_the_version_that_the_person_saw(operator: Operator) -> None:
    operator.wire.api.world.deliver(an_event())
    operator.run("release", WEB, *GOOD)

    body = json.loads(next(body for method, _, body in operator.wire.sent if method == "POST"))

    assert body["version"] >= 1


def test_a_lost_answer_is_told_and_never_sent_again(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.says = [ReadTimeoutError(endpoint_url="http://127.0.0.1")]

    status = operator.run("quarantine", WEB, "-r", "seen", "-y")

    assert (status, len(operator.wire.sent)) == (Exit.UNREACHABLE, 1)
    said = err(capsys)
    assert "it may be done all the same" in said
    assert f"next: cordon show {WEB}" in said


@pytest.mark.parametrize(
    ("answer", "status", "next_step"),
    [
        ((403, "The security token included in the request is expired"), 6, "aws sso login"),
        ((403, "Missing Authentication Token"), 6, "stage in CORDON_API"),
        ((403, "Credential should be scoped to a valid region"), 6, "--region NAME"),
        ((403, "User: arn:aws:iam::1:user/x is not authorized"), 6, "-responder"),
        ((502, "Internal server error"), 7, "cordon status"),
        ((418, "teapot"), 7, "cordon status"),
    ],
)
def test_a_refusal_of_the_gateway_says_what_to_do(
    operator: Operator,
    capsys: pytest.CaptureFixture[str],
    answer: tuple[int, str],
    status: int,
    next_step: str,
) -> None:
    code, message = answer
    operator.wire.says = [Answered(code, json.dumps({"message": message}).encode())]

    assert operator.run("show", WEB) == status

    said = err(capsys)
    assert message in said
    assert next_step in said


@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_server_that_is_not_cordon_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    operator.wire.says = [Answered(status, b"<html>welcome to nginx</html>")]

    assert operator.run("show", WEB) == Exit.UNREACHABLE  # nor is it taken for one that is gone
    assert "not Cordon's API" in err(capsys)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("code", ["AlreadyReleasedError", "SomethingNewError"])
def test_whatever_is_refused_the_next_step_is_said(status: int, code: str) -> None:
    said = json.dumps({"Code": code, "Message": "no"})

    error = refusal(status, said, f"/quarantines/{WEB}/release")

    assert error.next_step
    assert "INSTANCE" not in error.next_step


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "not said"),
        ("nonsense", "no URL"),
        ("127.0.0.1:8000", "no URL"),
        ("http://example.com/api", "unencrypted"),
    ],
)
def test_an_address_that_cannot_be_right_is_not_asked(
    operator: Operator, capsys: pytest.CaptureFixture[str], url: str, why: str
) -> None:
    operator.url = url

    assert operator.run("status") == Exit.USAGE
    assert why in err(capsys)
    assert operator.wire.sent == []


def test_an_address_is_taken_as_the_notices_name_it() -> None:
    named = "a1b2c3.execute-api.eu-west-1.amazonaws.com/api"

    assert Client(named).url == f"https://{named}"


def test_what_is_gone_ends_with_its_own_status(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("show", DATABASE) == Exit.GONE
    assert "next: cordon list" in err(capsys)


@pytest.mark.parametrize("words", [("status",), ("list",), ("mode",), ("show", WEB)])
def test_json_is_one_document(
    operator: Operator, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    operator.wire.api.world.deliver(an_event())

    assert operator.run(*words, "--json") == Exit.DONE
    assert json.loads(out(capsys))


def test_the_kill_switch_is_turned_and_says_by_whom(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("mode", "observe", "-r", "a rollout goes wrong", "-y") == Exit.DONE
    assert operator.run("mode") == Exit.DONE

    assert out(capsys).count("a rollout goes wrong") == 2


def test_hostile_text_moves_nothing_on_the_terminal(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "[bold red]x[/] \x1b[2J\u202e \x9b31m \r\n[link=http://e]"

    operator.run("quarantine", WEB, "-r", hostile, "-y")
    operator.run("show", WEB)
    operator.run("status")

    said = out(capsys)
    assert "[bold red]x[/]" in said
    assert not {"\x1b", "\x9b", "\u202e", "\r"} & set(said)


def test_a_finding_is_explained_without_aws(
    operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    file = tmp_path / "finding.json"
    file.write_text(json.dumps(an_event()), encoding="utf-8")

    assert operator.run("explain", str(file)) == Exit.DONE

    assert out(capsys).startswith(f"contained {WEB}")
    assert operator.wire.sent == []


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"detail": {}}'])
def test_what_is_no_finding_is_not_explained(
    operator: Operator, tmp_path: Any, content: str
) -> None:
    file = tmp_path / "finding.json"
    file.write_text(content, encoding="utf-8")

    assert operator.run("explain", str(file)) == Exit.USAGE


def test_every_command_has_help_and_a_name_of_its_own(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(command.name for command in COMMANDS)

    assert not any(one == other for one, other in pairwise(names))
    for command in COMMANDS:
        assert operator.run(*command.name.split(), "--help") == 0
        assert "Usage: cordon" in out(capsys)


def test_a_command_of_two_words_is_one_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    from cordon.command import build  # noqa: PLC0415

    def plan() -> int:
        """Say what changes."""
        raise CommandError(Exit.LESS, "less is contained")

    app = build((Command("policy plan", plan, LOOK), Command("policy test", plan, LOOK)))

    with pytest.raises(CommandError, match="less is contained"):
        app(["policy", "plan"], obj=None)
    assert out(capsys) == ""


def test_the_time_to_contain_is_shown_part_by_part(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())

    assert operator.run("times", "--json") == Exit.DONE

    said = json.loads(out(capsys))
    assert said["record_to_read_back"]["count"] == 1
    assert said["event_to_record"]["p50"] >= 0
    assert operator.run("times") == Exit.DONE
    assert operator.run("status") == Exit.DONE
    assert "p95" in out(capsys)


def test_the_times_cost_one_request_and_of_an_older_record_one_more(operator: Operator) -> None:
    world = operator.wire.api.world
    world.deliver(an_event())
    operator.run("times")
    assert [path for _, path, _ in operator.wire.sent] == ["/quarantines"]

    without_times(world)
    operator.wire.sent.clear()
    operator.run("times")
    assert [path for _, path, _ in operator.wire.sent] == ["/quarantines", f"/quarantines/{WEB}"]


def without_times(world: World) -> None:
    """Let the records be those of an older version."""
    for record in world.quarantines.page(Selection(), None, 9).quarantines:
        world.quarantines.put(replace(record, times=Times()))


def test_what_an_earlier_quarantine_took_is_not_taken_from_a_later_one(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    for _ in range(2):
        operator.run("quarantine", WEB, "-r", "seen", "-y")
        operator.run("release", WEB, *GOOD)
    without_times(world)
    out(capsys)

    operator.run("times", "--json")

    assert json.loads(out(capsys))["record_to_read_back"]["count"] == 1


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_drill_measures_and_leaves_nothing_behind(
    operator: Operator, capsys: pytest.CaptureFixture[str], *, by_hand: bool
) -> None:
    world = operator.wire.api.world
    if not by_hand:
        world.ec2.change(WEB, tags={EXERCISE_TAG: ""})
    before = world.ec2.interfaces(WEB)

    words = ["--by-hand"] if by_hand else []
    assert operator.run("drill", WEB, "--yes", "--json", *words) == Exit.DONE

    said = json.loads(out(capsys))
    assert {"record_to_read_back", "release"} <= said.keys()
    assert world.ec2.interfaces(WEB) == before
    assert world.control.exercised == world.now
    assert ("activity_to_event" in said) is not by_hand
    assert world.quarantine().reason.startswith("exercise" if by_hand else "Exercise: ")


def test_a_drill_waits_for_whoever_is_at_work_after_the_cut(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It released while the steps after the cut were at work, and was refused."""
    world = operator.wire.api.world
    world.fails("evidence.keep", AwsBusyError("keep", "SlowDown"), times=1)

    def meanwhile(_: float) -> None:
        world.now += 5 * MINUTE
        watch(world.responder)

    monkeypatch.setattr("cordon.commands.drill.time.sleep", meanwhile)

    assert operator.run("drill", WEB, "--yes", "--by-hand") == Exit.DONE
    assert world.quarantine().step(StepName.EVIDENCE).status is StepStatus.DONE


def test_a_drill_keeps_away_from_a_real_case(operator: Operator) -> None:
    operator.wire.api.world.deliver(an_event())

    assert operator.run("drill", WEB, "--yes") == Exit.CONFLICT
    assert operator.wire.writes == []


def test_a_drill_says_what_is_missing_before_anything_is_cut(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world

    assert operator.run("drill", WEB, "--yes") == Exit.CONFLICT
    assert f"aws ec2 create-tags --resources {WEB}" in err(capsys)
    world.ec2.change(WEB, tags={EXERCISE_TAG: ""})
    world.mode = Mode.OBSERVE
    assert operator.run("drill", WEB, "--yes") == Exit.CONFLICT

    assert "only observes" in err(capsys)
    assert not world.is_cut()


def test_a_drill_that_is_held_says_why(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    world.ec2.change(WEB, tags={EXERCISE_TAG: ""})
    world.policy = replace(world.policy, max_containments=1)
    world.launch(replace(an_instance(an_interface("eni-9")), ref=a_ref(DATABASE)))
    world.deliver(an_event(instance_id=DATABASE))

    assert operator.run("drill", WEB, "--yes") == Exit.CONFLICT

    assert "the circuit breaker is open" in err(capsys)


def test_what_was_let_out_is_found_by_verify(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())
    assert operator.run("verify") == Exit.DONE

    let_out = Interface("eni-1", "vpc-1", ("sg-evil",))
    operator.wire.api.world.ec2.attach(WEB, let_out)

    assert operator.run("verify") == Exit.WRONG
    assert "sg-evil" in out(capsys)


def test_a_step_is_ordered_and_how_it_went_is_told(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.deliver(an_event())

    status = operator.run("step", WEB, "stop", "--reason", "it must not run on", "--yes")

    assert status == Exit.DONE
    assert capsys.readouterr().out.split()[:3] == [WEB, "stop", "done"]
    assert operator.run("step", WEB, "unplug", "--reason", "x", "--yes") == Exit.GONE
    assert "there are protection, fleet, targets, metadata, credentials, address, snapshots" in err(
        capsys
    )


def test_a_preview_names_whom_it_hurts_and_does_nothing(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.neighbourhood.present = CROWDED

    assert operator.run("preview", WEB) == Exit.DONE

    said = out(capsys)
    assert "Traffic of others runs through it: rtb-1 to 0.0.0.0/0." in said
    assert "i-1, i-2" in said
    assert operator.wire.writes == []


def test_a_preview_of_nobody_says_so_and_as_data_it_is_the_apis(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.neighbourhood.present = Surroundings(routes="AWS refused")
    operator.wire.api.world.deliver(an_event())

    operator.run("preview", WEB)
    told = out(capsys)
    operator.run("preview", WEB, "--json")

    assert "nobody that is known of" in told
    assert "routes through it: AWS refused" in told
    assert "CONTAINED" in told
    assert json.loads(out(capsys))["quarantine"]["state"] == "CONTAINED"


def test_who_quarantines_by_hand_is_told_whom_it_hurts_before_the_question(
    operator: Operator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.wire.api.world.neighbourhood.present = CROWDED
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda _: "Load balancing of front" not in out(capsys))

    status = operator.run("quarantine", WEB, "-r", "seen")

    assert (status, operator.wire.writes) == (Exit.CONFLICT, [])


def test_a_preview_that_cannot_be_had_keeps_nobody_from_acting(operator: Operator) -> None:
    operator.wire.says = [Answered(405, b'{"Code": "MethodNotAllowedError"}')]

    assert operator.run("quarantine", WEB, "-r", "seen") == Exit.USAGE


def test_an_explanation_can_be_of_the_instance_as_it_is_now(
    operator: Operator, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    operator.wire.api.world.neighbourhood.present = CROWDED
    operator.wire.api.world.mode = Mode.OBSERVE
    file = tmp_path / "finding.json"
    file.write_text(json.dumps(an_event()), encoding="utf-8")

    assert operator.run("explain", str(file), "--live") == Exit.DONE
    said = out(capsys)
    assert f"contained {WEB}" in said
    assert f"{WEB} now, running" in said
    assert "Cordon only observes" in said

    operator.run("explain", str(file), "--live", "--json")
    assert json.loads(out(capsys))[0]["live"]["holds"] == ["observe_mode"]


def test_a_finding_about_no_instance_has_nothing_to_look_at(
    operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "finding.json"
    event = an_event(type_="Policy:S3/BucketPublicAccessGranted", resource={"resourceType": "S3"})
    file.write_text(json.dumps(event), encoding="utf-8")

    assert operator.run("explain", str(file), "--live") == Exit.DONE
    assert operator.wire.sent == []


def test_the_status_says_whether_cordon_itself_is_well(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    assert operator.run("status") == Exit.DONE
    assert "not known: the watcher has not run yet" in out(capsys)
    world.deliver(an_event())
    world.dead_letters.put("[]")
    world.control.exercise(world.now)
    world.detector.present = DetectorHealth(is_enabled=False, lists=(("threats", "ACTIVE"),))
    watch(world.responder)

    operator.run("status")

    said = out(capsys)
    for fact in (
        "breaker: 1 of 10 in 10 minutes",
        "dead letters: 1",
        "GuardDuty: NOT enabled",
        "threat lists: threats ACTIVE",
        "last exercise: ",
        "the watcher looked ",
    ):
        assert fact in said


def test_a_full_breaker_is_loud_and_what_aws_refuses_is_said(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    world.quarantines.breakers[ACCOUNT] = Breaker((world.now,) * 10)
    world.fails("dead_letters.count", AwsRefusedError("count", "AccessDenied"))
    watch(world.responder)

    operator.run("status")

    said = out(capsys)
    assert "10 of 10 in 10 minutes, OPEN: findings are held" in said
    assert "not known: dead letters: count: AWS refused with AccessDenied" in said
    assert "threat lists: none" in said


def test_the_status_of_an_older_cordon_says_where_the_rest_is(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.fails("control.exercised_at", AwsBusyError("read", "Throttling"))

    assert operator.run("status") == Exit.DONE

    assert "they are in the digest" in out(capsys)


def test_the_threat_lists_have_a_switch_of_their_own(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("mode", "--lists", "paused", "--reason", "a feed", "--yes") == Exit.DONE

    said = out(capsys)
    assert "enforce as it was deployed" in said
    assert "threat lists paused by" in said
    assert "a feed" in said


def test_names_that_others_chose_bring_nothing_onto_the_terminal(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.wire.api.world.neighbourhood.present = named("web\x1b[2J\n\u202e[red]")

    assert operator.run("preview", WEB) == Exit.DONE

    said = out(capsys)
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "web [2J [red]" in said


def test_lists_that_are_paused_are_part_of_the_status(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.run("status")
    assert "paused" not in out(capsys)
    operator.run("mode", "--lists", "paused", "--reason", "a feed", "--yes")
    out(capsys)

    operator.run("status")

    assert "threat lists paused since" in out(capsys)


def test_what_the_breaker_holds_says_when_there_is_room(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    world = operator.wire.api.world
    world.quarantines.breakers[ACCOUNT] = Breaker((world.now,) * 10)
    world.deliver(an_event())

    assert operator.run("held") == Exit.DONE

    said = " ".join(out(capsys).split())
    assert f"breaker of {ACCOUNT}: 10 of 10 in 10 minutes; room at 2026-03-01T12:10" in said
