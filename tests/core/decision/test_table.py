"""What each finding deserves by the packaged policy.toml, whatever its instance is like."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.policy.judgement import Judgement, judge
from chalicelib.core.policy.policy import Response, type_pattern
from tests.builders import (
    DATABASE,
    GONE,
    OTHER_ACCOUNT,
    PACKAGED,
    a_finding,
    a_ref,
    a_sequence,
    an_ec2,
)
from tests.core.findings import known_types as known

CONTAIN, APPROVE, ALERT, RECORD = (
    Response.CONTAIN,
    Response.APPROVE,
    Response.ALERT,
    Response.RECORD,
)
EICAR = {"threats": [{"name": "EICAR-Test-File"}]}
TROJAN = {"threats": [{"name": "Trojan.Linux.Generic"}]}


def judged(**changes: Any) -> Judgement:
    return judge(a_finding(**changes), PACKAGED)


def by_organisation(*, affiliated: bool) -> dict[str, Any]:
    details = {"accountId": OTHER_ACCOUNT, "affiliated": affiliated}
    return {"awsApiCallAction": {"remoteAccountDetails": details}}


@pytest.mark.parametrize(("type_", "severity"), known.DOERS)
@pytest.mark.parametrize("role", ["TARGET", "ACTOR", None])
def test_an_instance_that_does_harm_is_contained_whatever_its_role(
    type_: str, severity: float, role: str | None
) -> None:
    judgement = judged(type_=type_, severity=severity, role=role)

    assert judgement.response is CONTAIN
    assert judgement.instances == (a_ref(),)


@pytest.mark.parametrize(("type_", "severity"), known.SUSPECTS)
@pytest.mark.parametrize("role", ["TARGET", "ACTOR", None])
def test_an_instance_that_may_do_harm_waits_for_a_person(
    type_: str, severity: float, role: str | None
) -> None:
    judgement = judged(type_=type_, severity=severity, role=role)

    assert judgement.response is APPROVE
    assert judgement.instances == (a_ref(),)


# One row of the table: what it is about, the response, the finding.
ROWS: list[tuple[str, Response, dict[str, Any]]] = [
    *(
        (f"{name} by the instance, at severity {score}", response, changes)
        for name in known.BRUTE_FORCE
        for score, response in ((8, CONTAIN), (4, CONTAIN), (2, APPROVE))
        for changes in ({"type_": name, "role": "ACTOR", "severity": score},)
    ),
    *(
        (f"{name} against the instance, at severity {score}", RECORD, changes)
        for name in known.BRUTE_FORCE
        for score in (2, 5, 8)
        for changes in ({"type_": name, "role": "TARGET", "severity": score},)
    ),
    *(
        (f"{name} with role {role}", ALERT, {"type_": name, "role": role})
        for name in known.BRUTE_FORCE
        for role in (GONE, None, "", "SOURCE")
    ),
    *(
        (f"{name} at severity {score}", ALERT, {"type_": name, "severity": score})
        for name in known.PROBED
        for score in (2, 5, 8)
    ),
    *(
        (f"{name} {way}", ALERT, {"type_": name, "direction": way, "severity": 5})
        for name in known.OWN_LISTS
        for way in ("INBOUND", "OUTBOUND", "UNKNOWN", None)
    ),
    *((f"{name} as usual", ALERT, {"type_": name, "severity": s}) for name, s in known.UNUSUAL),
    (
        "an unusual port of Log4Shell, rated High",
        APPROVE,
        {"type_": "Behavior:EC2/NetworkPortUnusual", "severity": 8},
    ),
    (
        "an unusual volume, rated High",
        ALERT,
        {"type_": "Behavior:EC2/TrafficVolumeUnusual", "severity": 8},
    ),
    (
        "malware that a scan rates Medium",
        ALERT,
        {"type_": "Execution:EC2/MaliciousFile", "severity": 5, "malware_scan": TROJAN},
    ),
    (
        "malware that a scan rates Low",
        ALERT,
        {"type_": "Execution:EC2/MaliciousFile", "severity": 2, "malware_scan": TROJAN},
    ),
    (
        "malware with a name that a scan rates High",
        CONTAIN,
        {"type_": "Execution:EC2/MaliciousFile", "severity": 8, "malware_scan": TROJAN},
    ),
    (
        "the EICAR test file, rated High",
        ALERT,
        {"type_": "Execution:EC2/MaliciousFile", "severity": 8, "malware_scan": EICAR},
    ),
    (
        "a suspicious file, rated High",
        ALERT,
        {"type_": "Execution:EC2/SuspiciousFile", "severity": 8},
    ),
    *(
        (f"{name} on an instance", {8: CONTAIN, 5: ALERT, 3: RECORD}[s], changes)
        for name, s in known.RUNTIME
        for changes in ({"type_": name, "severity": s},)
    ),
    (
        "credentials used outside AWS",
        CONTAIN,
        {"type_": known.STOLEN_OUTSIDE, "resource_type": "AccessKey"},
    ),
    (
        "credentials used by a stranger's account",
        CONTAIN,
        {
            "type_": known.STOLEN_INSIDE,
            "resource_type": "AccessKey",
            "action": by_organisation(affiliated=False),
        },
    ),
    (
        "credentials used by an account of the organisation",
        ALERT,
        {
            "type_": known.STOLEN_INSIDE,
            "resource_type": "AccessKey",
            "severity": 5,
            "action": by_organisation(affiliated=True),
        },
    ),
    (
        "credentials used outside AWS, said to be affiliated",
        CONTAIN,
        {
            "type_": known.STOLEN_OUTSIDE,
            "resource_type": "AccessKey",
            "action": by_organisation(affiliated=True),
        },
    ),
]


@pytest.mark.parametrize(
    ("response", "changes"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_finding_deserves(response: Response, changes: dict[str, Any]) -> None:
    assert judged(**changes).response is response


@pytest.mark.parametrize(
    ("direction", "rule"), [("INBOUND", "own-list-inbound"), ("OUTBOUND", "own-list")]
)
def test_a_call_from_our_own_list_is_told_apart_by_its_direction(direction: str, rule: str) -> None:
    judgement = judged(type_=known.OWN_LISTS[0], severity=5, direction=direction)

    assert (judgement.response, judgement.reason) == (ALERT, rule)


NEVER_AN_INSTANCE = [
    *((name, resource) for name in known.IN_BACKUPS for resource in ("EBSSnapshot", "Instance")),
    *(
        (name, resource)
        for name, _ in known.RUNTIME
        for resource in ("EKSCluster", "ECSCluster", "Container")
    ),
    *known.ELSEWHERE,
    *((name, "AttackSequence") for name in known.SEQUENCES_ELSEWHERE),
]


@pytest.mark.parametrize(("type_", "resource_type"), NEVER_AN_INSTANCE)
@pytest.mark.parametrize("severity", [2, 5, 8, 9.5])
def test_a_finding_about_something_else_touches_no_instance_that_it_carries(
    type_: str, resource_type: str, severity: float
) -> None:
    judgement = judged(type_=type_, resource_type=resource_type, severity=severity)

    assert judgement.response in (ALERT, RECORD)
    assert judgement.instances == ()


@pytest.mark.parametrize(("type_", "resource_type"), known.ELSEWHERE)
def test_a_severe_finding_about_something_else_is_told(type_: str, resource_type: str) -> None:
    assert judged(type_=type_, resource_type=resource_type, severity=8).response is ALERT
    assert judged(type_=type_, resource_type=resource_type, severity=4).response is ALERT


@pytest.mark.parametrize("resource_type", ["EKSCluster", "AccessKey", "Container", "S3Bucket"])
@pytest.mark.parametrize(("type_", "severity"), [*known.DOERS, *known.SUSPECTS])
def test_a_type_of_instances_about_another_resource_touches_none(
    type_: str, severity: float, resource_type: str
) -> None:
    judgement = judged(type_=type_, severity=severity, resource_type=resource_type)

    assert judgement.response in (ALERT, RECORD)
    assert judgement.instances == ()


def test_an_attack_on_instances_contains_each_of_them() -> None:
    event = a_sequence(an_ec2(a_ref().instance_id), an_ec2(DATABASE))

    judgement = judge(parse_finding(event), PACKAGED)

    assert judgement.response is CONTAIN
    assert judgement.instances == (a_ref(), a_ref(DATABASE))


@pytest.mark.parametrize("type_", known.SEQUENCES_OF_CLUSTERS)
def test_an_attack_on_a_cluster_waits_for_a_person_node_by_node(type_: str) -> None:
    event = a_sequence(an_ec2(DATABASE))
    event["detail"]["type"] = type_

    judgement = judge(parse_finding(event), PACKAGED)

    assert judgement.response is APPROVE
    assert judgement.instances == (a_ref(DATABASE),)


@pytest.mark.parametrize("type_", [known.SEQUENCE_OF_INSTANCES, *known.SEQUENCES_OF_CLUSTERS])
def test_an_attack_that_names_no_instance_is_told(type_: str) -> None:
    event = a_sequence()
    event["detail"]["type"] = type_

    judgement = judge(parse_finding(event), PACKAGED)

    assert (judgement.response, judgement.reason) == (ALERT, "no_instance")


@pytest.mark.parametrize("type_", known.ALL)
def test_every_known_type_has_a_rule(type_: str) -> None:
    assert any(
        type_pattern(text).fullmatch(type_) for rule in PACKAGED.rules for text in rule.types
    )


def test_every_rule_is_about_a_known_type() -> None:
    idle = [
        rule.name
        for rule in PACKAGED.rules
        if not any(type_pattern(text).fullmatch(name) for text in rule.types for name in known.ALL)
    ]

    assert idle == []
