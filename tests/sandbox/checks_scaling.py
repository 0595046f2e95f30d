"""What Auto Scaling does with the members of a group."""

from __future__ import annotations

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import Estate, code_of

REFUSED = "ValidationError"


@gap
def a_detached_member_leaves_the_balancers(estate: Estate) -> None:
    assert estate.detach(estate.member) is None

    assert estate.ports(estate.member) == []
    assert estate.member not in estate.classic()
    assert len(estate.members()) == 2


@gap
def a_stranger_is_not_detached(estate: Estate) -> None:
    assert estate.detach(estate.single, decrement=True) == REFUSED
    assert estate.desired() == 2


@gap
def a_member_in_standby_is_not_detached(estate: Estate) -> None:
    estate.enter_standby(estate.member)

    assert estate.detach(estate.member) == REFUSED


@gap
def a_group_is_not_detached_below_its_minimum(estate: Estate) -> None:
    assert estate.detach(*estate.members(), decrement=True) == REFUSED
    assert len(estate.members()) == 2


@gap
def a_group_does_not_go_to_standby_below_its_minimum(estate: Estate) -> None:
    assert estate.enter_standby(*estate.members()) == REFUSED
    assert estate.desired() == 2


@gap
def a_member_that_is_attached_again_is_one_member_behind_the_balancers(estate: Estate) -> None:
    estate.detach(estate.member, decrement=True)
    assert estate.ports(estate.member) == []

    assert estate.attach(estate.member) is None

    assert estate.desired() == len(estate.members()) == 2
    assert estate.ports(estate.member) == [80]
    assert estate.member in estate.classic()


@gap
def a_member_is_not_attached_twice(estate: Estate) -> None:
    assert estate.attach(estate.member) == REFUSED
    assert len(estate.members()) == 2


@gap
def a_stopped_instance_is_not_attached(estate: Estate) -> None:
    estate.ec2.stop_instances(InstanceIds=[estate.single])

    assert estate.attach(estate.single) == REFUSED


@gap
def a_group_does_not_grow_above_its_maximum(estate: Estate) -> None:
    estate.scaling.update_auto_scaling_group(AutoScalingGroupName="g", MaxSize=2)

    assert estate.attach(estate.single) == REFUSED


@gap
def a_member_in_standby_leaves_the_target_group(estate: Estate) -> None:
    assert estate.enter_standby(estate.member) is None

    assert estate.ports(estate.member) == []
    assert estate.desired() == 1


@gap
def a_member_enters_standby_once(estate: Estate) -> None:
    estate.enter_standby(estate.member)

    assert estate.enter_standby(estate.member) == REFUSED
    assert estate.desired() == 1


@gap
def a_member_that_leaves_standby_is_a_target_again(estate: Estate) -> None:
    estate.enter_standby(estate.member)
    assert estate.ports(estate.member) == []

    assert estate.exit_standby(estate.member) is None

    assert estate.ports(estate.member) == [80]
    assert estate.desired() == 2


@gap
def a_full_group_takes_no_member_back_from_standby(estate: Estate) -> None:
    estate.enter_standby(estate.member)
    size = estate.scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["DesiredCapacity"]
    estate.scaling.update_auto_scaling_group(AutoScalingGroupName="g", MaxSize=size)

    assert estate.exit_standby(estate.member) == REFUSED


@gap
def a_member_leaves_standby_once(estate: Estate) -> None:
    estate.enter_standby(estate.member)
    estate.exit_standby(estate.member)

    assert estate.exit_standby(estate.member) == REFUSED
    assert estate.desired() == 2


@gap
def a_target_that_was_taken_away_does_not_come_back_when_the_group_grows(estate: Estate) -> None:
    estate.deregister({"Id": estate.member})

    estate.scaling.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=3)

    assert estate.ports(estate.member) == []
    assert [estate.ports(each) for each in estate.members() if each != estate.member] == [[80]] * 2


@gap
def a_stopped_member_is_terminated_and_replaced(estate: Estate) -> None:
    estate.ec2.stop_instances(InstanceIds=[estate.member])

    estate.pass_time()

    assert estate.instance(estate.member)["State"]["Name"] == "terminated"
    assert len(estate.members()) == 2
    assert estate.member not in estate.members()


@gap
def protection_does_not_save_a_stopped_member(estate: Estate) -> None:
    estate.ec2.modify_instance_attribute(
        InstanceId=estate.member, DisableApiTermination={"Value": True}
    )
    estate.ec2.stop_instances(InstanceIds=[estate.member])

    estate.pass_time()

    assert estate.instance(estate.member)["State"]["Name"] == "terminated"


@gap
def nobody_leaves_a_group_that_is_not_there(estate: Estate) -> None:
    for leave in (estate.scaling.enter_standby, estate.scaling.detach_instances):
        refused = code_of(
            leave,
            AutoScalingGroupName="nowhere",
            InstanceIds=[estate.member],
            ShouldDecrementDesiredCapacity=True,
        )
        assert refused == "ValidationError"


@fact
def a_stopped_member_in_standby_is_left_alone(estate: Estate) -> None:
    estate.enter_standby(estate.member)
    estate.ec2.stop_instances(InstanceIds=[estate.member])

    estate.pass_time()

    assert estate.instance(estate.member)["State"]["Name"] == "stopped"


@fact
def a_stopped_member_is_left_alone_while_health_checks_are_suspended(estate: Estate) -> None:
    estate.scaling.suspend_processes(
        AutoScalingGroupName="g", ScalingProcesses=["ReplaceUnhealthy"]
    )
    estate.ec2.stop_instances(InstanceIds=[estate.member])

    estate.pass_time()

    assert estate.instance(estate.member)["State"]["Name"] == "stopped"


@fact
def running_members_are_left_alone(estate: Estate) -> None:
    before = estate.members()

    estate.pass_time()

    assert estate.members() == before


@fact
def members_carry_the_name_of_their_group(estate: Estate) -> None:
    named = {"Key": "aws:autoscaling:groupName", "Value": "g"}

    for member in estate.members():
        assert named in estate.instance(member)["Tags"]
    estate.detach(estate.member)
    assert named not in estate.instance(estate.member)["Tags"]


@fact
def a_member_in_standby_is_not_behind_the_classic_balancer_and_comes_back(estate: Estate) -> None:
    estate.enter_standby(estate.member)
    assert estate.member not in estate.classic()

    estate.exit_standby(estate.member)
    assert estate.classic().count(estate.member) == 1
