"""What happens in the demo: findings, and what must come of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.events.invocation import Attempt
from sandbox.faithful.guardduty_findings import finding_about
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox
from sandbox.world import World, groups_of


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that happens; `expected` is the outcome and the reason that must come of it."""

    title: str
    expected: tuple[str, str]
    play: Callable[[Sandbox, World], None]
    function: str = "contain_finding"  # that answers


@dataclass(frozen=True, slots=True)
class Played:
    """A scene, and what came of it."""

    scene: Scene
    outcome: str
    reasons: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        outcome, reason = self.scene.expected
        return self.outcome == outcome and (not reason or reason in self.reasons)


def _publish(sandbox: Sandbox, instance_id: str, **what: Any) -> None:
    about = (ACCOUNT, REGION, sandbox.detector_id(), instance_id)
    sandbox.publish_finding(finding_about(*about, **what))


def _finding(victim: str, **what: Any) -> Callable[[Sandbox, World], None]:
    return lambda sandbox, world: _publish(sandbox, world.instances[victim], **what)


def _sample(sandbox: Sandbox, _: World) -> None:
    sandbox.client("guardduty").create_sample_findings(
        DetectorId=sandbox.detector_id(), FindingTypes=["Backdoor:EC2/C&CActivity.B!DNS"]
    )


def _malformed(sandbox: Sandbox, world: World) -> None:
    """Put an event by hand, as anybody with events:PutEvents might try."""
    detail = {"severity": 9.0, "resource": {"instanceDetails": {"instanceId": world.login}}}
    entry = {
        "Source": "aws.guardduty",
        "DetailType": "GuardDuty Finding",
        "Detail": json.dumps(detail),
    }
    sandbox.client("events").put_events(Entries=[entry])


def _let_out(sandbox: Sandbox, world: World) -> None:
    """Put the first interface of the web server back on its own group, as an administrator may."""
    ec2 = sandbox.client("ec2", by="mallory")
    named = [{"Name": "group-name", "Values": ["web"]}]
    group = ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]
    interface = next(iter(groups_of(sandbox, world.web)))
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])


_COMMAND_AND_CONTROL: Mapping[str, Any] = {
    "type_": "Backdoor:EC2/C&CActivity.B",
    "severity": 8.0,
    "finding_id": "0c2b4a6e8d0f1a3c5e7091b3d5f70213",
}

SCENES = (
    Scene(
        "a web server talks to a command and control server",
        ("contained", "command-and-control"),
        _finding("web", **_COMMAND_AND_CONTROL),
    ),
    Scene(
        "GuardDuty sends the same finding again, updated",
        ("already_contained", "command-and-control"),
        _finding("web", **_COMMAND_AND_CONTROL),
    ),
    Scene(
        "somebody guesses passwords of the login server",
        ("recorded", "brute-force-against-instance"),
        _finding(
            "login", type_="UnauthorizedAccess:EC2/SSHBruteForce", severity=2.0, direction="INBOUND"
        ),
    ),
    Scene(
        "the bastion, which is exempt, mines bitcoin",
        ("held", "exempt"),
        _finding("bastion", type_="CryptoCurrency:EC2/BitcoinTool.B", severity=8.0),
    ),
    Scene("a sample finding of GuardDuty's own", ("alerted", "sample"), _sample),
    Scene(
        "the mail server sends spam",
        ("held", "approval_required"),
        _finding("mail", type_="Backdoor:EC2/Spambot", severity=5.0),
    ),
    Scene(
        "and then it scans ports: a second, different sign",
        ("contained", "suspected-malware-traffic"),
        _finding("mail", type_="Recon:EC2/Portscan", severity=5.0, role="ACTOR"),
    ),
    Scene(
        "an intruder with rights moves web back: CloudTrail tells",
        ("cut again", "mallory"),
        _let_out,
        "repair_drift",
    ),
    Scene("an event that is no finding at all", ("rejected", ""), _malformed),
)


def _is_own_call(attempt: Attempt) -> bool:
    """Whether a function only heard of a call of Cordon's own, and left it alone."""
    return "call" in (attempt.result or ()) and "let_out" not in attempt.result


def play(scene: Scene, sandbox: Sandbox, world: World) -> Played:
    """Let `scene` happen and return what the function that took the event said."""
    before = len(sandbox.delivery.attempts)
    scene.play(sandbox, world)
    sandbox.drain()
    attempts = [
        each
        for each in sandbox.delivery.attempts[before:]
        if each.function == scene.function and not _is_own_call(each)
    ]
    if not attempts:
        return Played(scene, "nothing came of it", ())
    last = attempts[-1]
    if last.error:
        return Played(scene, "rejected", (last.error,))
    if "let_out" in last.result:
        return Played(scene, "cut again", (last.result["by"].rpartition("/")[2],))
    if "instances" not in last.result:  # the threat list's
        said = (*last.result.get("guards", ()), f"{last.result['entries']} entries")
        return Played(scene, last.result["outcome"], said)
    instances = last.result["instances"]
    reasons = tuple(reason for each in instances for reason in each["reasons"])
    if not instances and last.result["outcome"] == "alerted":
        reasons = ("sample",) if "[SAMPLE]" in last.event["detail"]["title"] else ()
    return Played(scene, last.result["outcome"], reasons)
