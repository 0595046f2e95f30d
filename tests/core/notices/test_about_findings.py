from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.decision.decision import HOLDS_IN_WORDS, Hold
from chalicelib.core.errors import (
    AwsRefusedError,
    CordonError,
    OpenToEverythingError,
    StepFailedError,
)
from chalicelib.core.findings.finding import Finding
from chalicelib.core.notices import about_findings, about_quarantines
from chalicelib.core.notices.channels import pagerduty, security_hub
from chalicelib.core.notices.notice import Kind, Notice, parse_notice
from chalicelib.core.notices.sections import path_of
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.record import Original, State, Step, StepName, StepStatus
from tests.builders import (
    ACCOUNT,
    DATABASE,
    FINDING,
    NOON,
    REGION,
    WEB,
    a_finding,
    a_judgement,
    a_quarantine,
    a_ref,
)
from tests.core.notices.channels.rendering import HERE

REASONS = (Hold.OBSERVE_MODE.value, Hold.EXEMPT.value)
HOSTILE = st.text(st.characters(exclude_categories=[]), max_size=600)
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def every_notice(finding: Finding, hostile: str = "x") -> dict[str, Notice]:
    judgement = a_judgement(why=hostile)
    steps = {**a_quarantine(State.CONTAINED).steps, StepName.STOP: Step(StepStatus.FAILED, hostile)}
    contained = a_quarantine(State.CONTAINED, steps=steps)
    return {
        "finding": about_findings.of_finding(finding, judgement, "alerted"),
        "nothing": about_findings.of_nothing_to_cut(finding, judgement, a_ref(), "instance_gone"),
        "hold": about_findings.of_hold(finding, judgement, a_ref(), REASONS),
        "containment": about_quarantines.of_containment(contained, finding, judgement.reason),
        "repeat": about_findings.of_repeat(finding, judgement, contained),
        "failure": about_findings.of_failure(finding, judgement, a_ref(), CordonError(hostile)),
    }


ORDINARY = every_notice(a_finding())


@pytest.mark.parametrize("name", ORDINARY)
def test_every_notice_says_what_was_found(name: str) -> None:
    text = ORDINARY[name].text

    assert (
        "What was found\n"
        "  Backdoor:EC2/C&CActivity.B, High (8), seen 3 time(s), last 2026-03-01 11:58:00 UTC\n"
        f"  account {ACCOUNT}, {REGION}, finding {FINDING}\n"
        f"  Command and control traffic of {WEB}.\n"
        "  The other end: 198.51.100.23\n"
    ) in text


@pytest.mark.parametrize(
    ("name", "kind", "outcome", "subject"),
    [
        ("finding", Kind.FINDING, "alerted", f"High: Backdoor:EC2/C&CActivity.B on {WEB}"),
        (
            "nothing",
            Kind.FINDING,
            "alerted",
            f"High: Backdoor:EC2/C&CActivity.B on {WEB}, which has nothing to cut",
        ),
        ("hold", Kind.HOLD, "held", f"HELD {WEB}, not contained: Backdoor:EC2/C&CActivity.B"),
        (
            "containment",
            Kind.CONTAINMENT,
            "contained",
            f"CONTAINED {WEB}: Backdoor:EC2/C&CActivity.B",
        ),
        (
            "repeat",
            Kind.FINDING,
            "already_contained",
            f"{WEB} is contained already: Backdoor:EC2/C&CActivity.B",
        ),
        (
            "failure",
            Kind.CONTAINMENT,
            "failed",
            f"FAILED to contain {WEB}: Backdoor:EC2/C&CActivity.B",
        ),
    ],
)
def test_the_subject_says_what_happened_to_whom(
    name: str, kind: Kind, outcome: str, subject: str
) -> None:
    notice = ORDINARY[name]

    assert (notice.kind, notice.outcome, notice.subject) == (kind, outcome, subject)
    assert (notice.severity, notice.account_id) == ("High", ACCOUNT)


@pytest.mark.parametrize("name", ORDINARY)
def test_every_notice_is_the_same_for_machines(name: str) -> None:
    said = parse_notice(json.dumps(ORDINARY[name].as_json()))

    assert said["region"] == REGION
    assert said["finding"] == {
        "id": FINDING,
        "arn": "",
        "type": "Backdoor:EC2/C&CActivity.B",
        "title": f"Command and control traffic of {WEB}.",
        "severity": 8.0,
        "count": 3,
        "remote": "198.51.100.23",
        "remotes": ["198.51.100.23"],
        "last_seen": "2026-03-01T11:58:00+00:00",
        "sample": False,
        "threat_list": None,
    }
    assert said["reasons"]


