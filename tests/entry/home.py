"""Cordon's home on moto: what `infra/` makes, and an instance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto import mock_aws

from chalicelib.wiring import responder
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, BUCKET, TOPIC, make_table
from tests.adapters.sites import AwsSite
from tests.builders import an_event


@dataclass(frozen=True, slots=True)
class Home:
    """What `infra/` makes, an instance on two interfaces, and a queue that hears the notices."""

    session: boto3.Session
    site: AwsSite
    instance_id: str
    queue_url: str

    def event(self, **changes: Any) -> dict[str, Any]:
        ordinary = {
            "account_id": AWS_ACCOUNT,
            "region": AWS_REGION,
            "instance_id": self.instance_id,
        }
        return an_event(**{**ordinary, **changes})

    def heard(self) -> list[str]:
        """Return the notices as machines receive them."""
        answer = self.session.client("sqs").receive_message(
            QueueUrl=self.queue_url, MaxNumberOfMessages=10
        )
        return [json.loads(message["Body"])["Message"] for message in answer.get("Messages", [])]


@contextmanager
def at_home() -> Iterator[Home]:
    with mock_aws():
        session = boto3.Session(region_name=AWS_REGION)
        make_table(session.client("dynamodb"))
        session.client("s3").create_bucket(Bucket=BUCKET)
        topic = session.client("sns").create_topic(Name=TOPIC)["TopicArn"]
        queue_url = session.client("sqs").create_queue(QueueName="ears")["QueueUrl"]
        session.client("sns").subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:ears",
        )
        site = AwsSite(session.client("ec2"))
        vpc = site.make_vpc()
        web, ssh = site.make_group(vpc), site.make_group(vpc)
        instance_id = site.launch((vpc, (web, ssh)), (vpc, (ssh,)))
        responder._responder.cache_clear()
        yield Home(session, site, instance_id, queue_url)
        responder._responder.cache_clear()


def session_of(session: boto3.Session, account_id: str) -> boto3.Session:
    """Return the session of somebody who works in `account_id`."""
    role = f"arn:aws:iam::{account_id}:role/somebody"
    answer = session.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")
    given = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=AWS_REGION,
    )
