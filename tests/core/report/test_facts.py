from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.attack import technique_of
from chalicelib.core.quarantine.record import Line, State, Step, StepName, StepStatus
from chalicelib.core.report.facts import facts
from chalicelib.core.report.formats import rendered
from chalicelib.core.report.markdown import render_markdown
from chalicelib.core.report.moments import since
from chalicelib.core.report.page import render_report
from chalicelib.core.report.timeline import draw_timeline
from chalicelib.core.report.words import in_words
from chalicelib.core.steps.drift import Drift, DriftKind
from chalicelib.core.surroundings import Surroundings
from tests.builders import MINUTE, NOON, PACKAGED, WEB, a_quarantine, a_release
from tests.core.test_surroundings import CROWDED, named

SECOND = MINUTE / 60
ABOUT = {
    "title": "it talks",
    "last_seen": (NOON - 5 * MINUTE).isoformat(),
    "sent_at": "2026-03-01T11:59:56",
}
OPENED = Line(NOON, "cordon", "opened", {"about": ABOUT})
CUT_AT = {"cut_at": (NOON + 0.2 * SECOND).isoformat()}
CONTAINED = Line(NOON + 0.5 * SECOND, "cordon", "contained", {})
LET_OUT = Drift(DriftKind.GROUPS_CHANGED, "eni-1", "somebody moved it to sg-evil")


def with_steps(**statuses: StepStatus) -> dict[StepName, Step]:
    return {StepName(name): Step(status, "x") for name, status in statuses.items()}


def stands(said: dict[str, Any]) -> dict[str, str]:
    return {each["path"]: each["stands"] for each in said["paths"]}


def test_every_part_of_the_time_to_contain_is_on_the_report() -> None:
    contained = replace(CONTAINED, detail=CUT_AT)

    said = facts(a_quarantine(State.CONTAINED), (OPENED, contained), ())

    assert said["time_to_contain"] == {
        "activity_to_event": 296.0,
        "event_to_record": 4.0,
        "record_to_first_cut": 0.2,
        "record_to_read_back": 0.5,
        "event_to_read_back": 4.5,
    }
    assert [each["seconds_after"] for each in said["moments"]] == [None, 296.0, 4.0, 0.2, 0.3]


@pytest.mark.parametrize("about", [None, "text", {}, {"sent_at": None}, {"sent_at": "noon"}])
def test_a_record_without_the_findings_times_is_reported_all_the_same(about: Any) -> None:
    opened = Line(NOON, "cordon", "opened", {"about": about})

    said = facts(a_quarantine(State.CONTAINED), (opened, CONTAINED), ())

    assert said["time_to_contain"] == {"record_to_read_back": 0.5}


def test_a_finding_is_sent_after_what_it_is_about_also_where_its_time_is_cut_to_the_second() -> (
    None
):
    about = {"sent_at": "2026-03-01T11:59:56", "last_seen": "2026-03-01T11:59:56.400"}
    opened = Line(NOON, "cordon", "opened", {"about": about})

    said = facts(a_quarantine(State.CONTAINED), (opened, CONTAINED), ())

    first, second, *_ = (each["what"] for each in said["moments"])
    assert (first[:13], second[:12]) == ("Activity last", "Finding sent")


def test_what_happened_while_the_instance_was_on_the_network_is_red_and_nothing_else() -> None:
    told = Line(NOON + SECOND, "cordon", "announce", {})
    again = Line(NOON + 2 * SECOND, "cordon", "cut_again", {})
    evidence = Line(NOON + 3 * SECOND, "cordon", "evidence", {})
    lines = (OPENED, CONTAINED, told, again, evidence)

    drawn = str(draw_timeline(facts(a_quarantine(State.CONTAINED), lines, ())["moments"]))

    dots = re.findall(r'class="dot ?([a-z]*)"', drawn)
    assert dots == ["", "", "", "safe", "after", "", "after"]


def test_contained_is_not_said_of_what_drifted() -> None:
    right = facts(a_quarantine(State.CONTAINED), (), ())
    wrong = facts(a_quarantine(State.CONTAINED), (), (LET_OUT,))

    assert stands(right)["network"] == "cut"
    assert "read back" in right["summary"]
    assert stands(wrong)["network"] == "not cut"
    assert "not as Cordon left it" in wrong["summary"]
    assert any("--accept-drift" in each["command"] for each in wrong["next"])
    assert "but now" not in str(right["steps"])
    assert f"; but now: {LET_OUT.subject}: {LET_OUT.detail}" in wrong["steps"][0]["detail"]


@pytest.mark.parametrize("state", [State.CONTAINING, State.RELEASING])
def test_what_is_under_way_is_unknown(state: State) -> None:
    said = facts(a_quarantine(state), (), ())

    assert stands(said)["network"] == "unknown"
    assert not any("cordon release" in each["command"] for each in said["next"])


