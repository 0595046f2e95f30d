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
OWN_KEY = "sandbox"  # the access key of the functions; whoever has another is somebody else
OPERATOR = f"arn:aws:iam::{ACCOUNT}:user/you"

# Every service that the app or the sandbox has a client of; a test compares it with the code.
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

_HERE = "127.0.0.1"


class SandboxError(Exception):
    """The sandbox cannot run as it must; the message is one line for a person."""


@contextmanager
def local_environment(endpoint: str) -> Iterator[None]:
    """Point this process at `endpoint` with made-up credentials, and put all back afterwards.

    What a person's shell says about profiles, keys, endpoints of single services, proxies or
    ignoring endpoints counts for nothing inside; neither does what boto3's default session has
    read before. The region is us-east-1 for everybody.
    """
    before, session = dict(os.environ), boto3.DEFAULT_SESSION
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_"))]:
        del os.environ[name]
    os.environ.update(_settings(endpoint))
    os.environ.setdefault("CORDON_LOCAL_OPERATOR", OPERATOR)
    boto3.DEFAULT_SESSION = None
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = session
        os.environ.clear()
        os.environ.update(before)


def _settings(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": OWN_KEY,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{_HERE},localhost",
        "no_proxy": f"{_HERE},localhost",
    }


def refuse_unless_local(endpoint: str) -> None:
    """Make a client of every service and see where it would go.

    Raises:
        SandboxError: one of them would go anywhere but `endpoint`, which is on 127.0.0.1.
    """
    if urlsplit(endpoint).hostname != _HERE:
        raise SandboxError(f"the sandbox must be on {_HERE}, not at {endpoint}")
    aws: Any = boto3  # its types know services by literal names only
    for service in SERVICES:
        goes_to = aws.client(service).meta.endpoint_url
        if goes_to != endpoint:
            raise SandboxError(f"a client of {service} would reach {goes_to}: not starting")
