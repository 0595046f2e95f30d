"""EC2: what an instance is besides its network, and each change of it that a step makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.autoscaling import AutoScaling
from chalicelib.adapters.ec2.elastic_ips import Ec2ElasticIps
from chalicelib.adapters.ec2.instances import UNKNOWN_INSTANCE
from chalicelib.adapters.ec2.marks import Ec2Marks
from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.adapters.iam import IamKeys
from chalicelib.adapters.load_balancing import LoadBalancing
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.instance import AUTO_SCALING_TAG
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import (
    AllowKeys,
    Associate,
    Change,
    DenyKeys,
    Deregister,
    Disassociate,
    EnterStandby,
    ExitStandby,
    JoinBalancer,
    LeaveBalancer,
    Mark,
    Register,
    SetDeletion,
    SetProtection,
    SetRunning,
    SetShutdown,
    SetTokens,
    Traits,
    Unmark,
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
    """What the instances of one account and region are, besides their network.

    What other services say of an instance is asked of their own adapters.
    """

    def __init__(
        self, client: EC2Client, groups: AutoScaling, balancers: LoadBalancing, keys: IamKeys
    ) -> None:
        self._ec2 = client
        self._groups = groups
        self._balancers = balancers
        self._keys = keys
        self._elastic_ips = Ec2ElasticIps(client)
        self._marks = Ec2Marks(client)
        self._more = {
            StepName.PROTECTION: self._protection,
            StepName.FLEET: self._fleet,
            StepName.STOP: self._fleet,
            StepName.TARGETS: balancers.traits,
            StepName.CREDENTIALS: keys.traits,
            StepName.ADDRESS: self._elastic_ips.traits,
        }

    def see(self, instance_id: str, asked: Mapping[StepName, Mapping[str, Any]]) -> Traits | None:
        with aws_errors(f"describe {instance_id}"):
            described = self._describe(instance_id)
        if described is None or described["State"]["Name"] in _GONE:
            return None
        traits, hidden = _traits(described), dict[StepName, AwsRefusedError]()
        for name, before in asked.items():
            if name not in self._more:
                continue
            try:
                traits = replace(traits, **self._more[name](described, before))
            except AwsRefusedError as error:
                if error.code in UNKNOWN_INSTANCE:
                    return None
                hidden[name] = error
        return replace(traits, hidden=hidden)

    def alter(self, instance_id: str, change: Change) -> str:
        match change:
            case EnterStandby() | ExitStandby():
                return self._groups.alter(instance_id, change)
            case Deregister() | Register() | LeaveBalancer() | JoinBalancer():
                return self._balancers.alter(instance_id, change)
            case DenyKeys() | AllowKeys():
                return self._keys.alter(instance_id, change)
            case Disassociate() | Associate():
                return self._elastic_ips.alter(change)
            case Mark() | Unmark():
                return self._marks.alter(change)
            case SetRunning():
                answer = self._start(instance_id) if change.is_on else self._stop(instance_id)
            case _:
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
        try:
            answer = self._ec2.describe_instances(InstanceIds=[instance_id])
        except ClientError as error:
            if code_of(error) in UNKNOWN_INSTANCE:
                return None
            raise
        found = [each for one in answer["Reservations"] for each in one["Instances"]]
        return found[0] if found else None

    def _protection(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        instance_id = described["InstanceId"]
        with aws_errors(f"describe the attributes of {instance_id}"):
            protected = self._ec2.describe_instance_attribute(
                InstanceId=instance_id, Attribute="disableApiTermination"
            )
            shutdown = self._ec2.describe_instance_attribute(
                InstanceId=instance_id, Attribute="instanceInitiatedShutdownBehavior"
            )
        return {
            "is_protected": protected["DisableApiTermination"].get("Value", False),
            "on_shutdown": shutdown["InstanceInitiatedShutdownBehavior"].get("Value", "stop"),
            **self._marks.traits(described, before),
        }

    def _fleet(self, described: InstanceTypeDef, _: Mapping[str, Any]) -> dict[str, Any]:
        is_member = any(tag["Key"] == AUTO_SCALING_TAG for tag in described.get("Tags", []))
        return {"fleet": self._groups.membership(described["InstanceId"])} if is_member else {}

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


def _traits(described: InstanceTypeDef) -> Traits:
    options = described.get("MetadataOptions", {})
    return Traits(
        volumes={
            each["DeviceName"]: each["Ebs"]["DeleteOnTermination"]
            for each in described.get("BlockDeviceMappings", [])
            if "Ebs" in each
        },
        tokens=options.get("HttpTokens", "optional"),
        endpoint=options.get("HttpEndpoint", "enabled"),
        is_spot=described.get("InstanceLifecycle") == "spot",
        root_device_type=described.get("RootDeviceType", "ebs"),
        state=described["State"]["Name"],
        fell_back=_fell_back(described),
    )


def _fell_back(described: InstanceTypeDef) -> str:
    """Return why EC2 stopped it by itself after a start, no key or no room; empty: it did not.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
    """
    reason = described.get("StateReason", {}).get("Code", "")
    is_stopped = described["State"]["Name"] == "stopped"
    return reason if is_stopped and not reason.endswith("InitiatedShutdown") else ""
