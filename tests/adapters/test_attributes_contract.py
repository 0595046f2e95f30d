"""What every EC2 says of an instance besides its network, and lets change; the fake and moto."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import boto3
import pytest
from moto.autoscaling.models import autoscaling_backends

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import (
    HELD,
    Change,
    EnterStandby,
    ExitStandby,
    Mark,
    Membership,
    SetDeletion,
    SetProtection,
    SetRunning,
    SetShutdown,
    SetTokens,
    Traits,
    Unmark,
)
from sandbox.faithful.autoscaling import health_check_tick
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.adapters.sites import AwsSite, Site
from tests.adapters.tiers import join_group

EVERYTHING: Mapping[StepName, Mapping[str, object]] = {name: {} for name in REVERSIBLE}
STRANGER = "i-00000000000000000"


@pytest.fixture
def instance_id(site: Site) -> str:
    vpc = site.make_vpc()
    return site.launch((vpc, (site.make_group(vpc),)))


def seen(site: Site, instance_id: str) -> Traits:
    found = site.attributes.see(instance_id, EVERYTHING)
    assert found is not None
    return found


def test_an_instance_that_was_just_launched_is_not_kept_by_anything(
    site: Site, instance_id: str
) -> None:
    found = seen(site, instance_id)

    assert (found.is_protected, found.on_shutdown, found.tokens) == (False, "stop", "optional")
    assert set(found.volumes.values()) == {True}
    assert not found.is_spot


def test_an_instance_that_is_not_there_or_was_terminated_has_none(
    site: Site, instance_id: str
) -> None:
    site.terminate(instance_id)

    assert site.attributes.see(instance_id, EVERYTHING) is None
    assert site.attributes.see(STRANGER, EVERYTHING) is None


@pytest.mark.parametrize("back", [False, True], ids=["done", "undone"])
def test_each_change_changes_what_it_says_and_nothing_else(
    site: Site, instance_id: str, *, back: bool
) -> None:
    before = seen(site, instance_id)
    (device,) = before.volumes
    changes: list[tuple[Change, Change]] = [
        (SetProtection(is_on=True), SetProtection(is_on=False)),
        (SetShutdown("terminate"), SetShutdown("stop")),
        (SetDeletion(device, is_deleted=False), SetDeletion(device, is_deleted=True)),
        (SetTokens("required"), SetTokens("optional")),
    ]

    requests = [site.attributes.alter(instance_id, change) for change, _ in changes]
    if back:
        requests += [site.attributes.alter(instance_id, undo) for _, undo in changes]

    assert all(requests)
    changed = replace(
        before,
        is_protected=True,
        on_shutdown="terminate",
        volumes={device: False},
        tokens="required",
    )
    assert seen(site, instance_id) == (before if back else changed)


def test_an_instance_its_volumes_and_its_interfaces_are_marked_and_unmarked(ec2: AwsSite) -> None:
    vpc = ec2.make_vpc()
    instance_id = ec2.launch((vpc, (ec2.make_group(vpc),)), (vpc, (ec2.make_group(vpc),)))
    before = seen(ec2, instance_id).marks
    assert Counter(name.split("-")[0] for name in before) == {"i": 1, "vol": 1, "eni": 2}
    assert set(before.values()) == {None}

    assert ec2.attributes.alter(instance_id, Mark(tuple(before)))
    assert set(seen(ec2, instance_id).marks.values()) == {HELD}

    assert ec2.attributes.alter(instance_id, Unmark(tuple(before)))
    assert seen(ec2, instance_id).marks == before


def test_a_volume_that_was_taken_away_is_still_known_to_be_marked(ec2: AwsSite) -> None:
    vpc = ec2.make_vpc()
    instance_id = ec2.launch((vpc, (ec2.make_group(vpc),)))
    before = seen(ec2, instance_id).marks
    ec2.attributes.alter(instance_id, Mark(tuple(before)))
    [volume] = [name for name in before if name.startswith("vol-")]
    ec2.client.detach_volume(VolumeId=volume, InstanceId=instance_id)

    remembered = {StepName.PROTECTION: {"marks": dict(before)}}
    found = ec2.attributes.see(instance_id, remembered)

    assert found is not None
    assert found.marks[volume] == HELD
    assert volume not in seen(ec2, instance_id).marks


def refused(*operations: str) -> Faults:
    """Let EC2 refuse some operations to a role of an earlier version."""
    return Faults(
        wire=[Fault(f"ec2.{each}", code="UnauthorizedOperation", status=403) for each in operations]
    )


def test_a_role_that_may_list_no_tags_reads_them_off_what_has_them(ec2: AwsSite) -> None:
    vpc = ec2.make_vpc()
    instance_id = ec2.launch((vpc, (ec2.make_group(vpc),)), (vpc, (ec2.make_group(vpc),)))
    before = seen(ec2, instance_id).marks
    asked = {StepName.PROTECTION: {"marks": dict(before)}}

    with refused("DescribeTags").on():
        unmarked = ec2.attributes.see(instance_id, asked)
        ec2.attributes.alter(instance_id, Mark(tuple(before)))
        marked = ec2.attributes.see(instance_id, asked)

    assert unmarked is not None
    assert marked is not None
    assert unmarked.marks == before
    assert marked.marks == dict.fromkeys(before, HELD)


def test_who_may_look_at_no_tag_takes_nothing_for_marked_but_never_guesses_later(
    ec2: AwsSite,
) -> None:
    vpc = ec2.make_vpc()
    instance_id = ec2.launch((vpc, (ec2.make_group(vpc),)))
    marks = {instance_id: None}

    with refused("DescribeTags", "DescribeVolumes").on():
        first = seen(ec2, instance_id)
        later = ec2.attributes.see(instance_id, {StepName.PROTECTION: {"marks": marks}})

    assert set(first.marks.values()) == {None}
    assert later is not None
    assert set(later.hidden) == {StepName.PROTECTION}


@pytest.fixture
def member(ec2: AwsSite) -> str:
    vpc = ec2.make_vpc()
    instance_id = ec2.launch((vpc, (ec2.make_group(vpc),)))
    join_group(boto3.Session(region_name=AWS_REGION), ec2, instance_id)
    return instance_id


def test_a_member_of_a_group_goes_into_standby_and_comes_back(ec2: AwsSite, member: str) -> None:
    assert seen(ec2, member).fleet == Membership("web", "InService")

    assert ec2.attributes.alter(member, EnterStandby("web"))
    assert seen(ec2, member).fleet == Membership("web", "Standby")

    assert ec2.attributes.alter(member, ExitStandby("web"))
    assert seen(ec2, member).fleet == Membership("web", "InService")


def test_a_group_at_its_minimum_lets_it_go_and_launches_another(ec2: AwsSite, member: str) -> None:
    scaling = boto3.client("autoscaling", AWS_REGION)
    scaling.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=1, MaxSize=1)

    ec2.attributes.alter(member, EnterStandby("web"))

    [group] = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert group["DesiredCapacity"] == group["MinSize"] == 1
    states = sorted(each["LifecycleState"] for each in group["Instances"])
    assert states == ["InService", "Standby"], "and one at its maximum too"


def test_the_health_check_terminates_no_member_in_standby(ec2: AwsSite, member: str) -> None:
    ec2.attributes.alter(member, EnterStandby("web"))
    ec2.attributes.alter(member, SetRunning(is_on=False))

    assert member not in health_check_tick(AWS_ACCOUNT, AWS_REGION)
    assert seen(ec2, member).fleet == Membership("web", "Standby")


def test_a_group_that_is_full_takes_nobody_back(ec2: AwsSite, member: str) -> None:
    ec2.attributes.alter(member, EnterStandby("web"))
    boto3.client("autoscaling", AWS_REGION).update_auto_scaling_group(
        AutoScalingGroupName="web", MaxSize=1
    )

    with pytest.raises(AwsRefusedError, match="ExitStandby"):
        ec2.attributes.alter(member, ExitStandby("web"))


def test_a_member_on_its_way_can_be_asked_again(ec2: AwsSite, member: str) -> None:
    group = autoscaling_backends[AWS_ACCOUNT][AWS_REGION].autoscaling_groups["web"]
    (state,) = [each for each in group.instance_states if each.instance.id == member]
    state.lifecycle_state = "EnteringStandby"

    with pytest.raises(AwsBusyError):
        ec2.attributes.alter(member, ExitStandby("web"))


def test_a_member_of_no_group_is_in_none_whatever_its_tags_say(ec2: AwsSite, member: str) -> None:
    boto3.client("autoscaling", AWS_REGION).detach_instances(
        InstanceIds=[member], AutoScalingGroupName="web", ShouldDecrementDesiredCapacity=True
    )

    assert seen(ec2, member).fleet is None
