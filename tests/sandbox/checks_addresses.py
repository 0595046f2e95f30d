"""What Elastic IPs stand for, and what the policies of a role may hold."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.checks import fact, gap
from tests.sandbox.estate import Estate, client, code_of


def an_address(estate: Estate) -> str:
    return str(estate.ec2.allocate_address(Domain="vpc")["AllocationId"])


def found(estate: Estate, allocation: str) -> dict[str, Any]:
    said = estate.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    return dict(said[0])


def a_second_address(estate: Estate, interface: str) -> str:
    second = "10.0.1.77"
    estate.ec2.assign_private_ip_addresses(
        NetworkInterfaceId=interface, PrivateIpAddresses=[second]
    )
    return second


@gap
def an_address_of_an_interface_is_one_of_its_instance(estate: Estate) -> None:
    allocation = an_address(estate)
    estate.ec2.associate_address(
        AllocationId=allocation, NetworkInterfaceId=estate.primary(estate.single)
    )

    by_instance = estate.ec2.describe_addresses(
        Filters=[{"Name": "instance-id", "Values": [estate.single]}]
    )
    assert [each["AllocationId"] for each in by_instance["Addresses"]] == [allocation]


@gap
def an_address_stands_for_the_private_one_that_was_named(estate: Estate) -> None:
    interface, allocation = estate.primary(estate.single), an_address(estate)
    second = a_second_address(estate, interface)

    estate.ec2.associate_address(
        AllocationId=allocation, NetworkInterfaceId=interface, PrivateIpAddress=second
    )

    assert found(estate, allocation)["PrivateIpAddress"] == second


@gap
def a_private_address_has_one_public_one(estate: Estate) -> None:
    interface = estate.primary(estate.single)
    first, second = an_address(estate), an_address(estate)
    estate.ec2.associate_address(AllocationId=first, NetworkInterfaceId=interface)

    refused = code_of(
        estate.ec2.associate_address,
        AllocationId=second,
        NetworkInterfaceId=interface,
        AllowReassociation=False,
    )

    assert refused == "Resource.AlreadyAssociated"


@gap
def an_address_stands_for_no_private_one_of_others(estate: Estate) -> None:
    refused = code_of(
        estate.ec2.associate_address,
        AllocationId=an_address(estate),
        NetworkInterfaceId=estate.primary(estate.single),
        PrivateIpAddress="10.0.1.250",
    )

    assert refused == "InvalidParameterValue"


@fact
def an_address_that_stands_for_another_is_not_taken_from_it(estate: Estate) -> None:
    allocation = an_address(estate)
    estate.ec2.associate_address(
        AllocationId=allocation, NetworkInterfaceId=estate.primary(estate.double)
    )

    refused = code_of(
        estate.ec2.associate_address,
        AllocationId=allocation,
        NetworkInterfaceId=estate.primary(estate.single),
        AllowReassociation=False,
    )

    assert refused == "Resource.AlreadyAssociated"


def a_role(name: str = "web") -> Any:
    iam, trust = client("iam"), {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return iam


def a_document(characters: int) -> str:
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x"}
    document: Any = {"Version": "2012-10-17", "Statement": [allow]}
    short = json.dumps(document, separators=(",", ":"))
    allow["Resource"] += "x" * (characters - len(short))
    return json.dumps(document, indent=1)


@gap
def a_role_has_room_for_so_many_characters_in_its_policies(_: Estate) -> None:
    iam = a_role()
    put = iam.put_role_policy
    put(RoleName="web", PolicyName="one", PolicyDocument=a_document(10_000))
    put(RoleName="web", PolicyName="two", PolicyDocument=a_document(240))

    refused = code_of(put, RoleName="web", PolicyName="three", PolicyDocument=a_document(200))

    assert refused == "LimitExceeded"
    put(RoleName="web", PolicyName="one", PolicyDocument=a_document(9_000))


@gap
def nobody_writes_a_policy_of_a_role_that_is_linked_to_a_service(_: Estate) -> None:
    iam = client("iam")
    name = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]

    refused = code_of(
        iam.put_role_policy,
        RoleName=name["RoleName"],
        PolicyName="deny",
        PolicyDocument=a_document(200),
    )

    assert refused == "UnmodifiableEntity"
