"""Ordinary values to start from; a test names only what it is about."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.core.decision.decision import Bounds, Case
from chalicelib.core.findings.finding import Finding, parse_finding
from chalicelib.core.findings.severity import Band
from chalicelib.core.instance import Instance, InstanceRef, Interface
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.judgement import Judgement, judge
from chalicelib.core.policy.policy import Mode, Policy, Response
from chalicelib.core.quarantine.dossier import Dossier, Sighting
from chalicelib.core.quarantine.record import Quarantine, State, Step, StepName, StepStatus, opened
from chalicelib.core.quarantine.release import Release, Verdict
from chalicelib.core.steps.network import Group, GroupRole, Groups, by_vpc_and_role

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
REGION = "eu-west-1"
WEB = "i-0a1b2c3d4e5f60718"
DATABASE = "i-0fedcba9876543210"
FINDING = "6cb5a1f2d3e4057968798a0b1c2d3e4f"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

POLICY_FILE = Path(__file__).parents[1] / "chalicelib" / "policy.toml"
PACKAGED = parse_policy(POLICY_FILE.read_text(encoding="utf-8"))

_EVENT: dict[str, Any] = {
    "version": "0",
    "id": "5f0e7c1a-3b52-4d8e-9f01-aa55cc77ee99",
    "detail-type": "GuardDuty Finding",
    "source": "aws.guardduty",
    "account": ACCOUNT,
    "time": "2026-03-01T11:59:00Z",
    "region": REGION,
    "resources": [],
    "detail": {
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": REGION,
        "partition": "aws",
        "id": FINDING,
        "type": "Backdoor:EC2/C&CActivity.B",
        "severity": 8,
        "createdAt": "2026-03-01T11:50:00.000Z",
        "updatedAt": "2026-03-01T11:58:30.000Z",
        "title": f"Command and control traffic of {WEB}.",
        "description": "The instance queries a command and control server.",
        "resource": {
            "resourceType": "Instance",
            "instanceDetails": {
                "instanceId": WEB,
                "instanceType": "t3.micro",
                "networkInterfaces": [],
                "tags": [],
            },
        },
        "service": {
            "serviceName": "guardduty",
            "detectorId": "d4b040365221be2b54a6264dc9a4bc64",
            "archived": False,
            "count": 3,
            "eventFirstSeen": "2026-03-01T11:40:00.000Z",
            "eventLastSeen": "2026-03-01T11:58:00.000Z",
            "resourceRole": "TARGET",
            "action": {
                "actionType": "NETWORK_CONNECTION",
                "networkConnectionAction": {
                    "connectionDirection": "OUTBOUND",
                    "remoteIpDetails": {"ipAddressV4": "198.51.100.23"},
                },
            },
            "additionalInfo": {"value": "{}", "type": "default"},
        },
    },
}

_PLACES = {
    "type_": ("type",),
    "severity": ("severity",),
    "finding_id": ("id",),
    "title": ("title",),
    "account_id": ("accountId",),
    "region": ("region",),
    "updated_at": ("updatedAt",),
    "resource_type": ("resource", "resourceType"),
    "instance_id": ("resource", "instanceDetails", "instanceId"),
    "role": ("service", "resourceRole"),
    "archived": ("service", "archived"),
    "count": ("service", "count"),
    "last_seen": ("service", "eventLastSeen"),
    "custom_rule": ("service", "customDetectionRuleName"),
    "additional_info": ("service", "additionalInfo"),
    "exercise": ("service", "additionalInfo", "exercise"),
    "sample": ("service", "additionalInfo", "sample"),
    "malware_scan": ("service", "malwareScanDetails"),
    "volume_scan": ("service", "ebsVolumeScanDetails"),
    "resource": ("resource",),
    "service": ("service",),
    "action": ("service", "action"),
    "direction": ("service", "action", "networkConnectionAction", "connectionDirection"),
}


class _Gone:
    def __repr__(self) -> str:
        return "GONE"  # a name that every worker of a test run gives the same test


GONE = _Gone()


def an_event(**changes: Any) -> dict[str, Any]:
    """Return an event about command and control traffic, `changes` applied by name of a field.

    GONE takes a field out.
    """
    event = copy.deepcopy(_EVENT)
    for name, value in changes.items():
        *path, key = _PLACES[name]
        node = event["detail"]
        for step in path:
            node = node[step]
        if value is GONE:
            del node[key]
        else:
            node[key] = value
    return event


def a_finding(**changes: Any) -> Finding:
    return parse_finding(an_event(**changes))


def a_sequence(
    *resources: dict[str, Any], signals: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return an event about an attack sequence over `resources`."""
    event = an_event(type_="AttackSequence:EC2/CompromisedInstanceGroup", severity=9)
    event["detail"]["resource"] = {"resourceType": "AttackSequence"}
    sequence = {"uid": "s", "signals": signals or [], "resources": list(resources)}
    event["detail"]["service"]["detection"] = {"sequence": sequence}
    return event


