"""Nothing here reaches AWS: the environment says so, and every client is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3

REGION = "us-east-1"
ACCOUNT = "123456789012"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:user/you"

# Every service that the app or the sandbox has a client of.
SERVICES = (
    "autoscaling",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "elb",
    "elbv2",
    "events",
    "guardduty",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "securityhub",
    "sns",
    "sqs",
    "ssm",
    "sts",
)


class SandboxError(Exception):
    """The sandbox cannot run as it must; the message is one line for a person."""


@contextmanager
def local_environment(endpoint: str) -> Iterator[None]:
    """Point this process at `endpoint` with made-up credentials, and put all back afterwards.

    What a person's shell says about profiles, endpoints or proxies counts for nothing inside.
    """
    before = dict(os.environ)
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="sandbox",
        AWS_SECRET_ACCESS_KEY="sandbox",  # noqa: S106 - nobody's
        AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
    )
    os.environ.setdefault("CORDON_LOCAL_OPERATOR", OPERATOR)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def refuse_unless_local(endpoint: str) -> None:
    """Make a client of every service and see where it would go.

    Raises:
        SandboxError: one of them would go anywhere but `endpoint`, on 127.0.0.1.
    """
    if urlsplit(endpoint).hostname != "127.0.0.1":
        raise SandboxError(f"the sandbox must be on 127.0.0.1, not on {endpoint}")
    session: Any = boto3.Session()  # by name of the service, which its types do not allow
    for service in SERVICES:
        goes_to = session.client(service).meta.endpoint_url
        if goes_to != endpoint:
            raise SandboxError(f"a client of {service} would reach {goes_to}: not starting")
