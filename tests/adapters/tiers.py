"""What instances are tied to: an Auto Scaling group, target groups, classic load balancers."""

from __future__ import annotations

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
