"""The ground of the exercise: a network of its own, and two instances that talk to each other.

Everything carries the tag `cordon:verify`, and by that tag, or inside what carries it, it goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from deploy.cloud import Cloud
from deploy.errors import DeployError

TAG = "cordon:verify"
_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
_TYPE = "t4g.nano"
_PORT = 7777
_PATIENCE = 300.0  # seconds until instances are gone

# Each second a number goes over one connection; who hears it writes it to the serial console, from
# where EC2 hands it out. No key, no login, no way in from outside.
_HEARS = f"""#!/bin/bash
exec python3 -u - >/dev/console <<'PY'
import socket
door = socket.create_server(("", {_PORT}))
while True:
    for line in door.accept()[0].makefile():
        print("cordon-verify heard", line.strip())
PY
"""
_TALKS = f"""#!/bin/bash
exec python3 -u - <<'PY'
import itertools, socket, time
for n in itertools.count(1):
    try:
        line.sendall(b"%d\\n" % n)
    except (NameError, OSError):
        try:
            line = socket.create_connection(("PEER", {_PORT}), 5)
        except OSError:
            pass
    time.sleep(1)
PY
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """What was made."""

    run: str  # the tag's value
    vpc: str
    victim: str
    peer: str
    interface: str  # of the victim
    groups: tuple[str, ...]  # on it
    bucket: str  # of the flow log


def make_ground(run: str, cloud: Cloud) -> Ground:
    """Make it; whatever was made when it fails is found by `clear_ground`."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/24", **_tagged("vpc", run))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/25", **_tagged("subnet", run))
    group = ec2.create_security_group(
        GroupName=f"cordon-verify-{run}",
        Description="An exercise of Cordon",
        VpcId=vpc,
        **_tagged("security-group", run),
    )["GroupId"]
    inside = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[inside])
    bucket = _bucket_of(run, cloud)
    _make_bucket(bucket, cloud)
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:{cloud.partition}:s3:::{bucket}",
        MaxAggregationInterval=60,
        **_tagged("vpc-flow-log", run),
    )
    place = (subnet["Subnet"]["SubnetId"], group, run, cloud)
    peer = _launch(_HEARS, *place)
    victim = _launch(_TALKS.replace("PEER", peer["PrivateIpAddress"]), *place)
    (interface,) = victim["NetworkInterfaces"]
    ids = victim["InstanceId"], peer["InstanceId"], interface["NetworkInterfaceId"]
    return Ground(run, vpc, *ids, (group,), bucket)


def _launch(script: str, subnet: str, group: str, run: str, cloud: Cloud) -> Any:
    image = cloud.client("ssm").get_parameter(Name=_IMAGE)["Parameter"]["Value"]
    return cloud.client("ec2").run_instances(
        ImageId=image,
        InstanceType=_TYPE,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        UserData=script,
        MetadataOptions={"HttpTokens": "required"},
        **_tagged("instance", run),
    )["Instances"][0]


def _bucket_of(run: str, cloud: Cloud) -> str:
    return f"cordon-verify-{cloud.account}-{run}"


def _make_bucket(name: str, cloud: Cloud) -> None:
    where = {"LocationConstraint": cloud.region}
    more = {} if cloud.region == "us-east-1" else {"CreateBucketConfiguration": where}
    cloud.client("s3").create_bucket(Bucket=name, **more)


def _tagged(kind: str, run: str) -> dict[str, Any]:
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": TAG, "Value": run}]}]}


def clear_ground(run: str, cloud: Cloud, pause: Callable[[float], object]) -> tuple[str, ...]:
    """Take everything of `run` away, each as far as it goes; return what is left, and why."""
    return tuple(_cleared(run, cloud, pause))


def _cleared(run: str, cloud: Cloud, pause: Callable[[float], object]) -> Iterator[str]:
    ec2 = cloud.client("ec2")
    mine = {"Filters": [{"Name": f"tag:{TAG}", "Values": [run]}]}
    instances = [
        each["InstanceId"]
        for page in ec2.describe_instances(**mine)["Reservations"]
        for each in page["Instances"]
        if each["State"]["Name"] != "terminated"
    ]
    yield from _gone("instances", lambda: _terminate(instances, ec2, pause))
    # A tag that Cordon gave its snapshots names the case, which begins with the instance.
    for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        cases = [tag["Value"] for tag in each.get("Tags", ()) if tag["Key"] == "cordon:case"]
        if any(case.startswith(name) for case in cases for name in instances):
            yield from _gone(each["SnapshotId"], ec2.delete_snapshot, SnapshotId=each["SnapshotId"])
    logs = [
        each["FlowLogId"] for each in ec2.describe_flow_logs(Filter=mine["Filters"])["FlowLogs"]
    ]
    if logs:
        yield from _gone("flow log", ec2.delete_flow_logs, FlowLogIds=logs)
    for vpc in ec2.describe_vpcs(**mine)["Vpcs"]:
        inside = {"Filters": [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]}
        for subnet in ec2.describe_subnets(**inside)["Subnets"]:
            yield from _gone("subnet", ec2.delete_subnet, SubnetId=subnet["SubnetId"])
        for group in ec2.describe_security_groups(**inside)["SecurityGroups"]:
            if group["GroupName"] != "default":  # which goes with the VPC; Cordon's pair does not
                name = group["GroupId"]
                yield from _gone(name, ec2.delete_security_group, GroupId=name)
        yield from _gone("VPC", ec2.delete_vpc, VpcId=vpc["VpcId"])
    yield from _gone(
        "bucket", lambda: _remove_bucket(f"cordon-verify-{cloud.account}-{run}", cloud)
    )


def _terminate(instances: list[str], ec2: Any, pause: Callable[[float], object]) -> None:
    if not instances:
        return
    ec2.terminate_instances(InstanceIds=instances)
    until = time.monotonic() + _PATIENCE
    while any(
        each["State"]["Name"] != "terminated"
        for page in ec2.describe_instances(InstanceIds=instances)["Reservations"]
        for each in page["Instances"]
    ):
        if time.monotonic() > until:
            raise DeployError(f"{', '.join(instances)} are not gone after {_PATIENCE:g} seconds")
        pause(5)


def _remove_bucket(name: str, cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for each in page.get("Contents", ()):
            s3.delete_object(Bucket=name, Key=each["Key"])
    s3.delete_bucket(Bucket=name)


def _gone(what: str, remove: Callable[..., object], **which: Any) -> Iterator[str]:
    try:
        remove(**which)
    except (ClientError, DeployError) as error:
        yield f"{what}: {error}"
