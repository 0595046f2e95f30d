"""A finding on the bus of a deployed stage, and what one can see of what comes of it."""

from __future__ import annotations

import json
from typing import Any

import boto3

from sandbox.faithful.amis import IMAGE_ID
from sandbox.guard import ACCOUNT, REGION
from tests.builders import an_event
from tests.roads.local_aws import LocalAws


def an_incident(deployed: LocalAws) -> str:
    """Return an instance that GuardDuty found to talk to a command centre, once all was done."""
    ready_what_moto_leaves_out()
    ec2: Any = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    made = ec2.run_instances(ImageId=IMAGE_ID, MinCount=1, MaxCount=1, SubnetId=subnet)
    instance = str(made["Instances"][0]["InstanceId"])
    put(an_event(account_id=ACCOUNT, region=REGION, instance_id=instance))
    assert deployed.delivery.drain(120)
    return instance


def ready_what_moto_leaves_out() -> None:
    """Turn GuardDuty and versions on: moto's CloudFormation passes over both."""
    boto3.client("guardduty").create_detector(Enable=True)
    s3 = boto3.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        s3.put_bucket_versioning(
            Bucket=bucket["Name"], VersioningConfiguration={"Status": "Enabled"}
        )


def put(event: dict[str, Any]) -> None:
    """Put an event on the bus, as GuardDuty does."""
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
    }
    boto3.client("events").put_events(Entries=[entry])


def groups_of(instance: str) -> list[str]:
    ec2: Any = boto3.client("ec2")
    [found] = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"]
    return [each["GroupName"] for each in found["SecurityGroups"]]


def check_it_was_contained_and_told(deployed: LocalAws, incident: str) -> None:
    assert groups_of(incident) == ["cordon-dev-deny"]
    told = [a.result for a in deployed.delivery.attempts if a.function == "cordon-dev-notify"]
    assert {"kind": "containment", "outcome": "contained"} in told


def check_what_fails_three_times_is_a_dead_letter(deployed: LocalAws, incident: str) -> None:
    event = an_event(account_id=ACCOUNT, region=REGION, instance_id=incident)
    event["detail"]["accountId"] = "nobody's"

    put(event)

    assert deployed.delivery.drain(120)
    [letter] = [each["requestContext"] for each in deployed.dead_letters()]
    assert (letter["condition"], letter["approximateInvokeCount"]) == ("RetriesExhausted", 3)


def call(method: str, resource: str, instance: str, body: Any = None) -> tuple[int, Any]:
    """Call the deployed API as API Gateway does for a caller whose signature it has checked."""
    request = {
        "resource": resource,
        "httpMethod": method,
        "headers": {"content-type": "application/json"},
        "multiValueHeaders": {},
        "pathParameters": {"instance_id": instance},
        "multiValueQueryStringParameters": None,
        "stageVariables": None,
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": resource,
            "identity": {"userArn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
        },
    }
    made = boto3.client("lambda").invoke(FunctionName="cordon-dev", Payload=json.dumps(request))
    answer = json.loads(made["Payload"].read())
    return answer["statusCode"], json.loads(answer["body"])
