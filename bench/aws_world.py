"""A world on moto for the figures that need real AWS calls: resources, an instance, an event."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sandbox.faithful

sandbox.faithful.install()

import boto3  # noqa: E402 - after moto is mended
from moto import mock_aws  # noqa: E402

from chalicelib.core.instance import InstanceRef  # noqa: E402
from chalicelib.wiring import responder  # noqa: E402
from sandbox.deploy import make_resources  # noqa: E402
from sandbox.faithful.amis import IMAGE_ID  # noqa: E402
from tests.builders import an_event  # noqa: E402

ACCOUNT, REGION, STAGE = "123456789012", "us-east-1", "dev"
DENY = f"cordon-{STAGE}-deny"

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": REGION,
    "STAGE": STAGE,
    "CORDON_MODE": "enforce",
}


@dataclass(frozen=True, slots=True)
class AwsWorld:
    """An instance, the groups that its interfaces had, and an event that accuses it."""

    instance_id: str
    originals: dict[str, list[str]]
    event: dict[str, Any]

    @property
    def ref(self) -> InstanceRef:
        return InstanceRef(ACCOUNT, REGION, self.instance_id)

    def groups(self) -> dict[str, list[str]]:
        """Return the groups on each interface, as EC2 says now."""
        return _groups(self.instance_id, "GroupId")

    def is_cut(self) -> bool:
        """Whether every interface carries the deny group and nothing else, and it has no rule."""
        names = _groups(self.instance_id, "GroupName").values()
        found = boto3.client("ec2").describe_security_groups(
            Filters=[{"Name": "group-name", "Values": [DENY]}]
        )["SecurityGroups"]
        closed = not any(each["IpPermissions"] or each["IpPermissionsEgress"] for each in found)
        return len(found) == 1 and closed and all(each == [DENY] for each in names)

    def poison_deny_group(self) -> None:
        """Let somebody have opened the deny group, which Cordon made before."""
        described = boto3.client("ec2").describe_instances(InstanceIds=[self.instance_id])
        vpc = described["Reservations"][0]["Instances"][0]["VpcId"]
        client = boto3.client("ec2")
        group = client.create_security_group(
            GroupName=DENY,
            Description="Cordon's",
            VpcId=vpc,
            TagSpecifications=[
                {
                    "ResourceType": "security-group",
                    "Tags": [{"Key": "cordon:role", "Value": "deny"}],
                }
            ],
        )
        client.authorize_security_group_ingress(
            GroupId=group["GroupId"], IpProtocol="-1", CidrIp="0.0.0.0/0"
        )

    def recorded_originals(self) -> dict[str, list[str]] | None:
        """Return the originals of the one quarantine on record; None if there is none."""
        item = (
            boto3.resource("dynamodb")
            .Table(f"cordon-{STAGE}")
            .get_item(
                Key={
                    "pk": f"about#{ACCOUNT}/{REGION}/{self.instance_id}",
                    "sk": "quarantine#000001",
                }
            )
        )
        if "Item" not in item:
            return None
        listed: Any = item["Item"]["originals"]
        return {each["interface_id"]: list(each["group_ids"]) for each in listed}


@contextmanager
def aws_world(interfaces: int = 2, policy: str = "") -> Iterator[AwsWorld]:
    """Make the world anew, in this process, with an instance of so many interfaces.

    `policy` is the text of a file for CORDON_POLICY.
    """
    responder._responder.cache_clear()  # noqa: SLF001 - its clients belong to the world before
    with _environment(policy), mock_aws(config={"core": {"reset_boto3_session": False}}):
        make_resources(STAGE)
        ec2: Any = boto3.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]
        groups = [
            ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
            for name in ("web", "ssh")
        ]
        launched = ec2.run_instances(
            ImageId=IMAGE_ID,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {"DeviceIndex": n, "SubnetId": subnet, "Groups": groups[: 1 + (n + 1) % 2]}
                for n in range(interfaces)
            ],
        )
        instance_id = launched["Instances"][0]["InstanceId"]
        event = an_event(account_id=ACCOUNT, region=REGION, instance_id=instance_id)
        yield AwsWorld(instance_id, _groups(instance_id, "GroupId"), event)


@contextmanager
def _environment(policy: str) -> Iterator[None]:
    """Set the variables of the stage, and put back what was there."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(_ENVIRONMENT)
        if policy:
            file = Path(folder) / "policy.toml"
            file.write_text(policy, encoding="utf-8")
            os.environ["CORDON_POLICY"] = str(file)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _groups(instance_id: str, key: str) -> dict[str, list[str]]:
    described: Any = boto3.client("ec2").describe_network_interfaces(
        Filters=[{"Name": "attachment.instance-id", "Values": [instance_id]}]
    )
    return {
        each["NetworkInterfaceId"]: [group[key] for group in each["Groups"]]
        for each in described["NetworkInterfaces"]
    }