def an_ec2(uid: str, **more: Any) -> dict[str, Any]:
    return {"uid": uid, "resourceType": "EC2_INSTANCE", **more}


def a_ref(instance_id: str = WEB, account_id: str = ACCOUNT) -> InstanceRef:
    return InstanceRef(account_id, REGION, instance_id)


def an_interface(
    name: str = "eni-1", vpc_id: str = "vpc-1", groups: tuple[str, ...] = ("sg-web",), **more: Any
) -> Interface:
    return Interface(name, vpc_id, groups, **more)


def an_instance(*interfaces: Interface, **changes: Any) -> Instance:
    mine = interfaces or (an_interface(groups=("sg-web", "sg-ssh")),)
    ordinary = Instance(a_ref(), "running", mine, {}, as_described='{"InstanceId":"web"}')
    return replace(ordinary, **changes)


def groups_of(*vpc_ids: str, ready: bool = True) -> Groups:
    """Return a deny and a drain group for each VPC: sg-deny-vpc-1, sg-drain-vpc-1, ..."""
    return by_vpc_and_role(
        Group(f"sg-{role}-{vpc_id}", vpc_id, role, ready)
        for vpc_id in vpc_ids
        for role in GroupRole
    )


def a_release(**changes: Any) -> Release:
    ordinary = Release(
        by="arn:aws:iam::111122223333:user/ada",
        reason="cleaned",
        verdict=Verdict.REMEDIATED,
        accepts_drift=False,
        at=NOON + MINUTE,
    )
    return replace(ordinary, **changes)


def a_policy(**changes: Any) -> Policy:
    return replace(PACKAGED, **changes)


def some_bounds(**changes: Any) -> Bounds:
    return replace(Bounds(ACCOUNT, Mode.ENFORCE, PACKAGED, NOON), **changes)


def a_judgement(response: Response = Response.CONTAIN, **changes: Any) -> Judgement:
    ordinary = Judgement(response, "command-and-control", "It talks to a server.", (a_ref(),))
    return replace(ordinary, **changes)


def a_case(**changes: Any) -> Case:
    finding = changes.pop("finding", None) or a_finding()
    judgement = changes.pop("judgement", None) or judge(finding, PACKAGED)
    ordinary = Case(finding, judgement, a_ref(), an_instance(), Dossier(), some_bounds())
    return replace(ordinary, **changes)


def a_sighting(**changes: Any) -> Sighting:
    ordinary = Sighting("earlier", "Backdoor:EC2/Spambot", Response.APPROVE, NOON - MINUTE)
    return replace(ordinary, **changes)


def a_quarantine(state: State = State.CONTAINING, **changes: Any) -> Quarantine:
    """Return a quarantine of an ordinary instance; unless it is CONTAINING, all steps are done."""
    first = opened(
        an_instance(),
        number=1,
        at=NOON,
        by="guardduty",
        reason="It talks to a server.",
        finding_id=FINDING,
        finding_type="Backdoor:EC2/C&CActivity.B",
        severity=Band.HIGH,
        ours=frozenset(),
        worker="worker",
    )
    done = {
        **dict.fromkeys(StepName, Step(StepStatus.DONE)),
        StepName.STOP: Step(StepStatus.SKIPPED),
        StepName.REPAIR: Step(StepStatus.SKIPPED),
    }
    steps = first.steps if state is State.CONTAINING else done
    return replace(first, **{"state": state, "steps": steps, "workers": {}, **changes})
