"""What EC2 does with interfaces and security groups."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import ACCOUNT, NO_GROUP, REGION, Estate, code_of


@gap
def groups_of_an_interface_are_replaced(estate: Estate) -> None:
    interface = estate.primary(estate.single)

    assert estate.regroup(interface, estate.deny) is None

    assert estate.groups(estate.single) == [[estate.deny]]
    seen = estate.instance(estate.single)["NetworkInterfaces"][0]["Groups"]
    assert [group["GroupId"] for group in seen] == [estate.deny]


@gap
def groups_of_an_interface_keep_their_order(estate: Estate) -> None:
    interface = estate.primary(estate.single)

    for order in ([estate.deny, estate.app, estate.web], [estate.web, estate.app, estate.deny]):
        estate.regroup(interface, *order)

        assert estate.groups(estate.single) == [order]


@gap
def an_interface_attached_later_keeps_its_own_groups(estate: Estate) -> None:
    _attach(estate, estate.member, estate.app)

    assert estate.groups(estate.member) == [[estate.web], [estate.app]]


@gap
def the_groups_of_an_instance_are_those_of_its_primary_interface(estate: Estate) -> None:
    estate.regroup(estate.primary(estate.single), estate.deny)

    found = estate.instance(estate.single)["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [estate.deny]


@gap
def an_instance_launched_with_interfaces_has_groups(estate: Estate) -> None:
    found = estate.instance(estate.double)["SecurityGroups"]

    assert [group["GroupId"] for group in found] == [estate.web, estate.app]


@gap
def instances_are_found_by_their_new_groups(estate: Estate) -> None:
    estate.regroup(estate.primary(estate.single), estate.deny)

    found = estate.ec2.describe_instances(
        Filters=[{"Name": "instance.group-id", "Values": [estate.deny]}]
    )["Reservations"]
    assert [each["Instances"][0]["InstanceId"] for each in found] == [estate.single]


@gap
def a_group_of_another_vpc_is_refused(estate: Estate) -> None:
    refused = estate.regroup(estate.primary(estate.single), estate.foreign)

    assert refused == "InvalidParameter"
    assert estate.groups(estate.single) == [[estate.web, estate.app]]


@gap
def an_unknown_group_is_refused(estate: Estate) -> None:
    refused = estate.regroup(estate.primary(estate.single), NO_GROUP)

    assert refused == "InvalidGroup.NotFound"


@gap
def more_than_five_groups_are_refused(estate: Estate) -> None:
    many = [estate.group(f"group-{n}") for n in range(6)]
    interface = estate.primary(estate.single)

    assert estate.regroup(interface, *many) == "SecurityGroupsPerInterfaceLimitExceeded"
    assert estate.regroup(interface, *many[:5]) is None


@gap
def an_interface_of_a_service_keeps_its_groups(estate: Estate) -> None:
    interface = estate.primary(estate.single)
    ec2: Any = ec2_backends[ACCOUNT][REGION]
    ec2.get_network_interface(interface).requester_managed = True
    ec2.get_network_interface(interface).requester_id = "amazon-elb"

    assert estate.regroup(interface, estate.deny) == "OperationNotPermitted"

    found = estate.interfaces(estate.single)[0]
    assert (found["RequesterManaged"], found["RequesterId"]) == (True, "amazon-elb")
    assert estate.groups(estate.single) == [[estate.web, estate.app]]


@gap
def a_new_interface_takes_no_group_of_another_vpc(estate: Estate) -> None:
    assert _make(estate, estate.foreign) == "InvalidParameter"


@gap
def a_new_interface_takes_no_unknown_group(estate: Estate) -> None:
    assert _make(estate, NO_GROUP) == "InvalidGroup.NotFound"
    assert code_of(estate.ec2.describe_security_groups, GroupIds=[NO_GROUP])


@gap
def an_instance_is_not_launched_with_a_group_of_another_vpc(estate: Estate) -> None:
    refused = code_of(estate.launch, SubnetId=estate.subnet, SecurityGroupIds=[estate.foreign])

    assert refused == "InvalidParameter"


@gap
def groups_are_not_set_on_an_instance_with_two_interfaces(estate: Estate) -> None:
    refused = code_of(
        estate.ec2.modify_instance_attribute, InstanceId=estate.double, Groups=[estate.deny]
    )

    assert refused == "InvalidInstanceID"
    assert estate.groups(estate.double) == [[estate.web, estate.app], [estate.app]]


@gap
def groups_set_on_an_instance_with_one_interface_replace_its_groups(estate: Estate) -> None:
    estate.ec2.modify_instance_attribute(InstanceId=estate.single, Groups=[estate.deny])

    assert estate.groups(estate.single) == [[estate.deny]]


@gap
def a_group_that_an_interface_has_is_not_deleted(estate: Estate) -> None:
    assert code_of(estate.ec2.delete_security_group, GroupId=estate.web) == "DependencyViolation"


@gap
def a_group_that_a_rule_names_is_not_deleted(estate: Estate) -> None:
    named = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": estate.deny}]}
    estate.ec2.authorize_security_group_ingress(GroupId=estate.web, IpPermissions=[named])

    assert code_of(estate.ec2.delete_security_group, GroupId=estate.deny) == "DependencyViolation"


@fact
def a_group_that_only_its_own_rule_names_is_deleted(estate: Estate) -> None:
    named = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": estate.deny}]}
    estate.ec2.authorize_security_group_ingress(GroupId=estate.deny, IpPermissions=[named])

    assert code_of(estate.ec2.delete_security_group, GroupId=estate.deny) is None


@fact
def interfaces_say_where_they_are_and_whether_they_route(estate: Estate) -> None:
    _attach(estate, estate.member, estate.app)
    estate.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=estate.primary(estate.member), SourceDestCheck={"Value": False}
    )

    found = estate.interfaces(estate.member)

    assert [each["Attachment"]["DeviceIndex"] for each in found] == [0, 1]
    assert [each["VpcId"] for each in found] == [estate.vpc, estate.vpc]
    assert [each["SourceDestCheck"] for each in found] == [False, True]
    assert [each["RequesterManaged"] for each in found] == [False, False]


def _make(estate: Estate, group: str) -> str | None:
    return code_of(estate.ec2.create_network_interface, SubnetId=estate.subnet, Groups=[group])


def _attach(estate: Estate, instance_id: str, group: str) -> None:
    made = estate.ec2.create_network_interface(SubnetId=estate.subnet, Groups=[group])
    estate.ec2.attach_network_interface(
        NetworkInterfaceId=made["NetworkInterface"]["NetworkInterfaceId"],
        InstanceId=instance_id,
        DeviceIndex=1,
    )
