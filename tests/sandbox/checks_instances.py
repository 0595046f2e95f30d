"""What EC2 does with instances."""

from __future__ import annotations

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import NO_INSTANCE, Estate, code_of


@gap
def a_terminated_instance_is_not_started(estate: Estate) -> None:
    estate.terminate(estate.single)

    refused = code_of(estate.ec2.start_instances, InstanceIds=[estate.single])

    assert refused == "IncorrectInstanceState"
    assert estate.instance(estate.single)["State"]["Name"] == "terminated"


@gap
def a_terminated_instance_is_not_stopped(estate: Estate) -> None:
    estate.terminate(estate.single)

    refused = code_of(estate.ec2.stop_instances, InstanceIds=[estate.single])

    assert refused == "IncorrectInstanceState"
    assert estate.instance(estate.single)["State"]["Name"] == "terminated"


@gap
def a_terminated_instance_is_not_brought_back_by_a_reboot(estate: Estate) -> None:
    estate.terminate(estate.single)

    estate.ec2.reboot_instances(InstanceIds=[estate.single])

    assert estate.instance(estate.single)["State"]["Name"] == "terminated"


@gap
def a_terminated_instance_is_not_changed(estate: Estate) -> None:
    estate.terminate(estate.single)

    refused = code_of(
        estate.ec2.modify_instance_attribute,
        InstanceId=estate.single,
        DisableApiTermination={"Value": True},
    )

    assert refused == "IncorrectInstanceState"


@gap
def a_terminated_instance_has_no_interfaces(estate: Estate) -> None:
    secondary = estate.interfaces(estate.double)[1]["NetworkInterfaceId"]

    estate.terminate(estate.double)

    assert estate.interfaces(estate.double) == []
    left = estate.ec2.describe_network_interfaces(NetworkInterfaceIds=[secondary])
    assert left["NetworkInterfaces"][0]["Status"] == "available"


@gap
def a_terminated_instance_gets_no_interface(estate: Estate) -> None:
    secondary = estate.interfaces(estate.double)[1]["NetworkInterfaceId"]
    estate.terminate(estate.double)

    refused = code_of(
        estate.ec2.attach_network_interface,
        NetworkInterfaceId=secondary,
        InstanceId=estate.double,
        DeviceIndex=1,
    )

    assert refused == "IncorrectInstanceState"


@gap
def an_unknown_instance_gets_no_tags(estate: Estate) -> None:
    refused = code_of(
        estate.ec2.create_tags, Resources=[NO_INSTANCE], Tags=[{"Key": "k", "Value": "v"}]
    )

    assert refused == "InvalidInstanceID.NotFound"


@fact
def an_instance_gets_tags_and_loses_them(estate: Estate) -> None:
    tag = {"Key": "k", "Value": "v"}

    estate.ec2.create_tags(Resources=[estate.single], Tags=[tag])

    assert estate.instance(estate.single)["Tags"] == [tag]
    estate.ec2.delete_tags(Resources=[estate.single], Tags=[tag])
    assert not estate.instance(estate.single).get("Tags")


@gap
def metadata_options_that_are_not_named_stay(estate: Estate) -> None:
    modify = estate.ec2.modify_instance_metadata_options
    modify(InstanceId=estate.single, HttpPutResponseHopLimit=3, HttpTokens="required")

    modify(InstanceId=estate.single, HttpEndpoint="disabled")

    now = estate.instance(estate.single)["MetadataOptions"]
    assert (now.get("HttpTokens"), now.get("HttpPutResponseHopLimit")) == ("required", 3)
    assert now["HttpEndpoint"] == "disabled"


@gap
def a_console_has_a_screenshot(estate: Estate) -> None:
    shot = estate.ec2.get_console_screenshot(InstanceId=estate.single)

    assert shot["InstanceId"] == estate.single
    assert shot["ImageData"]


@fact
def an_instance_is_stopped_started_and_terminated(estate: Estate) -> None:
    for change, state in (
        (estate.ec2.stop_instances, "stopped"),
        (estate.ec2.start_instances, "running"),
        (estate.ec2.terminate_instances, "terminated"),
        (estate.ec2.terminate_instances, "terminated"),
    ):
        change(InstanceIds=[estate.double])

        assert estate.instance(estate.double)["State"]["Name"] == state


@gap
def a_route_table_is_found_by_the_instance_that_a_route_points_at(estate: Estate) -> None:
    vpc = estate.instance(estate.single)["VpcId"]
    table = estate.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    estate.ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", InstanceId=estate.single
    )
    found = estate.ec2.describe_route_tables(
        Filters=[{"Name": "route.instance-id", "Values": [estate.single]}]
    )

    assert [each["RouteTableId"] for each in found["RouteTables"]] == [table]


@gap
def what_a_shutdown_from_the_inside_does_is_changed(estate: Estate) -> None:
    estate.ec2.modify_instance_attribute(
        InstanceId=estate.single, InstanceInitiatedShutdownBehavior={"Value": "terminate"}
    )

    said = estate.ec2.describe_instance_attribute(
        InstanceId=estate.single, Attribute="instanceInitiatedShutdownBehavior"
    )
    assert said["InstanceInitiatedShutdownBehavior"]["Value"] == "terminate"
