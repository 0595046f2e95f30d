"""What IAM asks for before AWS carries out a request: actions, resources, and keys of conditions.

The topic's key is left out: its own policy lets Cordon's roles in.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.permissions.requests import Request

EVERYTHING = "*"  # the action takes no resource
GUARDDUTYS_ROLE = "role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"


@dataclass(frozen=True, slots=True)
class Need:
    """An action on one resource; a request needs all of its needs."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def needs_of(request: Request) -> Iterator[Need]:
    """Yield what `request` needs; nothing for who am I, which nobody can be denied."""
    if request.operation == "GetCallerIdentity":
        return
    context = {
        "aws:ResourceAccount": (request.account,),
        "aws:PrincipalAccount": (request.account,),
    }
    for action, rest, more in _OF_SERVICE[request.service](request.operation, request.arguments):
        service = action.partition(":")[0]
        yield Need(action, _arn(service, rest, request), {**context, **more})


def _arn(service: str, rest: str, request: Request) -> str:
    if rest == EVERYTHING or rest.startswith("arn:"):
        return rest
    place = {"s3": ":", "iam": f":{request.account}"}
    return f"arn:aws:{service}:{place.get(service, f'{request.region}:{request.account}')}:{rest}"


# An action, what stands after the account in the ARN of the resource, and keys of conditions.
_Needs = Iterator[tuple[str, str, Mapping[str, tuple[str, ...]]]]


