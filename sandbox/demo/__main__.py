"""`make demo`: the whole of Cordon at work on this machine, without an AWS account.

Nothing is taken from what a function answers alone: what is checked is read back from EC2, the
table, the bucket and the queue. The exit status is 0 only if all of it is right. It is told on one
screen; STORY=long tells all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from chalicelib.settings.channels import read_channels
from sandbox.channels.receiver import CHANNELS
from sandbox.channels.views import view
from sandbox.demo.brief import Brief
from sandbox.demo.list_scenes import LIST_SCENES, list_notices, wrong_lists
from sandbox.demo.people import recover
from sandbox.demo.scenes import SCENES, Played, play
from sandbox.demo.story import Story
from sandbox.faithful.autoscaling import health_check_tick
from sandbox.guard import ACCOUNT, REGION, SandboxError
from sandbox.server import Sandbox
from sandbox.world import World, build, groups_of

REPORT = Path("build") / "demo" / "incident-report.html"

Groups = dict[str, dict[str, list[str]]]  # by name of the instance and interface


def main(report_to: Path = REPORT) -> int:
    """Play the demo and tell it; return 0 if everything came out right, 1 if not.

    The incident report is written to the file `report_to`, and the log beside it.
    """
    log = report_to.with_name("cordon.log")
    told = Story if os.environ.get("STORY") == "long" else Brief
    story = told(Console(width=None if sys.stdout.isatty() else 100, highlight=False))
    started = time.monotonic()
    try:
        with story.progress("starting AWS on this machine"), Sandbox(log=log) as sandbox:
            story.done()
            world = build(sandbox)
            problems = _perform(sandbox, world, story, report_to)
        problems += _wrong_log(log)
        story.checks(problems)
    except SandboxError as error:
        story.fail([str(error)])
        return 1
    story.end(time.monotonic() - started, problems)
    return 1 if problems else 0


def _perform(sandbox: Sandbox, world: World, story: Story, report_to: Path) -> list[str]:
    before = _groups(sandbox, world)
    played = []
    for scene in (*SCENES, *LIST_SCENES):
        played.append(play(scene, sandbox, world))
        story.scene(played[-1])
    after = _groups(sandbox, world)
    story.groups(before, after)
    story.timeline(_timeline(sandbox, world.web))
    story.message(_message(sandbox))
    story.lists(list_notices(sandbox))
    renderings = _renderings(sandbox)
    story.channels(renderings)
    story.evidence(_evidence(sandbox))
    terminated = health_check_tick(ACCOUNT, REGION)
    cut = [*_wrong_groups(before, after)]
    recovery = recover(sandbox, world, before["web"], report_to)
    story.recovery(recovery, report_to)
    return [
        *_wrong_outcomes(played),
        *cut,
        *recovery.problems(),
        *_wrong_records(sandbox),
        *wrong_lists(sandbox),
        *_wrong_channels(renderings),
        *(f"Auto Scaling terminated {each}" for each in terminated),
    ]


def _wrong_log(log: Path) -> Iterator[str]:
    """Yield what is wrong in the app's log, which is written as in Lambda: lines of JSON."""
    lines = log.read_text(encoding="utf-8").splitlines()
    if not lines:
        yield "nothing was logged"
    for line in lines:
        try:
            json.loads(line)
        except ValueError:
            yield f"the log has a line that is no JSON: {line}"


def _groups(sandbox: Sandbox, world: World) -> Groups:
    return {name: groups_of(sandbox, each) for name, each in world.instances.items()}


def _wrong_outcomes(played: list[Played]) -> Iterator[str]:
    for each in played:
        if not each.is_right:
            wanted = " ".join(each.scene.expected)
            found = f"{each.outcome} {', '.join(each.reasons)}"
            yield f"{each.scene.title}: expected {wanted}, found {found}"


def _wrong_groups(before: Groups, after: Groups) -> Iterator[str]:
    for name, interfaces in after.items():
        for interface_id, groups in interfaces.items():
            cut = name in ("web", "mail", "login")
            wanted = ["cordon-dev-deny"] if cut else before[name][interface_id]
            if groups != wanted:
                yield f"{name}, {interface_id}: expected {wanted}, EC2 says {groups}"


def _wrong_records(sandbox: Sandbox) -> Iterator[str]:
    """Yield what is wrong in the deny group, the evidence and the dead letters."""
    described = sandbox.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["cordon-dev-deny"]}]
    )["SecurityGroups"]
    for group in described:
        if group["IpPermissions"] or group["IpPermissionsEgress"]:
            yield f"the deny group {group['GroupId']} has rules"
    for name, _, kept, found in _evidence(sandbox):
        if kept != found:
            yield f"evidence {name} does not have the SHA-256 that was recorded"
    letters = sandbox.dead_letters()
    errors = [letter["responsePayload"]["errorType"] for letter in letters]
    if errors != ["MalformedFindingError"]:
        yield f"the dead letters hold {errors}, not the one malformed event"


def _evidence(sandbox: Sandbox) -> list[tuple[str, int, str, str]]:
    """Return name, size, recorded and present SHA-256 of every piece of evidence."""
    s3, bucket = sandbox.client("s3"), f"cordon-dev-evidence-{ACCOUNT}-{REGION}"
    pieces = []
    for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        kept = s3.get_object(Bucket=bucket, Key=each["Key"])
        found = hashlib.sha256(kept["Body"].read()).hexdigest()
        pieces.append((each["Key"], each["Size"], kept["Metadata"]["sha256"], found))
    return pieces


def _timeline(sandbox: Sandbox, instance_id: str) -> list[tuple[str, str, str, str]]:
    """Return time, who, what and detail of each line of the instance's first quarantine."""
    found = sandbox.client("dynamodb").query(
        TableName="cordon-dev",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :line)",
        ExpressionAttributeValues={
            ":pk": {"S": f"timeline#{ACCOUNT}/{REGION}/{instance_id}#000001"},
            ":line": {"S": "line#"},
        },
    )["Items"]
    lines = [tuple(item[key]["S"] for key in ("at", "who", "what", "detail")) for item in found]
    return sorted((at, who, what, detail) for at, who, what, detail in lines)


def _message(sandbox: Sandbox) -> str:
    """Return the text of the first containment notice, as the notifier received it."""
    for each in sandbox.delivery.attempts:
        if each.function == "notify" and '"outcome": "contained"' in str(each.event):
            return str(each.event["Records"][0]["Sns"]["Message"])
    return ""


def _renderings(sandbox: Sandbox) -> dict[str, list[str]]:
    """Return what each channel shows of the first containment, by its name."""
    shown: dict[str, list[str]] = {}
    for each in sandbox.receiver.arrived:
        lines = view(each.channel, each.message)
        if any("CONTAINED i-" in line for line in lines):
            shown.setdefault(each.channel, lines)
    return dict(sorted(shown.items()))


def _wrong_channels(renderings: dict[str, list[str]]) -> Iterator[str]:
    for channel in read_channels({"CORDON_CHANNELS": str(CHANNELS)}):
        if channel.name not in renderings:
            yield f"{channel.name} was not told of the containment"


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
