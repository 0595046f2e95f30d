"""The two EC2s, with what their owner may do there."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from moto.ec2.models import ec2_backends

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.attributes import Ec2Attributes
from chalicelib.adapters.ec2.instances import Ec2Instances
from chalicelib.adapters.ec2.security_groups import Ec2SecurityGroups
from chalicelib.adapters.iam import IamKeys
from chalicelib.adapters.load_balancing import LoadBalancing
from chalicelib.core.instance import Instance, InstanceRef, Interface
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.flows.ports.attributes import Attributes
from chalicelib.flows.ports.site import Instances, SecurityGroups
from sandbox.faithful.amis import IMAGE_ID
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, STAGE
from tests.fakes import Calls, FakeEc2

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class Site(Protocol):
    """An implementation of the EC2 ports, and the owner beside it."""

    @property
    def instances(self) -> Instances: ...
    @property
    def attributes(self) -> Attributes: ...
    @property
    def groups(self) -> SecurityGroups: ...
    def make_vpc(self) -> str: ...
    def make_group(self, vpc_id: str) -> str: ...
    def launch(self, *interfaces: tuple[str, tuple[str, ...]]) -> str:
        """Start an instance with these interfaces (VPC, groups); return its id."""

    def detach(self, interface_id: str) -> None: ...
    def give_to_a_service(self, interface_id: str) -> None: ...
    def stop_source_dest_check(self, interface_id: str) -> None: ...
    def terminate(self, instance_id: str) -> None: ...
    def route_through(self, instance_id: str, vpc_id: str) -> None: ...
    def poison(self, group: Group) -> None:
        """Give a deny group a rule, or take one from a drain group."""


class FakeSite:
    def __init__(self) -> None:
        self._ec2 = FakeEc2(Calls())
        self._numbers = itertools.count(1)

    @property
    def instances(self) -> FakeEc2:
        return self._ec2

    @property
    def attributes(self) -> FakeEc2:
        return self._ec2

    @property
    def groups(self) -> FakeEc2:
        return self._ec2

    def make_vpc(self) -> str:
        return f"vpc-{next(self._numbers)}"

    def make_group(self, vpc_id: str) -> str:
        return f"sg-{vpc_id}-{next(self._numbers)}"

    def launch(self, *interfaces: tuple[str, tuple[str, ...]]) -> str:
        instance_id = f"i-{next(self._numbers):017x}"
        mine = tuple(
            Interface(f"eni-{next(self._numbers)}", vpc_id, groups) for vpc_id, groups in interfaces
        )
        ref = InstanceRef(AWS_ACCOUNT, AWS_REGION, instance_id)
        self._ec2.launch(Instance(ref, "running", mine, {"Name": "web"}))
        return instance_id

    def detach(self, interface_id: str) -> None:
        self._ec2.detach(interface_id)

    def give_to_a_service(self, interface_id: str) -> None:
        self._change(interface_id, requester="amazon-elb")

    def stop_source_dest_check(self, interface_id: str) -> None:
        self._change(interface_id, source_dest_check=False)

    def terminate(self, instance_id: str) -> None:
        self._ec2.change(instance_id, state="terminated")

    def route_through(self, instance_id: str, vpc_id: str) -> None:
        assert vpc_id
        self._ec2.routes.add(instance_id)

    def poison(self, group: Group) -> None:
        self._ec2.add_group(replace(group, is_ready=False))

    def _change(self, interface_id: str, **changes: Any) -> None:
        owner, interface = self._ec2._interfaces[interface_id]
        self._ec2.attach(owner, replace(interface, **changes))


class AwsSite:
    def __init__(self, client: EC2Client, account_id: str = AWS_ACCOUNT) -> None:
        self.client = client
        self.instances = Ec2Instances(client, account_id, AWS_REGION)
        make: Any = partial(boto3.client, region_name=AWS_REGION)
        self.attributes = Ec2Attributes(
            client,
            AutoScaling(make("autoscaling")),
            LoadBalancing(make("elbv2"), make("elb")),
            IamKeys(make("iam"), STAGE, f"arn:aws:ec2:{AWS_REGION}:{account_id}:instance/"),
        )
        self.groups = Ec2SecurityGroups(client, STAGE, account_id)
        self._numbers = itertools.count(1)

    def make_vpc(self) -> str:
        block = f"10.{next(self._numbers)}.0.0/16"
        made = self.client.create_vpc(CidrBlock=block, AmazonProvidedIpv6CidrBlock=True)
        return made["Vpc"]["VpcId"]

    def make_group(self, vpc_id: str) -> str:
        name = f"mine-{next(self._numbers)}"
        made = self.client.create_security_group(GroupName=name, Description="x", VpcId=vpc_id)
        return made["GroupId"]

    def launch(self, *interfaces: tuple[str, tuple[str, ...]]) -> str:
        made = self.client.run_instances(
            ImageId=IMAGE_ID,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {"DeviceIndex": n, "SubnetId": self._subnet(vpc_id), "Groups": list(groups)}
                for n, (vpc_id, groups) in enumerate(interfaces)
            ],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}
            ],
        )
        return made["Instances"][0]["InstanceId"]

    def detach(self, interface_id: str) -> None:
        described = self.client.describe_network_interfaces(NetworkInterfaceIds=[interface_id])
        attachment = described["NetworkInterfaces"][0]["Attachment"]["AttachmentId"]
        self.client.detach_network_interface(AttachmentId=attachment)
        self.client.delete_network_interface(NetworkInterfaceId=interface_id)

    def give_to_a_service(self, interface_id: str) -> None:
        backend = ec2_backends[AWS_ACCOUNT][AWS_REGION]
        backend.get_network_interface(interface_id).requester_managed = True

    def stop_source_dest_check(self, interface_id: str) -> None:
        self.client.modify_network_interface_attribute(
            NetworkInterfaceId=interface_id, SourceDestCheck={"Value": False}
        )

    def terminate(self, instance_id: str) -> None:
        self.client.terminate_instances(InstanceIds=[instance_id])

    def let_route(self, instance_id: str) -> None:
        for interface in self.instances.interfaces(instance_id):
            self.stop_source_dest_check(interface.id)

    def route_through(self, instance_id: str, vpc_id: str) -> None:
        table = self.client.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
        self.client.create_route(
            RouteTableId=table, DestinationCidrBlock="192.0.2.0/24", InstanceId=instance_id
        )

    def poison(self, group: Group) -> None:
        anywhere: Any = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        change = (
            self.client.authorize_security_group_ingress
            if group.role is GroupRole.DENY
            else self.client.revoke_security_group_ingress
        )
        change(GroupId=group.id, IpPermissions=[anywhere])

    def rules(self, group_id: str) -> tuple[list[Any], list[Any]]:
        """Return the rules of a group: in, and out."""
        described: Any = self.client.describe_security_groups(GroupIds=[group_id])
        (group,) = described["SecurityGroups"]
        return group["IpPermissions"], group["IpPermissionsEgress"]

    def _subnet(self, vpc_id: str) -> str:
        found = self.client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
        if found["Subnets"]:
            return found["Subnets"][0]["SubnetId"]
        vpc = self.client.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
        block = vpc["CidrBlock"].replace("/16", "/24")
        return self.client.create_subnet(VpcId=vpc_id, CidrBlock=block)["Subnet"]["SubnetId"]
