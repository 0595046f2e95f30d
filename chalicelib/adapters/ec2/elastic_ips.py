"""EC2: the Elastic IPs of an instance, taken away and given back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.step import Address, Associate, Disassociate

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import AddressTypeDef, InstanceTypeDef

PERMISSIONS = ("ec2:DescribeAddresses", "ec2:DisassociateAddress")
RELEASE_PERMISSIONS = ("ec2:AssociateAddress",)

_NOT_THERE = "InvalidAssociationID.NotFound"


class Ec2ElasticIps:
    """Those of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def traits(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the step `address` may change; only what was remembered, if anything was.

        One that was given back to AWS is not there any more; that of others is not asked for.
        """
        by = ("instance-id", [described["InstanceId"]])
        if before:
            by = ("allocation-id", [each["allocation_id"] for each in before["addresses"]])
        with aws_errors(f"look for the Elastic IPs of {described['InstanceId']}"):
            found = self._ec2.describe_addresses(Filters=[{"Name": by[0], "Values": by[1]}])
        return {"addresses": tuple(_address(each) for each in found["Addresses"])}

    def alter(self, change: Disassociate | Associate) -> str:
        """Carry out one change; return the request id of AWS's answer.

        An address that stands for something else is never taken from there.

        Raises:
            AwsBusyError: also where it was disassociated meanwhile: look again.
        """
        address = change.address
        try:
            with aws_errors(f"{type(change).__name__} of {address.public}"):
                answer = self._alter(change, address)
        except AwsRefusedError as error:
            if isinstance(change, Disassociate) and error.code == _NOT_THERE:
                raise AwsBusyError(error.doing, error.code) from error
            raise
        return str(answer["ResponseMetadata"]["RequestId"])

    def _alter(self, change: Disassociate | Associate, address: Address) -> Any:
        if isinstance(change, Disassociate):
            return self._ec2.disassociate_address(AssociationId=address.association_id)
        return self._ec2.associate_address(
            AllocationId=address.allocation_id,
            NetworkInterfaceId=address.interface_id,
            PrivateIpAddress=address.private,
            AllowReassociation=False,
        )


def _address(said: AddressTypeDef) -> Address:
    return Address(
        said["AllocationId"],
        said.get("PublicIp", ""),
        said.get("NetworkInterfaceId", ""),
        said.get("PrivateIpAddress", ""),
        said.get("AssociationId", ""),
    )
