"""STS: who Cordon is, and its way into the accounts that let it in."""

from __future__ import annotations

from functools import partial

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

from chalicelib.adapters.errors import aws_errors
from chalicelib.adapters.session import Session

PERMISSIONS = ("sts:AssumeRole",)

_SESSION_NAME = "cordon"  # what CloudTrail of the other account shows


def account_in(arn: str) -> str:
    """Return the account that `arn` names; "" if it is empty.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return arn.split(":")[4] if arn else ""


def own_account(session: Session, config: Config) -> str:
    """Return the account that `session` belongs to; STS asks for no permission."""
    with aws_errors("ask for the own account"):
        return str(session.client("sts", config=config).get_caller_identity()["Account"])


def member_session(session: Session, account_id: str, stage: str, config: Config) -> Session:
    """Return a session in `account_id`, as the role that `infra/member.yaml` makes there."""
    return _session_as("member", session, account_id, stage, config)


def credentials_session(session: Session, account_id: str, stage: str, config: Config) -> Session:
    """Return a session in `account_id`, as the role that may deny the keys of named roles.

    `infra/member.yaml` makes it, and `infra/resources.yaml` in the own account, if a parameter
    names the roles.
    """
    return _session_as("credentials", session, account_id, stage, config)


def _session_as(
    role: str, session: Session, account_id: str, stage: str, config: Config
) -> Session:
    """Return a session as one of the roles that Cordon's templates make.

    STS is asked with `config`, and not before the first call; credentials are renewed before they
    end.
    """
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(session.inner.create_client, config=config),
        source_credentials=session.inner.get_credentials(),
        role_arn=f"arn:{session.partition}:iam::{account_id}:role/cordon-{stage}-{role}",
        extra_args={"RoleSessionName": _SESSION_NAME, "ExternalId": f"cordon-{stage}"},
    )
    taken = Session(session.region_name)
    taken.inner._credentials = DeferredRefreshableCredentials(  # type: ignore[attr-defined]  # noqa: SLF001 - as botocore does
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
    return taken