def test_what_is_stopped_asks_no_names_and_keeps_no_connection() -> None:
    running = a_quarantine(State.CONTAINED, steps=with_steps(drain=StepStatus.DONE))
    stopped = a_quarantine(State.CONTAINED, steps=with_steps(stop=StepStatus.DONE))
    neither = a_quarantine(State.CONTAINED, steps=with_steps(drain=StepStatus.FAILED))

    assert stands(facts(running, (), ()))["open connections"] == "cut"
    assert stands(facts(running, (), ()))["DNS"] == "not cut"
    assert stands(facts(stopped, (), ()))["DNS"] == "cut"
    assert stands(facts(stopped, (), ()))["open connections"] == "cut"
    assert stands(facts(neither, (), ()))["open connections"] == "not cut"


def test_who_gave_it_back_is_in_the_first_sentence() -> None:
    order = a_release(by="arn:aws:sts::1:assumed-role/responder/ada", reason="rebuilt")

    said = facts(a_quarantine(State.RELEASED, release=order), (), ())

    assert said["summary"].endswith("It was given back by ada, remediated: rebuilt")
    assert [each["path"] for each in said["paths"]] == ["network"]


def test_the_last_groups_that_were_set_are_told() -> None:
    changes = [
        {"interface": "eni-1", "groups": "sg-deny", "request_id": "r", "error": ""},
        {"interface": "eni-1", "groups": "sg-web,sg-ssh", "request_id": "r", "error": ""},
        {"interface": "eni-1", "groups": "sg-never", "request_id": "", "error": "refused"},
        "of another version",
    ]
    line = Line(NOON, "cordon", "released", {"changes": changes})
    strange = Line(NOON, "cordon", "released", {"changes": "of another version"})

    said = facts(a_quarantine(State.RELEASED), (line, strange), ())

    assert said["interfaces"][0]["groups_set"] == ["sg-web", "sg-ssh"]


def test_evidence_has_its_hash_where_its_name_does() -> None:
    refused = "console of arn:aws:ec2::1:instance/i-1: AWS refused"
    names = f"quarantines/1/i-1/1/instance.json, findings/1/{'a' * 64}.json"
    step = Step(StepStatus.DONE, f"{names}, {refused}")

    said = facts(a_quarantine(steps={StepName.EVIDENCE: step}), (), ())

    assert [each["sha256"] for each in said["evidence"]] == [None, "a" * 64]
    where = "2 pieces in the evidence bucket, below quarantines/1/i-1/1 and findings/1"
    assert said["steps"][0]["detail"] == f"{where}; {refused}"


def test_evidence_that_was_not_kept_says_why() -> None:
    step = Step(StepStatus.FAILED, "AWS refused with AccessDenied")

    said = facts(a_quarantine(steps={StepName.EVIDENCE: step}), (), ())

    assert (said["evidence"], said["steps"][0]["detail"]) == ([], step.detail)


def test_a_detail_of_another_version_is_shown_as_it_is() -> None:
    strange = {"changes": ["moved"], "originals": {"eni-1": 7}, "empty": "", "no": False}
    stand_in = {"changes": [{"interface": "eni-1", "groups": "sg-a", "request_id": "1EXAMPLE"}]}

    assert list(in_words(strange)) == ["moved", "eni-1 was on ?"]
    assert list(in_words(stand_in)) == ["eni-1 to sg-a"]
    assert list(in_words({"changes": "all", "originals": "none"})) == [
        "changes: all",
        "originals: none",
    ]


def test_a_case_without_a_finding_names_no_technique() -> None:
    by_hand = a_quarantine(State.CONTAINED, finding_type=None, finding_id=None)

    assert "MITRE" not in render_markdown(facts(by_hand, (), ()))
    assert "MITRE" in render_markdown(facts(a_quarantine(), (), ()))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.0, "0.0 s"), (119.0, "119.0 s"), (300.0, "5 min"), (90_000.0, "25 h")]
)
def test_a_time_is_told_in_a_unit_that_people_use(seconds: float, said: str) -> None:
    assert since(seconds) == said


def test_every_type_that_is_contained_has_a_tactic() -> None:
    contained = [
        name.replace("*", "B")
        for rule in PACKAGED.rules
        if rule.response == "contain" and rule.resource == "Instance"
        for name in rule.types
        if not name.startswith("*")
    ]

    assert contained
    assert [name for name in contained if technique_of(name) is None] == []
    assert technique_of("Unheard:EC2/Of") is None
    assert str(technique_of("CryptoCurrency:EC2/X")).startswith("Impact (TA0040): Resource")
    assert str(technique_of("Persistence:Runtime/X")) == "Persistence (TA0003)"


