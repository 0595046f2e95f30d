"""A small AWS account with everything that a containment can meet, made anew for each check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from sandbox.faithful.amis import IMAGE_ID

ACCOUNT, REGION = "123456789012", "us-east-1"  # moto's
NO_INSTANCE = "i-0123456789abcdef0"
NO_GROUP = "sg-0123456789abcdef0"


@cache
def client(service: str) -> Any:
    """Return a client for AWS in this process; it outlives the AWS that it talks to."""
    make: Any = boto3.client
    return make(service, region_name=REGION)


@cache
def served_client(service: str, endpoint: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name=REGION, endpoint_url=endpoint)


@contextmanager
def empty_aws() -> Iterator[None]:
    """Let an AWS with nothing in it be there, and the clients from before be its clients."""
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


def code_of(call: Callable[..., Any], **arguments: Any) -> str | None:
    """Return the code with which AWS refuses the call, or None."""
    try:
        call(**arguments)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return None


class Estate:
    """Two VPCs; instances with one and two interfaces; a group of two behind both balancers.

    Args:
        pass_time: let happen what AWS does by itself some minutes later.
    """

    def __init__(self, pass_time: Callable[[], object]) -> None:
        self.pass_time = pass_time
        self.ec2, self.scaling = client("ec2"), client("autoscaling")
        self.elb, self.elbv2 = client("elb"), client("elbv2")
        self.vpc, self.other_vpc = self._vpc("10.0.0.0/16"), self._vpc("10.9.0.0/16")
        self.subnet = self.ec2.create_subnet(
            VpcId=self.vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a"
        )["Subnet"]["SubnetId"]
        self.web, self.app, self.deny = (self.group(name) for name in ("web", "app", "deny"))
        self.foreign = self.group("foreign", self.other_vpc)
        self.single = self.launch(SubnetId=self.subnet, SecurityGroupIds=[self.web, self.app])
        self.double = self.launch(
            NetworkInterfaces=[
                {"DeviceIndex": 0, "SubnetId": self.subnet, "Groups": [self.web, self.app]},
                {"DeviceIndex": 1, "SubnetId": self.subnet, "Groups": [self.app]},
            ]
        )
        self.target_group = self.elbv2.create_target_group(
            Name="targets", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="instance"
        )["TargetGroups"][0]["TargetGroupArn"]
        self._scale()
        self.member = self.members()[0]

    def _vpc(self, block: str) -> str:
        vpc = self.ec2.create_vpc(CidrBlock=block, AmazonProvidedIpv6CidrBlock=True)["Vpc"]
        return str(vpc["VpcId"])

    def group(self, name: str, vpc: str = "") -> str:
        made = self.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=vpc or self.vpc
        )
        return str(made["GroupId"])

    def launch(self, **how: Any) -> str:
        made = self.ec2.run_instances(ImageId=IMAGE_ID, MinCount=1, MaxCount=1, **how)
        return str(made["Instances"][0]["InstanceId"])

    def _scale(self) -> None:
        self.elb.create_load_balancer(
            LoadBalancerName="classic",
            Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}],
            AvailabilityZones=["us-east-1a"],
        )
        self.ec2.create_launch_template(
            LaunchTemplateName="web",
            LaunchTemplateData={
                "ImageId": IMAGE_ID,
                "InstanceType": "t3.micro",
                "SecurityGroupIds": [self.web],
            },
        )
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName="g",
            LaunchTemplate={"LaunchTemplateName": "web"},
            MinSize=1,
            MaxSize=4,
            DesiredCapacity=2,
            VPCZoneIdentifier=self.subnet,
            TargetGroupARNs=[self.target_group],
            LoadBalancerNames=["classic"],
        )

    # EC2

    def instance(self, instance_id: str) -> dict[str, Any]:
        described = self.ec2.describe_instances(InstanceIds=[instance_id])
        found: dict[str, Any] = described["Reservations"][0]["Instances"][0]
        return found

    def interfaces(self, instance_id: str) -> list[dict[str, Any]]:
        """Return the interfaces that EC2 describes as attached, in the order of their devices."""
        found = self.ec2.describe_network_interfaces(
            Filters=[{"Name": "attachment.instance-id", "Values": [instance_id]}]
        )["NetworkInterfaces"]
        return sorted(found, key=lambda each: int(each["Attachment"]["DeviceIndex"]))

    def groups(self, instance_id: str) -> list[list[str]]:
        return [[g["GroupId"] for g in each["Groups"]] for each in self.interfaces(instance_id)]

    def primary(self, instance_id: str) -> str:
        return str(self.interfaces(instance_id)[0]["NetworkInterfaceId"])

    def regroup(self, interface_id: str, *groups: str) -> str | None:
        """Give an interface other groups; return the code with which AWS refuses it."""
        return code_of(
            self.ec2.modify_network_interface_attribute,
            NetworkInterfaceId=interface_id,
            Groups=list(groups),
        )

    def terminate(self, instance_id: str) -> None:
        self.ec2.terminate_instances(InstanceIds=[instance_id])

    # The group of two, and what stands before it

    def scaling_group(self) -> dict[str, Any]:
        described = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["g"])
        found: dict[str, Any] = described["AutoScalingGroups"][0]
        return found

    def members(self) -> list[str]:
        return [str(each["InstanceId"]) for each in self.scaling_group()["Instances"]]

    def desired(self) -> int:
        return int(self.scaling_group()["DesiredCapacity"])

    def detach(self, *instance_ids: str, decrement: bool = False) -> str | None:
        return code_of(
            self.scaling.detach_instances,
            AutoScalingGroupName="g",
            InstanceIds=list(instance_ids),
            ShouldDecrementDesiredCapacity=decrement,
        )

    def attach(self, instance_id: str) -> str | None:
        return code_of(
            self.scaling.attach_instances, AutoScalingGroupName="g", InstanceIds=[instance_id]
        )

    def enter_standby(self, *instance_ids: str) -> str | None:
        return code_of(
            self.scaling.enter_standby,
            AutoScalingGroupName="g",
            InstanceIds=list(instance_ids),
            ShouldDecrementDesiredCapacity=True,
        )

    def exit_standby(self, instance_id: str) -> str | None:
        return code_of(
            self.scaling.exit_standby, AutoScalingGroupName="g", InstanceIds=[instance_id]
        )

    def register(self, *targets: dict[str, Any]) -> str | None:
        return code_of(
            self.elbv2.register_targets, TargetGroupArn=self.target_group, Targets=list(targets)
        )

    def deregister(self, *targets: dict[str, Any]) -> str | None:
        return code_of(
            self.elbv2.deregister_targets, TargetGroupArn=self.target_group, Targets=list(targets)
        )

    def ports(self, instance_id: str) -> list[int]:
        """Return the ports with which an instance is in the target group."""
        described = self.elbv2.describe_target_health(TargetGroupArn=self.target_group)
        targets = [each["Target"] for each in described["TargetHealthDescriptions"]]
        return sorted(int(each["Port"]) for each in targets if each["Id"] == instance_id)

    def classic(self) -> list[str]:
        described = self.elb.describe_load_balancers(LoadBalancerNames=["classic"])
        found = described["LoadBalancerDescriptions"][0]["Instances"]
        return [str(each["InstanceId"]) for each in found]
