"""STS: who Cordon is, and its way into the accounts that let it in."""

from __future__ import annotations

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.session import get_session

from chalicelib.adapters.errors import aws_errors

PERMISSIONS = ("sts:AssumeRole",)

_SESSION_NAME = "cordon"  # what CloudTrail of the other account shows


def own_account(session: boto3.Session, config: Config) -> str:
    """Return the account that `session` belongs to; STS asks for no permission."""
    with aws_errors("ask for the own account"):
        return session.client("sts", config=config).get_caller_identity()["Account"]


def member_session(session: boto3.Session, account_id: str, stage: str) -> boto3.Session:
    """Return a session in `account_id`, as the role that `infra/member.yaml` makes there.

    Nothing is asked of STS before the first call; credentials are renewed before they end.
    """
    region = session.region_name
    partition = session.get_partition_for_region(region)
    inner = session._session  # noqa: SLF001 - boto3 has no door to botocore's session
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=inner.create_client,
        source_credentials=inner.get_credentials(),
        role_arn=f"arn:{partition}:iam::{account_id}:role/cordon-{stage}-member",
        extra_args={"RoleSessionName": _SESSION_NAME, "ExternalId": f"cordon-{stage}"},
    )
    member = get_session()
    member._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # noqa: SLF001 - as botocore does
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
    return boto3.Session(botocore_session=member, region_name=region)
