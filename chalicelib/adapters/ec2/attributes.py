"""EC2: protection, shutdown, deletion of volumes and metadata options of an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.instances import UNKNOWN_INSTANCE
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import AUTO_SCALING_TAG
from chalicelib.core.steps.step import (
    Change,
    EnterStandby,
    ExitStandby,
    SetDeletion,
    SetProtection,
    SetRunning,
    SetShutdown,
    SetTokens,
    Traits,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

PERMISSIONS = (
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstances",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifyInstanceMetadataOptions",
    "ec2:StopInstances",
)
# The grant is EC2's, in the caller's name: without it, what a key of the customer's encrypts stays
# stopped. Source: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
RELEASE_PERMISSIONS = ("ec2:StartInstances", "kms:CreateGrant")

_GONE = ("shutting-down", "terminated")
# It still stops, or a host is sought for it: it can be started later.
_NOT_YET = ("IncorrectInstanceState", "InsufficientInstanceCapacity")


class Ec2Attributes:
    """What the instances of one account and region are, besides their network."""

    def __init__(self, client: EC2Client, groups: AutoScaling) -> None:
        self._ec2 = client
        self._groups = groups

    def see(self, instance_id: str) -> Traits | None:
        with aws_errors(f"describe the attributes of {instance_id}"):
            try:
                described = self._describe(instance_id)
                if described is None or described["State"]["Name"] in _GONE:
                    return None
                return self._traits(described)
            except ClientError as error:
                if code_of(error) in UNKNOWN_INSTANCE:
                    return None
                raise

    def alter(self, instance_id: str, change: Change) -> str:
        if isinstance(change, EnterStandby | ExitStandby):
            return self._groups.alter(instance_id, change)
        if isinstance(change, SetRunning):
            answer = self._start(instance_id) if change.is_on else self._stop(instance_id)
        else:
            with aws_errors(f"{type(change).__name__} of {instance_id}"):
                answer = self._alter(instance_id, change)
        return str(answer["ResponseMetadata"]["RequestId"])

    def _stop(self, instance_id: str) -> Any:
        with aws_errors(f"stop {instance_id}"):
            return self._ec2.stop_instances(InstanceIds=[instance_id])

    def _start(self, instance_id: str) -> Any:
        try:
            with aws_errors(f"start {instance_id}"):
                return self._ec2.start_instances(InstanceIds=[instance_id])
        except AwsRefusedError as error:
            if error.code in _NOT_YET:
                raise AwsBusyError(error.doing, error.code) from error
            raise

    def _describe(self, instance_id: str) -> InstanceTypeDef | None:
        answer = self._ec2.describe_instances(InstanceIds=[instance_id])
        found = [each for one in answer["Reservations"] for each in one["Instances"]]
        return found[0] if found else None

    def _traits(self, described: InstanceTypeDef) -> Traits:
        instance_id, options = described["InstanceId"], described.get("MetadataOptions", {})
        protected = self._ec2.describe_instance_attribute(
            InstanceId=instance_id, Attribute="disableApiTermination"
        )
        shutdown = self._ec2.describe_instance_attribute(
            InstanceId=instance_id, Attribute="instanceInitiatedShutdownBehavior"
        )
        return Traits(
            is_protected=protected["DisableApiTermination"].get("Value", False),
            on_shutdown=shutdown["InstanceInitiatedShutdownBehavior"].get("Value", "stop"),
            volumes={
                each["DeviceName"]: each["Ebs"]["DeleteOnTermination"]
                for each in described.get("BlockDeviceMappings", [])
                if "Ebs" in each
            },
            tokens=options.get("HttpTokens", "optional"),
            endpoint=options.get("HttpEndpoint", "enabled"),
            is_spot=described.get("InstanceLifecycle") == "spot",
            root_device_type=described.get("RootDeviceType", "ebs"),
            fleet=self._groups.membership(instance_id) if _is_member(described) else None,
            state=described["State"]["Name"],
            fell_back=_fell_back(described),
        )

    def _alter(
        self, instance_id: str, change: SetProtection | SetShutdown | SetDeletion | SetTokens
    ) -> Any:
        modify = self._ec2.modify_instance_attribute
        if isinstance(change, SetProtection):
            return modify(InstanceId=instance_id, DisableApiTermination={"Value": change.is_on})
        if isinstance(change, SetShutdown):
            said: Any = {"Value": change.behaviour}
            return modify(InstanceId=instance_id, InstanceInitiatedShutdownBehavior=said)
        if isinstance(change, SetDeletion):
            ebs = {"DeleteOnTermination": change.is_deleted}
            mappings: Any = [{"DeviceName": change.device, "Ebs": ebs}]
            return modify(InstanceId=instance_id, BlockDeviceMappings=mappings)
        tokens: Any = change.tokens
        return self._ec2.modify_instance_metadata_options(InstanceId=instance_id, HttpTokens=tokens)


def _is_member(described: InstanceTypeDef) -> bool:
    return any(tag["Key"] == AUTO_SCALING_TAG for tag in described.get("Tags", []))


def _fell_back(described: InstanceTypeDef) -> str:
    """Return why EC2 stopped it by itself after a start, no key or no room; empty: it did not.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
    """
    reason = described.get("StateReason", {}).get("Code", "")
    is_stopped = described["State"]["Name"] == "stopped"
    return reason if is_stopped and not reason.endswith("InitiatedShutdown") else ""
