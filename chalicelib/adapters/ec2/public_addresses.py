"""EC2: the public addresses that are ours: no list may call them a threat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PERMISSIONS = ("ec2:DescribeAddresses", "ec2:DescribeNatGateways")


class Ec2PublicAddresses:
    """The Elastic IPs and NAT gateways of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def all(self) -> tuple[str, ...]:
        """Return them, IPv4, sorted as text."""
        with aws_errors("look for our own public addresses"):
            return tuple(sorted({*self._elastic(), *self._of_nat_gateways()}))

    def _elastic(self) -> Iterator[str]:
        for address in self._ec2.describe_addresses()["Addresses"]:
            if "PublicIp" in address:  # one of a carrier's zone has none
                yield address["PublicIp"]

    def _of_nat_gateways(self) -> Iterator[str]:
        for page in self._ec2.get_paginator("describe_nat_gateways").paginate():
            for gateway in page["NatGateways"]:
                for address in gateway.get("NatGatewayAddresses", ()):
                    if "PublicIp" in address:  # a private gateway has none
                        yield address["PublicIp"]