@pytest.mark.parametrize("name", [name for name in ORDINARY if name != "finding"])
def test_a_notice_about_an_instance_names_it_for_machines(name: str) -> None:
    assert ORDINARY[name].as_json()["instance_id"] == WEB


@pytest.mark.parametrize("name", ["containment", "repeat"])
def test_a_notice_of_a_quarantine_says_how_to_give_the_instance_back(name: str) -> None:
    notice = ORDINARY[name]

    assert notice.as_json()["quarantine_id"] == f"{WEB}-1"
    assert f"POST /quarantines/{WEB}/release" in notice.text
    assert "false_positive | remediated | accepted_risk" in notice.text


def test_a_finding_that_touches_nothing_says_so_and_why() -> None:
    judgement = a_judgement(
        Response.ALERT, reason="probed", why="Close the port.", instances=(a_ref(DATABASE),)
    )

    notice = about_findings.of_finding(a_finding(), judgement, "alerted")

    assert "What was done\n  Nothing was touched.\n" in notice.text
    assert "  Close the port.\n" in notice.text
    assert notice.as_json()["reasons"] == ["probed"]
    assert notice.as_json()["instance_ids"] == [DATABASE]


def test_a_finding_about_one_instance_is_about_that_instance_in_every_channel() -> None:
    judgement = a_judgement(Response.ALERT, instances=(a_ref(DATABASE),))

    notice = about_findings.of_finding(a_finding(), judgement, "alerted")

    assert notice.facts["instance_id"] == DATABASE
    assert pagerduty.render(notice, "k" * 32)["payload"]["source"] == DATABASE
    (resource,) = security_hub.render(notice, HERE, NOON)["Resources"]
    assert resource["Type"] == "AwsEc2Instance"
    assert resource["Id"].endswith(f":instance/{DATABASE}")


def test_a_finding_about_many_instances_names_them_all() -> None:
    refs = tuple(a_ref(f"i-{n:017x}") for n in range(50))

    notice = about_findings.of_finding(
        a_finding(), a_judgement(Response.ALERT, instances=refs), "alerted"
    )

    assert notice.subject.endswith(f"{refs[0].instance_id} and 49 more")
    assert all(ref.instance_id in notice.text for ref in refs)
    event = pagerduty.render(notice, "k" * 32)
    assert event["payload"]["source"] == f"{refs[0].instance_id} and 49 more"
    finding = security_hub.render(notice, HERE, NOON)
    assert len(finding["Resources"]) == 32  # as many as Security Hub takes
    assert {each["Type"] for each in finding["Resources"]} == {"AwsEc2Instance"}


def test_no_mailer_makes_a_link_of_a_title() -> None:
    finding = a_finding(title="see https://evil.example/x and www.evil.example")

    notice = about_findings.of_finding(finding, a_judgement(), "alerted")

    assert "see https[:]//evil.example/x and www[.]evil.example" in notice.text


def test_a_sample_is_announced_as_one() -> None:
    notice = about_findings.of_finding(a_finding(sample=True), a_judgement(), "alerted")

    assert notice.subject.startswith("[SAMPLE] High: ")
    assert notice.as_json()["finding"]["sample"] is True


def test_a_finding_about_no_instance_names_the_account() -> None:
    finding = a_finding(resource={"resourceType": "AccessKey"})

    notice = about_findings.of_finding(finding, a_judgement(instances=()), "alerted")

    assert notice.subject == f"High: Backdoor:EC2/C&CActivity.B on {ACCOUNT}"
    assert notice.as_json()["instance_ids"] == []


@pytest.mark.parametrize(
    ("reason", "said"), [("instance_gone", "instance gone"), ("no_interface", "no interface")]
)
def test_an_instance_with_nothing_to_cut_is_told_why(reason: str, said: str) -> None:
    notice = about_findings.of_nothing_to_cut(a_finding(), a_judgement(), a_ref(), reason)

    assert f"What was done\n  Nothing: {said}.\n" in notice.text
    assert notice.as_json()["reasons"] == [reason]


def test_a_hold_gives_every_reason_and_how_to_contain_all_the_same() -> None:
    every = tuple(hold.value for hold in Hold)

    notice = about_findings.of_hold(a_finding(), a_judgement(), a_ref(), every)

    assert all(f"  {words}\n" in notice.text for words in HOLDS_IN_WORDS.values())
    assert f'POST {path_of(a_ref())} {{"reason": "..."}}' in notice.text
    assert notice.as_json()["reasons"] == list(every)


