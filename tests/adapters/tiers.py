"""What instances are tied to: a group, load balancers, Elastic IPs, a role."""

from __future__ import annotations

import json

import boto3

from sandbox.faithful.amis import IMAGE_ID
from tests.adapters.sites import AwsSite


def join_group(session: boto3.Session, site: AwsSite, *instance_ids: str, name: str = "web") -> str:
    """Put instances of one VPC into a group behind a target group of its name; return that."""
    vpc = site.instances.interfaces(instance_ids[0])[0].vpc_id
    found = site.client.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    site.client.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"ImageId": IMAGE_ID, "InstanceType": "t3.micro"},
    )
    targets: str = session.client("elbv2").create_target_group(
        Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    scaling = session.client("autoscaling")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchTemplate={"LaunchTemplateName": name},
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        VPCZoneIdentifier=found["Subnets"][0]["SubnetId"],
        TargetGroupARNs=[targets],
    )
    scaling.attach_instances(AutoScalingGroupName=name, InstanceIds=list(instance_ids))
    return targets


def join_balancer(session: boto3.Session, instance_id: str, *, name: str = "old") -> None:
    """Put the instance behind a classic load balancer of that name."""
    elb = session.client("elb")
    elb.create_load_balancer(
        LoadBalancerName=name,
        Listeners=[{"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-east-1a"],
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName=name, Instances=[{"InstanceId": instance_id}]
    )


def register_addresses(
    session: boto3.Session, site: AwsSite, instance_id: str, *ports: int, name: str = "ip"
) -> str:
    """Register the instance's private address in a target group, by each port; return that."""
    vpc = site.instances.interfaces(instance_id)[0].vpc_id
    elbv2 = session.client("elbv2")
    arn: str = elbv2.create_target_group(
        Name=name, Protocol="TCP", Port=80, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    described = site.client.describe_instances(InstanceIds=[instance_id])
    address = described["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    targets = [{"Id": address, "Port": port, "AvailabilityZone": "us-east-1a"} for port in ports]
    elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
    return arn


def give_address(site: AwsSite, instance_id: str) -> str:
    """Give the instance an Elastic IP; return its allocation."""
    made = site.client.allocate_address(Domain="vpc")
    site.client.associate_address(InstanceId=instance_id, AllocationId=made["AllocationId"])
    return made["AllocationId"]


def give_role(session: boto3.Session, site: AwsSite, instance_id: str, *, name: str) -> None:
    """Give the instance a role of that name, in a profile of another name."""
    iam = session.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    iam.create_instance_profile(InstanceProfileName=f"{name}-profile")
    iam.add_role_to_instance_profile(InstanceProfileName=f"{name}-profile", RoleName=name)
    site.client.associate_iam_instance_profile(
        IamInstanceProfile={"Name": f"{name}-profile"}, InstanceId=instance_id
    )
