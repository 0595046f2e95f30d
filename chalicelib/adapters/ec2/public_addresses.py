"""EC2: the public addresses that are ours: no list may call them a threat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import NetworkInterfaceTypeDef

PERMISSIONS = ("ec2:DescribeAddresses", "ec2:DescribeNetworkInterfaces", "ec2:DescribeRegions")


class Ec2PublicAddresses:
    """What one account and region has: Elastic IPs, in use or not, and those of every interface.

    Interfaces have those that EC2 assigns to instances by itself, of NAT gateways, and of load
    balancers and whatever else AWS puts into a VPC.
    """

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def regions(self) -> tuple[str, ...]:
        """Return the regions of the account: all but those that it would have to opt in to."""
        with aws_errors("look for our regions"):
            found = self._ec2.describe_regions()["Regions"]
        return tuple(sorted(each["RegionName"] for each in found if _is_on(each["OptInStatus"])))

    def all(self) -> tuple[str, ...]:
        """Return them, IPv4, sorted as text."""
        with aws_errors("look for our own public addresses"):
            return tuple(sorted({*self._elastic(), *self._of_interfaces()}))

    def _elastic(self) -> Iterator[str]:
        for address in self._ec2.describe_addresses()["Addresses"]:
            if "PublicIp" in address:  # one of a carrier's zone has none
                yield address["PublicIp"]

    def _of_interfaces(self) -> Iterator[str]:
        for page in self._ec2.get_paginator("describe_network_interfaces").paginate():
            for interface in page["NetworkInterfaces"]:
                yield from _public(interface)


def _public(interface: NetworkInterfaceTypeDef) -> Iterator[str]:
    for each in (interface, *interface.get("PrivateIpAddresses", ())):
        if address := each.get("Association", {}).get("PublicIp"):
            yield address


def _is_on(status: str) -> bool:
    return status != "not-opted-in"
