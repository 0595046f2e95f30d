"""EC2: what an instance wrote to its console, and what it was told to run at its first start."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PERMISSIONS = ("ec2:DescribeInstanceAttribute", "ec2:GetConsoleOutput")


class Ec2Forensics:
    """The instances of one account and region."""

    def __init__(self, client: EC2Client) -> None:
        self._ec2 = client

    def console(self, instance_id: str) -> str:
        """Return what EC2 kept of the console, 64 KB at most; empty: nothing.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
        """
        with aws_errors(f"read the console of {instance_id}"):
            answer = self._ec2.get_console_output(InstanceId=instance_id)
        return answer.get("Output", "")

    def user_data(self, instance_id: str) -> str:
        """Return the script or the settings that the instance was launched with; empty: none."""
        with aws_errors(f"read the user data of {instance_id}"):
            answer = self._ec2.describe_instance_attribute(
                InstanceId=instance_id, Attribute="userData"
            )
        encoded = answer["UserData"].get("Value", "")
        try:
            return base64.b64decode(encoded).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return encoded  # packed, for example: kept as EC2 gives it
