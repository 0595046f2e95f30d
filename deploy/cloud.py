"""The account that a road leads to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    UnknownRegionError,
)

from deploy.errors import DeployError

_NO_CREDENTIALS = (
    ClientError,  # whoever cannot even ask who they are
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)


@dataclass(frozen=True)
class Cloud:
    """An account and region that answered."""

    session: boto3.Session
    account: str
    region: str
    partition: str
    role: str = ""  # the name of that which CloudFormation takes; empty: the caller's own rights

    @classmethod
    def reach(cls, role: str = "") -> Cloud:
        """Return where the caller's environment leads, with the role for CloudFormation.

        Raises:
            DeployError: it names no region, no credentials that AWS takes, or a profile that there
                is not; or there is no AWS where it leads.
        """
        try:
            session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
            if not session.region_name:
                raise DeployError("no region: set AWS_REGION, for example AWS_REGION=eu-central-1")
            partition = session.get_partition_for_region(session.region_name)
            account = session.client("sts").get_caller_identity()["Account"]
        except ProfileNotFound as error:
            raise DeployError(f"{error}: set AWS_PROFILE to one that is") from error
        except (InvalidRegionError, UnknownRegionError) as error:
            raise DeployError(f"{error} Set AWS_REGION to one that is") from error
        except EndpointConnectionError as error:
            raise DeployError(f"{error}: is AWS_REGION right, and is there a network?") from error
        except _NO_CREDENTIALS as error:
            why = f"no credentials that work ({error})"
            raise DeployError(f"{why}: set AWS_PROFILE, or run aws sso login") from error
        return cls(session, account, session.region_name, partition, role)

    def __str__(self) -> str:
        return f"account {self.account}, region {self.region}"

    def client(self, service: str) -> Any:
        """Return a client of `service`."""
        aws: Any = self.session  # its types know services by literal names only
        return aws.client(service)

    @property
    def with_role(self) -> dict[str, str]:
        """What CloudFormation is told of the role that it shall take."""
        arn = f"arn:{self.partition}:iam::{self.account}:role/{self.role}"
        return {"RoleARN": arn} if self.role else {}

    def policy_arn(self, name: str) -> str:
        """Return the ARN of a managed policy of the account's own."""
        return f"arn:{self.partition}:iam::{self.account}:policy/{name}"

    def arn(self, service: str, name: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{name}"
