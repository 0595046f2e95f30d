"""A small world to contain something in: a web tier, two lone instances, and a bastion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.adapters.dynamodb.exemptions import DynamoExemptions
from chalicelib.core.instance import InstanceRef
from chalicelib.core.quarantine.exemption import Exemption
from sandbox.faithful.amis import IMAGE_ID
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox


@dataclass(frozen=True, slots=True)
class World:
    """The instances of the demo, by what happens to them."""

    web: str  # member of an Auto Scaling group behind a target group, two interfaces
    login: str  # somebody guesses its passwords
    bastion: str  # on the central list of exemptions
    mail: str  # sends spam, and then scans ports
    target_group: str

    @property
    def instances(self) -> dict[str, str]:
        return {
            "web": self.web,
            "login": self.login,
            "bastion": self.bastion,
            "mail": self.mail,
        }


def build(sandbox: Sandbox) -> World:
    """Make the world in the sandbox's AWS."""
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.20.{n}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab", 1)
    ]
    groups = {
        name: ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("web", "app", "ssh", "smtp")
    }
    target_group, web = _web_tier(sandbox, vpc, subnets, groups)
    world = World(
        web=web,
        login=_run(ec2, "login", subnets[0], [groups["ssh"]]),
        bastion=_run(ec2, "bastion", subnets[0], [groups["ssh"], groups["app"]]),
        mail=_run(ec2, "mail", subnets[0], [groups["smtp"]]),
        target_group=target_group,
    )
    _exempt(sandbox, world.bastion)
    return world


def groups_of(sandbox: Sandbox, instance_id: str) -> dict[str, list[str]]:
    """Return the names of the groups on each interface, as EC2 describes them now."""
    found = sandbox.client("ec2").describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance_id]}]
    )["NetworkInterfaces"]
    return {
        each["NetworkInterfaceId"]: [group["GroupName"] for group in each["Groups"]]
        for each in sorted(found, key=lambda each: each["Attachment"]["DeviceIndex"])
    }


def _run(ec2: Any, name: str, subnet: str, groups: list[str]) -> str:
    answer = ec2.run_instances(
        ImageId=IMAGE_ID,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=groups,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
    )
    return str(answer["Instances"][0]["InstanceId"])


def _web_tier(
    sandbox: Sandbox, vpc: str, subnets: list[str], groups: dict[str, str]
) -> tuple[str, str]:
    """Make two web servers behind a target group; the first gets a second interface."""
    ec2, scaling = sandbox.client("ec2"), sandbox.client("autoscaling")
    target_group = sandbox.client("elbv2").create_target_group(
        Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={
            "ImageId": IMAGE_ID,
            "InstanceType": "t3.micro",
            "SecurityGroupIds": [groups["web"], groups["app"]],
        },
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchTemplate={"LaunchTemplateName": "web"},
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[target_group],
    )
    described = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    web = str(described["Instances"][0]["InstanceId"])
    subnet = ec2.describe_instances(InstanceIds=[web])["Reservations"][0]["Instances"][0][
        "SubnetId"
    ]
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[groups["app"]])
    ec2.attach_network_interface(
        NetworkInterfaceId=interface["NetworkInterface"]["NetworkInterfaceId"],
        InstanceId=web,
        DeviceIndex=1,
    )
    ec2.create_tags(Resources=[web], Tags=[{"Key": "Name", "Value": "web"}])
    return target_group, web


def _exempt(sandbox: Sandbox, instance_id: str) -> None:
    """Put an instance on the central list, as `cordon exempt` does."""
    dynamodb = sandbox.client("dynamodb")
    now = datetime.now(UTC)
    reason, by = "the only way in for the people on call", f"arn:aws:iam::{ACCOUNT}:user/owner"
    exemption = Exemption(reason, now + timedelta(days=30), by, now)
    ref = InstanceRef(ACCOUNT, REGION, instance_id)
    DynamoExemptions(dynamodb, f"cordon-{sandbox.stage}").keep(ref, exemption)