def _dynamodb(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if operation == "TransactWriteItems":  # each of its writes needs what it needs alone
        for write in arguments["TransactItems"]:
            for kind, each in write.items():
                yield from _dynamodb(f"{kind}Item", each)
        return
    if operation == "BatchGetItem":
        for table, asked in arguments["RequestItems"].items():
            keys = tuple(key["pk"]["S"] for key in asked["Keys"])
            yield "dynamodb:BatchGetItem", f"table/{table}", {"dynamodb:LeadingKeys": keys}
        return
    index = f"/index/{arguments['IndexName']}" if "IndexName" in arguments else ""
    keys = () if index or operation == "Scan" else (_partition(arguments),)
    yield (
        f"dynamodb:{operation}",
        f"table/{arguments['TableName']}{index}",
        {"dynamodb:LeadingKeys": keys},
    )


def _partition(arguments: Mapping[str, Any]) -> str:
    key = arguments.get("Key") or arguments.get("Item")
    return str(key["pk"]["S"] if key else arguments["ExpressionAttributeValues"][":pk"]["S"])


_REGION = "us-east-1"
_OF_AN_INSTANCE = (
    "DescribeInstanceAttribute",
    "GetConsoleOutput",
    "GetConsoleScreenshot",
    "ModifyInstanceAttribute",
    "ModifyInstanceMetadataOptions",
)


# EC2's, in the caller's name, for a volume under a key of the customer's.
_GRANT = {
    "kms:GrantIsForAWSResource": ("true",),
    "kms:ViaService": ("ec2.us-east-1.amazonaws.com",),
    "aws:ResourceTag/cordon:volumes": ("start",),
}


def _snapshots(action: str, arguments: Mapping[str, Any]) -> _Needs:
    instance = arguments["InstanceSpecification"]["InstanceId"]
    snapshot = f"arn:aws:ec2:{_REGION}::snapshot/snap-new"  # of no account
    for rest in (f"instance/{instance}", "volume/vol-a", snapshot):
        yield action, rest, {}
    yield "ec2:CreateTags", snapshot, {"ec2:CreateAction": ("CreateSnapshots",)}


def _new_group(action: str, arguments: Mapping[str, Any]) -> _Needs:
    (said,) = arguments["TagSpecifications"]
    tags = {f"aws:RequestTag/{tag['Key']}": (tag["Value"],) for tag in said["Tags"]}
    yield action, f"vpc/{arguments['VpcId']}", {}
    yield action, "security-group/sg-new", tags
    created = {"ec2:CreateAction": ("CreateSecurityGroup",)}
    yield "ec2:CreateTags", "security-group/sg-new", created


def _address(action: str, arguments: Mapping[str, Any]) -> _Needs:
    """Yield for both ways: a request that takes one away names neither."""
    yield action, f"elastic-ip/{arguments.get('AllocationId', 'eipalloc-a')}", {}
    yield action, f"network-interface/{arguments.get('NetworkInterfaceId', 'eni-a')}", {}


_KINDS = {"eni": "network-interface", "i": "instance", "vol": "volume"}


def _tags(action: str, arguments: Mapping[str, Any]) -> _Needs:
    keys = {"aws:TagKeys": tuple(tag["Key"] for tag in arguments["Tags"])}
    for name in arguments["Resources"]:
        yield action, f"{_KINDS[name.split('-')[0]]}/{name}", keys


_OF_SEVERAL = {
    "AssociateAddress": _address,
    "CreateSecurityGroup": _new_group,
    "CreateSnapshots": _snapshots,
    "CreateTags": _tags,
    "DeleteTags": _tags,
    "DisassociateAddress": _address,
}


def _ec2(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    action = f"ec2:{operation}"
    match operation:
        case "ModifyNetworkInterfaceAttribute":
            yield action, f"network-interface/{arguments['NetworkInterfaceId']}", {}
            for group in arguments["Groups"]:
                yield action, f"security-group/{group}", {}
        case _ if operation in _OF_SEVERAL:
            yield from _OF_SEVERAL[operation](action, arguments)
        case _ if operation in _OF_AN_INSTANCE:
            yield action, f"instance/{arguments['InstanceId']}", {}
            yield from (
                (action, "volume/vol-a", {}) for _ in arguments.get("BlockDeviceMappings", ())
            )
        case "LockSnapshot" | "ModifySnapshotAttribute":
            snapshot = f"arn:aws:ec2:{_REGION}::snapshot/{arguments['SnapshotId']}"
            yield action, snapshot, {"aws:ResourceTag/cordon:case": ("i-1-1",)}
        case "StartInstances" | "StopInstances":
            yield from _stopped_or_started(action, arguments)
        case _ if "GroupId" in arguments:
            # Only the deny and drain groups are ever changed; they are tagged as they are made.
            tagged = {"aws:ResourceTag/cordon:role": ("deny",)}
            yield action, f"security-group/{arguments['GroupId']}", tagged
        case _:
            yield action, EVERYTHING, {}


def _no_resource(service: str) -> Callable[[str, Mapping[str, Any]], _Needs]:
    """Return what an action of `service` needs that only describes."""

    def needs(operation: str, _: Mapping[str, Any]) -> _Needs:
        assert operation.startswith("Describe"), operation
        yield f"{service}:{operation}", EVERYTHING, {}

    return needs


def _elbv2(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if "TargetGroupArn" in arguments and not operation.startswith("Describe"):
        yield f"elasticloadbalancing:{operation}", arguments["TargetGroupArn"], {}
    else:
        yield from _no_resource("elasticloadbalancing")(operation, arguments)


def _elb(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if "LoadBalancerName" in arguments:
        name = f"loadbalancer/{arguments['LoadBalancerName']}"
        yield f"elasticloadbalancing:{operation}", name, {}
    else:
        yield from _no_resource("elasticloadbalancing")(operation, arguments)


def _iam(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if operation == "GetInstanceProfile":
        yield f"iam:{operation}", f"instance-profile/{arguments['InstanceProfileName']}", {}
    else:
        yield f"iam:{operation}", f"role/{arguments['RoleName']}", {}


def _autoscaling(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if operation.endswith("Standby"):
        name = f"autoScalingGroup:a1b2:autoScalingGroupName/{arguments['AutoScalingGroupName']}"
        yield f"autoscaling:{operation}", name, {}
    else:
        yield from _no_resource("autoscaling")(operation, arguments)


def _stopped_or_started(action: str, arguments: Mapping[str, Any]) -> _Needs:
    for instance in arguments["InstanceIds"]:
        yield action, f"instance/{instance}", {}
    if action == "ec2:StartInstances":
        yield "kms:CreateGrant", "key/of-its-volumes", _GRANT


_SCANNER = "malware-protection.guardduty.amazonaws.com"
_SCANNERS = f"role/aws-service-role/{_SCANNER}/AWSServiceRoleForAmazonGuardDutyMalwareProtection"


def _guardduty(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    ids = {"ThreatEntitySetId": "threatentityset", "ThreatIntelSetId": "threatintelset"}
    sets = [f"/{kind}/{arguments[name]}" for name, kind in ids.items() if name in arguments]
    on_one = bool(sets) or operation == "GetDetector"
    detector = f"detector/{arguments.get('DetectorId')}"
    yield f"guardduty:{operation}", "".join((detector, *sets)) if on_one else EVERYTHING, {}
    # GuardDuty reads an entity list in the caller's name, and lets its own role read an IP list by
    # a policy that it writes, and takes away with the list, in the caller's name too.
    # Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_upload-lists.html
    if "Location" in arguments and operation.endswith("EntitySet"):
        yield "s3:GetObject", arguments["Location"].removeprefix("s3://"), {}
    if operation == "StartMalwareScan":  # GuardDuty makes the role of its scans in our name
        yield "iam:CreateServiceLinkedRole", _SCANNERS, {"iam:AWSServiceName": (_SCANNER,)}
    if operation in ("CreateThreatIntelSet", "UpdateThreatIntelSet"):
        yield "iam:PutRolePolicy", GUARDDUTYS_ROLE, {}
    if operation == "DeleteThreatIntelSet":
        yield "iam:DeleteRolePolicy", GUARDDUTYS_ROLE, {}


def _s3(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if operation == "ListObjectsV2":
        yield "s3:ListBucket", arguments["Bucket"], {}
        return
    name = f"{arguments['Bucket']}/{arguments['Key']}"
    yield f"s3:{operation}", name, {}
    # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    if "IfMatch" in arguments:
        yield "s3:GetObject", name, {}


def _secretsmanager(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    # Secrets Manager ends each name with six characters of its own.
    yield f"secretsmanager:{operation}", f"secret:{arguments['SecretId']}-a1B2c3", {}


def _securityhub(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    if operation == "BatchUpdateFindings":
        fields = {
            f"securityhub:ASFFSyntaxPath/{name}.{part}": (value,)
            for name, said in arguments.items()
            if isinstance(said, Mapping)
            for part, value in said.items()
        }
        yield f"securityhub:{operation}", "hub/default", fields
        return
    for finding in arguments["Findings"]:
        yield f"securityhub:{operation}", finding["ProductArn"], {}


def _sns(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    yield f"sns:{operation}", arguments["TopicArn"], {}


def _sqs(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    queue = arguments.get("QueueName") or arguments["QueueUrl"].rpartition("/")[2]
    yield f"sqs:{operation}", queue, {}


def _ssm(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    yield f"ssm:{operation}", f"parameter{arguments['Name']}", {}


def _sts(operation: str, arguments: Mapping[str, Any]) -> _Needs:
    role = arguments["RoleArn"]
    asked = {"sts:ExternalId": (arguments["ExternalId"],)}
    yield f"sts:{operation}", role, {**asked, "aws:ResourceAccount": (role.split(":")[4],)}


_OF_SERVICE: Mapping[str, Callable[[str, Mapping[str, Any]], _Needs]] = {
    "autoscaling": _autoscaling,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "elb": _elb,
    "elbv2": _elbv2,
    "guardduty": _guardduty,
    "iam": _iam,
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "securityhub": _securityhub,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "sts": _sts,
}
