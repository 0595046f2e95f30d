"""Each function does all that it ever does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.core.notices import about_findings
from tests.adapters.aws import AWS_ACCOUNT
from tests.builders import OTHER_ACCOUNT, a_finding, a_judgement
from tests.core.notices.channels.incident import NOTICES
from tests.entry.lists import LISTS
from tests.permissions.deployment import Deployment, deployed
from tests.permissions.requests import Request

_OF_OWN_LIST = {
    "type_": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
    "additional_info": {"threatListName": "cordon-dev-threats-1"},
}
_RELEASE = {"reason": "it was a test", "verdict": "false_positive"}
_FEED = "sources/feed.txt"
_LEFT_TO_DO = (
    "sns.Publish",
    "ec2.DescribeInstanceAttribute",
    "ec2.CreateSnapshots",
    "s3.PutObject",
)


def requests_by_function(folder: Path) -> Mapping[str, Sequence[Request]]:
    """Return what each function asked AWS for; `folder` is empty."""
    with deployed(folder) as cordon:
        for work in (_sync, _contain, _watch, _repair, _serve, _notify):
            cordon.restart()
            work(cordon)
        return dict(cordon.requests)


def _sync(cordon: Deployment) -> None:
    """A first list, a next one that GuardDuty cannot activate, an override, and both kinds."""
    lists = cordon.lists
    lists.put("trusted/partners.txt", "80.9.1.0/24")
    lists.put(_FEED, "45.1.2.3", "45.1.2.9")
    cordon.sync()
    lists.put(_FEED, "45.1.2.3", "45.1.2.9", "45.1.2.17")
    cordon.sync()
    lists.spoil()
    cordon.sync()
    lists.told()
    lists.put(_FEED, "45.1.2.3", *(f"45.1.{n}.3" for n in range(20)))
    cordon.sync()
    lists.put(f"overrides/{lists.told()[-1]['digest']}")
    cordon.sync()
    cordon.choose("ip")
    cordon.sync()
    lists.put(_FEED, "45.1.2.3", *(f"45.1.{n}.3" for n in range(21)))
    cordon.sync()
    cordon.choose("entity")
    cordon.sync()


def _contain(cordon: Deployment) -> None:
    """Groups made and mended, a repeat, an entry of the own list, a member account, a router."""
    mine, there = cordon.home.instance_id, cordon.launch_there()
    cordon.put_in_a_group(mine, name="contained")
    cordon.plant(mine)
    beside = cordon.launch(cordon.vpc_of(mine))
    cordon.contain()
    cordon.contain()
    cordon.home.site.let_route(beside)
    cordon.there.let_route(there)
    cordon.contain(finding_id="a" * 32, **_OF_OWN_LIST)
    cordon.contain(finding_id="d" * 32, instance_id=beside, type_="Backdoor:EC2/Spambot")
    cordon.poison_groups()
    cordon.contain(finding_id="b" * 32, instance_id=beside)
    cordon.contain(finding_id="c" * 32, instance_id=there, account_id=OTHER_ACCOUNT)
    grouped = cordon.launch_there()
    cordon.put_in_a_group(grouped, there=True, name="contained")
    cordon.contain(finding_id="8" * 32, instance_id=grouped, account_id=OTHER_ACCOUNT)


def _watch(cordon: Deployment) -> None:
    """A cut and a release that were cut short, groups made and mended, the digest, reminders.

    And what only the breaker held, which is contained once there is room.
    """
    cut_short, given_back = cordon.launch(), cordon.launch()
    cordon.tie(given_back, name="given-back")
    cordon.launch(), cordon.launch_there()  # in VPCs that have no groups yet
    _make_foreign_sets(cordon)
    cordon.contain(finding_id="a" * 32, instance_id=given_back)
    release = f"/quarantines/{given_back}/release"
    cordon.ask("POST", release, _RELEASE)
    with cordon.refused("ec2.StartInstances"):
        cordon.ask("POST", release, _RELEASE, who="grace")
    taken_out, out_of_service = cordon.launch(), cordon.launch()
    for each in (taken_out, out_of_service):
        cordon.put_in_a_group(each, name=each)
    cordon.contain(finding_id="1" * 32, instance_id=out_of_service)
    release = f"/quarantines/{out_of_service}/release"
    cordon.ask("POST", release, _RELEASE)
    with cordon.refused("autoscaling.ExitStandby"):
        cordon.ask("POST", release, _RELEASE, who="grace")
    with cordon.refused("ec2.ModifyNetworkInterfaceAttribute"):
        cordon.contain(finding_id="2" * 32, instance_id=taken_out)
    with cordon.refused("ec2.ModifyNetworkInterfaceAttribute"):
        cordon.contain(finding_id="b" * 32, instance_id=cut_short)
    cordon.poison_groups()
    cordon.watch()
    cordon.poison_groups()
    cordon.fill_breaker()
    cordon.contain(finding_id="e" * 32, instance_id=cordon.launch())
    cordon.bury(finding_id="0" * 32, instance_id=cordon.launch())
    cordon.hold(finding_id="f" * 32, instance_id=cordon.launch(), **_OF_OWN_LIST)
    forwards = cordon.launch()
    cordon.home.site.let_route(forwards)
    cordon.plant(forwards)
    cordon.hold(finding_id="9" * 32, instance_id=forwards)
    cordon.later += timedelta(days=4)
    for _ in range(3):  # until snapshots are complete
        cordon.watch()


def _repair(cordon: Deployment) -> None:
    """What was let out, here and in a member, with all its steps still to do; groups with rules."""
    mine, there = cordon.launch(), cordon.launch_there()
    cordon.put_in_a_group(mine, name="let-out")
    cordon.plant(mine)
    cordon.put_in_a_group(there, there=True, name="let-out")
    for each, account_id in ((mine, AWS_ACCOUNT), (there, OTHER_ACCOUNT)):
        with cordon.busy(*_LEFT_TO_DO):
            cordon.contain(finding_id=each[2:] * 2, instance_id=each, account_id=account_id)
    cordon.restart()
    for each, account_id in ((mine, AWS_ACCOUNT), (there, OTHER_ACCOUNT)):
        interface, group = cordon.let_out(each, there=account_id == OTHER_ACCOUNT)
        said = {"networkInterfaceId": interface, "groupSet": {"items": [{"groupId": group}]}}
        cordon.repair("ModifyNetworkInterfaceAttribute", account_id, **said)
    cordon.poison_groups()
    for each, account_id in ((mine, AWS_ACCOUNT), (there, OTHER_ACCOUNT)):
        cordon.let_out(each, there=account_id == OTHER_ACCOUNT)
        cordon.repair("ModifyInstanceAttribute", account_id, instanceId=each)
        cordon.let_out(each, there=account_id == OTHER_ACCOUNT)
        cordon.delete_groups(each, there=account_id == OTHER_ACCOUNT)
        cordon.repair("ModifyInstanceAttribute", account_id, instanceId=each)
    for account_id, groups in cordon.own_groups().items():
        for group in groups:
            cordon.repair("AuthorizeSecurityGroupEgress", account_id, groupId=group)


def _make_foreign_sets(cordon: Deployment) -> None:
    cordon.lists.put("corporate.txt", "198.51.100.1")
    guardduty = cordon.home.session.client("guardduty")
    for create in (guardduty.create_threat_entity_set, guardduty.create_threat_intel_set):
        create(
            DetectorId=cordon.lists.detector,
            Name="corporate",
            Format="TXT",
            Location=f"s3://{LISTS}/corporate.txt",
            Activate=True,
        )


def _serve(cordon: Deployment) -> None:
    """Every route; groups made and mended; releases by two persons, here and in a member."""
    mine, there, elsewhere = cordon.launch(), cordon.launch_there(), OTHER_ACCOUNT
    vpc = cordon.vpc_of(mine)
    beside, by_finding, waiting = cordon.launch(vpc), cordon.launch(vpc), cordon.launch(vpc)
    cordon.put_in_a_group(mine, name="by-hand")
    cordon.plant(mine)
    cordon.ask("POST", f"/quarantines/{mine}", {"reason": "seen in the logs"})
    cordon.ask("POST", f"/quarantines/{there}", {"reason": "seen there"}, account_id=elsewhere)
    cordon.ask("GET", "/quarantines")
    cordon.ask("GET", "/quarantines", state="CONTAINED")
    cordon.ask("GET", f"/quarantines/{mine}")
    cordon.ask("GET", f"/quarantines/{mine}/report")
    of_a_group, of_one_there = cordon.launch(), cordon.launch_there()
    cordon.put_in_a_group(of_a_group)
    cordon.put_in_a_group(of_one_there, there=True)
    cordon.ask("GET", f"/quarantines/{of_a_group}/preview")
    cordon.ask("GET", f"/quarantines/{of_one_there}/preview", account_id=elsewhere)
    said = {"reason": "seen there too"}
    cordon.ask("POST", f"/quarantines/{of_one_there}", said, account_id=elsewhere)
    for _ in range(3):  # until they are complete
        cordon.ask("POST", f"/quarantines/{mine}/steps/snapshots", {"reason": "how far?"})
    cordon.ask("PUT", "/mode", {"mode": "enforce", "reason": "an exercise"})
    cordon.ask("PUT", "/mode", {"lists": "on", "reason": "an exercise"})
    cordon.ask("GET", "/mode")
    cordon.poison_groups()
    cordon.contain(finding_id="d" * 32, instance_id=beside, type_="Backdoor:EC2/Spambot")
    cordon.ask("POST", f"/quarantines/{beside}", {"reason": "seen as well"})
    cordon.contain(finding_id="e" * 32, instance_id=waiting, type_="Backdoor:EC2/Spambot")
    week = {"reason": "x", "until": f"{datetime.now(UTC) + cordon.later + timedelta(days=7):%F}"}
    for who in ("ada", "grace"):
        cordon.ask("PUT", f"/exemptions/{waiting}", week, who=who)
    cordon.ask("GET", "/exemptions")
    for who in ("ada", "grace"):
        cordon.ask("DELETE", f"/exemptions/{waiting}", {"reason": "x"}, who=who)
    cordon.ask("GET", "/held")
    cordon.ask("POST", f"/held/{waiting}/dismiss", {"reason": "a test of ours"})
    cordon.contain(finding_id="c" * 32, instance_id=by_finding)
    for who in ("ada", "grace"):
        cordon.ask("POST", f"/quarantines/{mine}/release", _RELEASE, who=who)
        cordon.ask("POST", f"/quarantines/{by_finding}/release", _RELEASE, who=who)
        for each in (there, of_one_there):
            release = f"/quarantines/{each}/release"
            cordon.ask("POST", release, _RELEASE, who=who, account_id=elsewhere)


def _notify(cordon: Deployment) -> None:
    """Every kind of notice on every kind of channel; the first waits for the digest."""
    cordon.notify(about_findings.of_finding(a_finding(severity=5), a_judgement(), "alerted"))
    for notice in NOTICES.values():
        cordon.notify(notice)
