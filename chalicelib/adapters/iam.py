"""IAM: a deny on the role of one instance, for the keys that were given to that instance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.steps.step import AllowKeys, DenyKeys

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

# Granted to the role that the companion stack makes where its parameter names roles, and to no
# function: `infra/resources.yaml`, `infra/member.yaml`.
PERMISSIONS = (
    "iam:DeleteRolePolicy",
    "iam:GetInstanceProfile",
    "iam:GetRolePolicy",
    "iam:PutRolePolicy",
)

_NOT_THERE = "NoSuchEntity"


class IamKeys:
    """What the roles of one account's instances allow to the keys of one of them.

    A role has no policy of its own for each instance: this one names the instance in a condition,
    on a key that is in every request with keys that an instance was given, wherever they are used.
    IAM takes a few seconds to spread it. A role that only AWS may change refuses it, and so does
    one whose inline policies have their 10,240 characters.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-ec2-source-instance-arn
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    def __init__(self, client: Any, stage: str, instances: str) -> None:
        """Make it; `instances` is what stands before the id in the ARN of an instance."""
        self._iam = client
        self._stage = stage
        self._instances = instances

    def traits(self, described: InstanceTypeDef, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the step `credentials` may change: of the role that was remembered, if any.

        Raises:
            AwsRefusedError: also where no stack has named roles to Cordon.
        """
        instance_id = described["InstanceId"]
        doing = f"look at the role of {instance_id}, as the role cordon-{self._stage}-credentials"
        with aws_errors(doing):
            role = before["role"] if before else self._role(described)
            denied = bool(role) and self._is_denied(role, self._name(instance_id))
        return {"role": role, "is_denied": denied}

    def alter(self, instance_id: str, change: DenyKeys | AllowKeys) -> str:
        """Carry out one change; return the request id of AWS's answer."""
        which = {"RoleName": change.role, "PolicyName": self._name(instance_id)}
        with aws_errors(f"{type(change).__name__} of {instance_id} and its role {change.role}"):
            if isinstance(change, DenyKeys):
                document = json.dumps(self._denies(instance_id), separators=(",", ":"))
                answer = self._iam.put_role_policy(**which, PolicyDocument=document)
            else:
                answer = self._iam.delete_role_policy(**which)
        return str(answer["ResponseMetadata"]["RequestId"])

    def _role(self, described: InstanceTypeDef) -> str:
        """Return the name of the role in its profile, "" without one; a profile has one at most."""
        profile = described.get("IamInstanceProfile", {}).get("Arn", "")
        if not profile:
            return ""
        name = profile.rpartition("/")[2]
        found = self._iam.get_instance_profile(InstanceProfileName=name)
        return next((str(each["RoleName"]) for each in found["InstanceProfile"]["Roles"]), "")

    def _is_denied(self, role: str, name: str) -> bool:
        try:
            self._iam.get_role_policy(RoleName=role, PolicyName=name)
        except ClientError as error:
            if code_of(error) == _NOT_THERE:
                return False
            raise
        return True

    def _name(self, instance_id: str) -> str:
        return f"cordon-{self._stage}-{instance_id}"

    def _denies(self, instance_id: str) -> dict[str, Any]:
        only = {"ArnEquals": {"ec2:SourceInstanceARN": f"{self._instances}{instance_id}"}}
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "CordonQuarantine",
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": only,
                }
            ],
        }
