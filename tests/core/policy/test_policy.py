from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.policy.judgement import judge
from chalicelib.core.policy.policy import Response, Rule, type_pattern
from tests.builders import (
    PACKAGED,
    WEB,
    a_finding,
    a_policy,
    a_ref,
    a_sequence,
    an_ec2,
)

UNKNOWN = "Backdoor:EC2/Novelty"


def a_rule(**changes: Any) -> Rule:
    ordinary: dict[str, Any] = {
        "name": "rule",
        "types": ("Backdoor:EC2/*",),
        "response": Response.CONTAIN,
        "why": "Because.",
    }
    return Rule(**{**ordinary, **changes})


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Backdoor:EC2/Spambot", "Backdoor:EC2/Spambot"),
        ("Backdoor:EC2/C&CActivity.*", "Backdoor:EC2/C&CActivity.B"),
        ("Behavior:EC2/*", "Behavior:EC2/NetworkPortUnusual"),
        ("*:Runtime/*", "Impact:Runtime/CryptoMinerExecuted"),
        ("*:Runtime/*!DNS", "Trojan:Runtime/DropPoint!DNS"),
        ("Execution:EC2/MaliciousFile!*", "Execution:EC2/MaliciousFile!Snapshot"),
    ],
)
def test_a_pattern_matches(text: str, type_: str) -> None:
    assert type_pattern(text).fullmatch(type_)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Execution:EC2/MaliciousFile", "Execution:EC2/MaliciousFile!Snapshot"),
        ("Execution:EC2/MaliciousFile*", "Execution:EC2/MaliciousFile!AMI"),
        ("Execution:EC2/*", "Execution:EC2/MaliciousFile!RecoveryPoint"),
        ("Backdoor:EC2/C&CActivity.*", "Backdoor:EC2/C&CActivity."),
        ("Backdoor:EC2/C&CActivity.B", "Backdoor:EC2/C&CActivityXB"),
        ("*:EC2/*", "Backdoor:EC2:EC2/x"),
        ("*/Spambot", "Backdoor:EC2/Spambot"),
        ("Backdoor:EC2/Spam", "Backdoor:EC2/Spambot"),
        ("backdoor:ec2/spambot", "Backdoor:EC2/Spambot"),
    ],
)
def test_a_pattern_matches_the_whole_and_never_over_a_border(text: str, type_: str) -> None:
    assert not type_pattern(text).fullmatch(type_)


@given(st.text(st.sampled_from("ab.&!:/*"), max_size=6))
def test_a_pattern_without_a_star_matches_itself_alone(text: str) -> None:
    exact = text.replace("*", "")

    assert type_pattern(exact).fullmatch(exact)
    assert not type_pattern(exact).fullmatch(exact + "a")


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        ({"resource": "Instance"}, {"resource_type": "Instance"}),
        ({"resource": "any"}, {"resource_type": "AccessKey"}),
        ({"resource": "any"}, {"resource_type": None}),
        ({"role": "ACTOR"}, {"role": "ACTOR"}),
        ({"direction": "INBOUND"}, {"direction": "INBOUND"}),
        ({"severity": Band.HIGH}, {"severity": 7}),
        ({"severity": Band.HIGH}, {"severity": 9.5}),
        ({"threat": "EICAR"}, {"malware_scan": {"threats": [{"name": "x-EICAR-y"}]}}),
        ({"affiliated": False}, {}),
        ({"types": ("Trojan:EC2/x", "Backdoor:EC2/*")}, {}),
    ],
    ids=str,
)
def test_a_rule_fits_when_everything_it_names_agrees(
    rule: dict[str, Any], finding: dict[str, Any]
) -> None:
    assert a_rule(**rule).fits(a_finding(**finding))


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        ({"types": ("Trojan:EC2/*",)}, {}),
        ({}, {"resource_type": "EKSCluster"}),
        ({}, {"resource_type": None}),
        ({"role": "ACTOR"}, {"role": "TARGET"}),
        ({"role": "ACTOR"}, {"role": None}),
        ({"direction": "INBOUND"}, {"direction": "OUTBOUND"}),
        ({"direction": "INBOUND"}, {"direction": None}),
        ({"severity": Band.HIGH}, {"severity": 6.9}),
        ({"threat": "EICAR"}, {"malware_scan": {"threats": [{"name": "Trojan"}]}}),
        ({"threat": "EICAR"}, {}),
        ({"affiliated": True}, {}),
    ],
    ids=str,
)
def test_a_rule_does_not_fit_when_one_thing_disagrees(
    rule: dict[str, Any], finding: dict[str, Any]
) -> None:
    assert not a_rule(**rule).fits(a_finding(**finding))


def test_the_first_rule_that_fits_decides() -> None:
    rules = (
        a_rule(name="other", types=("Trojan:EC2/*",)),
        a_rule(name="first", response=Response.RECORD),
        a_rule(name="second"),
    )

    judgement = judge(a_finding(), a_policy(rules=rules))

    assert (judgement.reason, judgement.response) == ("first", Response.RECORD)


@pytest.mark.parametrize("response", [Response.ALERT, Response.RECORD, Response.IGNORE])
def test_a_rule_that_touches_nothing_is_followed_and_names_the_instance(
    response: Response,
) -> None:
    judgement = judge(a_finding(), a_policy(rules=(a_rule(response=response),)))

    assert (judgement.response, judgement.instances) == (response, (a_ref(),))


def test_a_rule_for_any_resource_that_touches_nothing_names_no_instance() -> None:
    rules = (a_rule(response=Response.ALERT, resource="any"),)

    assert judge(a_finding(), a_policy(rules=rules)).instances == ()


