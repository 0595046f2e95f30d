"""The account that a road leads to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from deploy.errors import DeployError


@dataclass(frozen=True)
class Cloud:
    """An account and region that answered."""

    session: boto3.Session
    account: str
    region: str
    partition: str

    @classmethod
    def reach(cls) -> Cloud:
        """Return where the caller's environment leads.

        Raises:
            DeployError: it names no region, no credentials, or a profile that there is not.
        """
        try:
            session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        except ProfileNotFound as error:
            raise DeployError(f"{error}: set AWS_PROFILE to one that is") from error
        if not session.region_name:
            raise DeployError("no region: set AWS_REGION, for example AWS_REGION=eu-central-1")
        try:
            account = session.client("sts").get_caller_identity()["Account"]
        except NoCredentialsError as error:
            raise DeployError("no credentials: set AWS_PROFILE, or run aws sso login") from error
        partition = session.get_partition_for_region(session.region_name)
        return cls(session, account, session.region_name, partition)

    def client(self, service: str) -> Any:
        """Return a client of `service`."""
        aws: Any = self.session  # its types know services by literal names only
        return aws.client(service)

    def arn(self, service: str, name: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{name}"
