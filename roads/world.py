"""What happens on the AWS that was deployed to, and what one sees of it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from roads.api import Person, call
from roads.local import STAGE, Roads
from roads.story import check, wait_until
from sandbox.faithful.amis import IMAGE_ID
from sandbox.guard import ACCOUNT, REGION
from tests.builders import an_event

DENIED = [f"cordon-{STAGE}-deny"]


def launch(roads: Roads, region: str = REGION) -> str:
    """Return a new instance with an interface in a VPC of its own."""
    ec2 = roads.client("ec2", region_name=region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = ec2.run_instances(ImageId=IMAGE_ID, MinCount=1, MaxCount=1, SubnetId=subnet)
    return str(made["Instances"][0]["InstanceId"])


def groups_of(roads: Roads, instance: str, region: str = REGION) -> list[str]:
    ec2 = roads.client("ec2", region_name=region)
    attached = [{"Name": "attachment.instance-id", "Values": [instance]}]
    found = ec2.describe_network_interfaces(Filters=attached)["NetworkInterfaces"]
    return sorted({group["GroupName"] for each in found for group in each["Groups"]})


def find(roads: Roads, instance: str, region: str = REGION, **changes: Any) -> None:
    """GuardDuty finds something about an instance, and tells the bus of its Region."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    where: dict[str, Any] = {"account_id": ACCOUNT, "region": region, "instance_id": instance}
    event = an_event(**where, updated_at=now, last_seen=now, **changes)
    put(roads, event, region)


def put(roads: Roads, event: Any, region: str = REGION) -> None:
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
    }
    answer = roads.client("events", region_name=region).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise AssertionError(answer)


def give_back(roads: Roads, who: Person, instance: str, what: str) -> None:
    """Let somebody release an instance; it is then as it was."""
    release = {"reason": "rebuilt", "verdict": "remediated"}
    for _ in range(60):
        status, body = call(roads, who, "POST", f"/quarantines/{instance}/release", release)
        if status != HTTPStatus.CONFLICT:
            break
        time.sleep(0.5)  # the steps after its cut are at work yet
    said = body.get("state", body) if isinstance(body, dict) else body
    check(f"{what}: {said}", holds=status in (200, 202))
    wait_until("and it is as it was", lambda: groups_of(roads, instance) == ["default"])


def state_of(roads: Roads, who: Person, instance: str) -> str:
    status, body = call(roads, who, "GET", f"/quarantines/{instance}")
    return str(body["state"]) if status == 200 else str(status)


def run(roads: Roads, function: str) -> None:
    """Start a function as its schedule does."""
    answer = roads.client("lambda").invoke(
        FunctionName=f"cordon-{STAGE}-{function}", Payload=json.dumps(_SCHEDULED)
    )
    said = answer["Payload"].read().decode()
    check(f"{function} runs: {said[:100]}", holds="FunctionError" not in answer)


_SCHEDULED = {
    "version": "0",
    "id": "1",
    "account": ACCOUNT,
    "region": REGION,
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "detail": {},
    "resources": [],
    "time": "2026-11-01T00:00:00Z",
}
