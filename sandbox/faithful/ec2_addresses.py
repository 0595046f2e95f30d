"""Elastic IPs: which private address each stands for, and that it stands for one.

Codes are AWS's, from its documentation or public reports; the texts beside them are not.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError, ResourceAlreadyAssociatedError
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.responses import EC2Response

from sandbox.faithful.mending import mend


def install() -> None:
    """Mend moto's Elastic IPs, for every account and region of this process."""
    mend(ElasticAddress, "private_ip_address", property(_private))
    _they_stand_for_one_private_address()


def _private(address: Any) -> str | None:
    if address.eni is None:
        return None
    said: str | None = vars(address).get("_stands_for")
    return said or str(address.eni.private_ip_address)


def _they_stand_for_one_private_address() -> None:
    """Moto forgets which private address was meant, and puts several on one.

    Nor does it say of which instance an interface is, where the interface was named.
    """
    original = EC2Response.associate_address

    def associate(response: Any) -> Any:
        backend, interface = response.ec2_backend, _interface(response)
        wanted = response._get_param("PrivateIpAddress") or interface.private_ip_address
        if wanted not in {each["PrivateIpAddress"] for each in interface.private_ip_addresses}:
            why = f"The address {wanted} is not of the interface {interface.id}."
            raise EC2ClientError("InvalidParameterValue", why)
        allocation = response._get_param("AllocationId")
        for other in backend.describe_addresses():
            is_there = (other.network_interface_id, _private(other)) == (interface.id, wanted)
            may = str(response._get_param("AllowReassociation")).lower() == "true"
            if is_there and other.allocation_id != allocation and not may:
                raise ResourceAlreadyAssociatedError(wanted)
        result = original(response)
        for address in backend.describe_addresses():
            if address.allocation_id == allocation:
                vars(address)["_stands_for"] = wanted
                address.instance = interface.instance
        return result

    mend(EC2Response, "associate_address", associate)


def _interface(response: Any) -> Any:
    backend, instance_id = response.ec2_backend, response._get_param("InstanceId")
    if instance_id:
        return backend.get_instance(instance_id).nics[0]
    return backend.get_network_interface(response._get_param("NetworkInterfaceId"))