@pytest.mark.parametrize("shape", ["html", "md", "json"])
def test_every_format_tells_the_same_case_safely(shape: str) -> None:
    quarantine = a_quarantine(State.CONTAINED)

    body, headers = rendered(shape, facts(quarantine, (OPENED, CONTAINED), (LET_OUT,)))

    assert WEB in body
    assert "sg-evil" in body
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "'none'" in headers["Content-Security-Policy"]


def test_the_data_is_json() -> None:
    body, _ = rendered("json", facts(a_quarantine(State.CONTAINED), (OPENED,), ()))

    assert json.loads(body)["finding"]["title"] == "it talks"


SPECIAL = st.sampled_from([*"|`*_[]<>#\\~@\n\r\u202e&;", "://", "https://evil", "&#60;", "a"])


@given(st.lists(SPECIAL, max_size=30).map("".join))
def test_no_text_becomes_markdown(text: str) -> None:
    quarantine = a_quarantine(State.RELEASED, reason=text, release=a_release(reason=text))
    line = Line(NOON, text, text, {})

    drift = (Drift(LET_OUT.kind, text, text),)
    said = render_markdown(facts(quarantine, (line,), drift, named(text)))

    over, line = a_quarantine(State.RELEASED, release=a_release()), Line(NOON, "a", "b")
    plain = facts(over, (line,), (LET_OUT,), named("a"))
    assert said.count("\n") == render_markdown(plain).count("\n")
    assert "https://evil" not in said
    assert "<" not in said.replace("\\<", "")
    for row in (row for row in said.splitlines() if row.startswith("|") and "subject" not in row):
        cells = row.replace("\\\\", "").replace("\\|", "")
        assert cells.count("|") in {3, 4}


def test_the_ticket_names_whom_it_hurts() -> None:
    said = render_markdown(facts(a_quarantine(State.CONTAINED), (), (), CROWDED))

    assert "- Load balancing of front: no other healthy target is left." in said
    assert "Who else" not in render_markdown(facts(a_quarantine(State.CONTAINED), (), ()))
    lone = render_markdown(facts(a_quarantine(State.CONTAINED), (), (), Surroundings()))
    assert "- Nobody that is known of." in lone


@pytest.mark.parametrize(
    ("reason", "begins"), [("seen", "seen. It is"), ("It talks.", "It talks. It")]
)
def test_the_summary_is_made_of_sentences(reason: str, begins: str) -> None:
    said = facts(a_quarantine(State.CONTAINED, reason=reason), (), ())

    assert said["summary"].startswith(begins)


def test_metadata_that_ask_for_a_token_are_still_not_cut() -> None:
    done = with_steps(metadata=StepStatus.DONE, protection=StepStatus.DONE)
    left = with_steps(metadata=StepStatus.SKIPPED, protection=StepStatus.FAILED)

    def why(steps: dict[StepName, Step]) -> dict[str, str]:
        said = facts(a_quarantine(State.CONTAINED, steps=steps), (), ())
        assert stands(said)["metadata"] == "not cut"
        return {each["path"]: each["why"] for each in said["paths"]}

    assert "token" in why(done)["metadata"]
    assert "reachable" in why(left)["metadata"]
    assert "outlive it" in why(done)["storage"]
    assert "not protected" in why(left)["storage"]


def test_how_a_step_went_is_told_in_words() -> None:
    said = {
        "protection": {"status": "done", "detail": "kept", "requests": ["r-1", "EXAMPLE"]},
        "fleet": {"status": "skipped", "detail": "", "requests": "?"},
    }

    assert list(in_words(said)) == ["protection done: kept, request r-1", "fleet skipped"]


def test_what_keeps_the_instance_is_a_moment_of_its_own() -> None:
    def told(status: str) -> list[str]:
        settled = {"protection": {"status": status}, "of a later version": "?"}
        lines = (
            OPENED,
            Line(NOON + MINUTE, "cordon", "steps_settled", settled),
            Line(NOON + 2 * MINUTE, "cordon", "snapshots", {}),
        )
        return [each["what"] for each in facts(a_quarantine(), lines, ())["moments"]][3:]

    assert told("done") == ["Kept from being lost", "Snapshot of its volumes"]
    assert told("failed") == ["Snapshot of its volumes"]


def test_the_time_to_contain_is_told_to_people() -> None:
    contained = replace(CONTAINED, detail=CUT_AT)
    whole = facts(a_quarantine(State.CONTAINED), (OPENED, contained), ())
    begun = facts(a_quarantine(), (OPENED,), ())

    assert "read back 4.5 s from the finding, 0.5 s from the record" in render_markdown(whole)
    assert "4.5 s from the finding, 0.5 s from the record" in render_report(whole)
    assert "read back" not in render_markdown(begun)
    assert "Read back as cut" not in render_report(begun)