def test_a_containment_says_what_was_done_to_every_interface() -> None:
    quarantine = a_quarantine(
        originals=(
            Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),
            Original("eni-2", "vpc-1", ()),
        )
    )

    text = about_quarantines.of_containment(quarantine, a_finding(), "command-and-control").text

    assert "  eni-1: sg-web, sg-ssh -> deny\n" in text
    assert "  eni-2: unknown groups -> deny\n" in text


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (Step(StepStatus.PENDING), "Stopping the instance: comes next"),
        (Step(StepStatus.DONE), "Stopping the instance: done"),
        (Step(StepStatus.SKIPPED, "no need"), "Stopping the instance: not done: no need"),
        (Step(StepStatus.FAILED, "denied"), "Stopping the instance: FAILED: denied"),
    ],
)
def test_a_containment_says_how_far_each_step_got(step: Step, line: str) -> None:
    quarantine = a_quarantine(State.CONTAINED)
    quarantine = replace(quarantine, steps={**quarantine.steps, StepName.STOP: step})

    text = about_quarantines.of_containment(quarantine, a_finding(), "command-and-control").text

    assert f"  {line}\n" in text
    assert "  Cutting open connections: done\n" in text


@pytest.mark.parametrize("limit", ["NAT gateway", "Network Load Balancer", "interface endpoint"])
def test_a_containment_says_what_it_cannot_cut(limit: str) -> None:
    text = " ".join(ORDINARY["containment"].text.split())

    assert f"{limit}" in text
    assert "DNS queries to the VPC's resolver pass every security group" in text
    assert "Stopping the instance ends all of that, and loses its memory" in text


def test_a_failure_says_what_went_wrong_and_what_comes_next() -> None:
    error = AwsRefusedError("set the groups", "UnauthorizedOperation")
    notice = about_findings.of_failure(a_finding(), a_judgement(), a_ref(), error)

    assert notice.subject.startswith(f"FAILED to contain {a_ref().instance_id}")
    assert f"What went wrong\n  {error}\n" in notice.text
    assert "It is tried again twice; then it waits in the dead letters." in notice.text


@pytest.mark.parametrize(
    ("error", "subject"),
    [
        (OpenToEverythingError(WEB, ("eni-1",)), f"OPEN TO EVERYTHING: {WEB}"),
        (StepFailedError(WEB, ("stop: denied",)), f"CONTAINED {WEB}, but a later step failed"),
    ],
    ids=["open", "later step"],
)
def test_a_failure_says_first_how_the_instance_stands(error: CordonError, subject: str) -> None:
    notice = about_findings.of_failure(a_finding(), a_judgement(), a_ref(), error)

    assert notice.subject.startswith(subject)


@pytest.mark.parametrize("remote", [{}, None])
def test_what_nobody_knows_is_left_out(remote: Any) -> None:
    finding = replace(a_finding(action=remote, title=None), last_seen=None)

    notice = about_findings.of_finding(finding, a_judgement(), "alerted")

    assert "The other end" not in notice.text
    assert "seen 3 time(s)\n" in notice.text
    assert "\n  \n" not in notice.text
    assert notice.as_json()["finding"]["last_seen"] is None
    assert notice.as_json()["finding"]["remote"] is None


@given(HOSTILE, HOSTILE)
def test_hostile_text_cannot_write_lines_of_its_own(one: str, other: str) -> None:
    action = {"dnsRequestAction": {"domain": other}}

    notices = every_notice(a_finding(title=one, action=action), hostile=other)

    for name, notice in notices.items():
        lines = notice.text.split("\n")
        assert not any(unicodedata.category(c) in UNPRINTABLE for line in lines for c in line)
        assert len(lines) <= len(ORDINARY[name].text.split("\n"))
        assert max(map(len, lines)) < 500
        assert json.loads(json.dumps(notice.as_json()))["text"] == notice.text


@given(HOSTILE)
def test_a_subject_is_one_short_line_of_ascii_whatever_the_finding_says(text: str) -> None:
    for notice in every_notice(a_finding(title=text), hostile=text).values():
        assert 0 < len(notice.subject) < 100
        assert notice.subject.isascii()
        assert notice.subject.isprintable()


def test_the_longest_type_still_makes_a_subject() -> None:
    long = a_finding(type_=f"{'A' * 64}:{'B' * 64}/{'C' * 128}")

    subjects = [notice.subject for notice in every_notice(long).values()]

    assert all(len(subject) < 100 for subject in subjects)
    assert all(subject.endswith("...") for subject in subjects)