@pytest.mark.parametrize(
    ("severity", "response"),
    [
        (0, Response.APPROVE),
        (3.9, Response.APPROVE),
        (3.99, Response.APPROVE),
        (4, Response.CONTAIN),
        (10, Response.CONTAIN),
    ],
)
def test_a_type_that_contains_asks_first_below_severity_4(
    severity: float, response: Response
) -> None:
    judgement = judge(a_finding(severity=severity), PACKAGED)

    assert judgement.response is response
    assert judgement.reason == "command-and-control"
    assert judgement.instances == (a_ref(),)


@pytest.mark.parametrize("response", [Response.CONTAIN, Response.APPROVE])
def test_without_an_instance_there_is_nobody_to_act_on(response: Response) -> None:
    rules = (a_rule(response=response, why="It floods."),)

    judgement = judge(a_finding(instance_id=None), a_policy(rules=rules))

    assert (judgement.response, judgement.reason) == (Response.ALERT, "no_instance")
    assert judgement.why == "It floods. No instance is named."
    assert judgement.instances == ()


@pytest.mark.parametrize(
    ("severity", "response"),
    [(6.9, Response.RECORD), (7, Response.ALERT), (0, Response.RECORD), (10, Response.ALERT)],
)
def test_an_unknown_type_is_told_from_7_and_recorded_below(
    severity: float, response: Response
) -> None:
    judgement = judge(a_finding(type_=UNKNOWN, severity=severity), PACKAGED)

    assert (judgement.response, judgement.reason) == (response, "unknown_type")
    assert judgement.instances == ()


def test_a_type_of_a_detection_rule_of_ones_own_is_what_the_table_says() -> None:
    finding = a_finding(type_="DefenseImpairment:EC2/DisableOrModifyTools", custom_rule="mine")

    assert judge(finding, PACKAGED).reason == "own-detection-rule"
    assert judge(finding, PACKAGED).response is Response.ALERT


def test_a_sequence_without_a_signal_about_an_instance_asks_for_approval() -> None:
    elsewhere = {"uid": "s", "resourceUids": ["arn:aws:s3:::bucket"]}
    finding = parse_finding(a_sequence(an_ec2(WEB), an_ec2("web"), signals=[elsewhere]))

    judgement = judge(finding, PACKAGED)

    assert judgement.response is Response.APPROVE
    assert "None of its signals leads to an instance." in judgement.why
    assert "look at 'web' yourself" in judgement.why


def test_a_sequence_of_which_no_instance_can_be_read_is_told() -> None:
    judgement = judge(parse_finding(a_sequence(an_ec2("web"))), PACKAGED)

    assert (judgement.response, judgement.reason) == (Response.ALERT, "no_instance")
    assert "look at 'web' yourself" in judgement.why


def test_the_policy_says_from_where_an_unknown_type_is_told() -> None:
    finding = a_finding(type_=UNKNOWN, severity=5)

    assert judge(finding, a_policy(alert_from=5.0)).response is Response.ALERT
    assert judge(finding, a_policy(alert_from=5.1)).response is Response.RECORD


@pytest.mark.parametrize(("severity", "response"), [(8, Response.ALERT), (6, Response.RECORD)])
def test_a_detection_rule_of_ones_own_cuts_nobody_whatever_it_calls_itself(
    severity: float, response: Response
) -> None:
    judgement = judge(a_finding(custom_rule="my rule", severity=severity), PACKAGED)

    assert (judgement.response, judgement.reason) == (response, "own-detection-rule")
    assert judgement.instances == ()


@pytest.mark.parametrize("archived", [True, False])
def test_a_sample_is_told_and_touches_nothing(archived: object) -> None:
    judgement = judge(a_finding(sample=True, archived=archived), PACKAGED)

    assert (judgement.response, judgement.reason) == (Response.ALERT, "sample")
    assert judgement.instances == ()


def test_a_sample_of_an_attack_sequence_touches_nothing() -> None:
    event = a_sequence(an_ec2("i-99999999"))

    judgement = judge(parse_finding(event), PACKAGED)

    assert (judgement.reason, judgement.instances) == ("sample", ())


def test_what_a_person_archived_is_recorded() -> None:
    judgement = judge(a_finding(archived=True), PACKAGED)

    assert (judgement.response, judgement.reason) == (Response.RECORD, "archived")
    assert judgement.instances == ()


def test_every_judgement_says_why_in_a_sentence() -> None:
    findings = [
        a_finding(),
        a_finding(sample=True),
        a_finding(archived=True),
        a_finding(type_=UNKNOWN),
        a_finding(instance_id=None),
    ]

    assert all(judge(finding, PACKAGED).why.endswith(".") for finding in findings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"severity": 2, "type_": "Behavior:IAMUser/X"},
            "from severity 4.0 on, and this one's is 2;",
        ),
        ({"resource_type": "Container"}, "for the resource Instance alone, and this is about Con"),
        (
            {"type_": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"},
            "none fits its role, direction, place or whatever else they ask for;",
        ),
    ],
)
def test_a_type_that_rules_name_is_told_apart_from_one_that_none_does(
    changes: Any, said: str
) -> None:
    inbound = [
        each
        for each in PACKAGED.rules
        if each.direction == "INBOUND" or "Custom" not in "".join(each.types)
    ]
    judgement = judge(a_finding(**changes), a_policy(rules=tuple(inbound)))

    assert judgement.reason == "no_rule_fits"
    assert said in judgement.why
