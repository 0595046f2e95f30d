"""What an earlier stack of a stage left behind, and how the new one takes it up.

A stage that was destroyed keeps its records and its evidence under their fixed names, and so does
one whose first deploy failed half-way. CloudFormation finds what is there by itself only where a
template writes a name out, and ours are made from the stage: so each is named in an import.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from deploy.cloud import Cloud
from deploy.stages import Stage
from deploy.template import resources_template

_ABSENT = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)


@dataclass(frozen=True)
class Left:
    """A resource of the template that is there, and in no stack of this stage."""

    logical_id: str
    identifier: Mapping[str, str]

    def as_import(self) -> dict[str, Any]:
        """Return it as CreateChangeSet takes it."""
        return {
            "ResourceType": resources_template()["Resources"][self.logical_id]["Type"],
            "LogicalResourceId": self.logical_id,
            "ResourceIdentifier": dict(self.identifier),
        }

    def __str__(self) -> str:
        return ", ".join(self.identifier.values())


def find_left(stage: Stage, cloud: Cloud) -> tuple[Left, ...]:
    """Return what is there already of that which keeps records, evidence, lists and letters."""
    found = []
    for name, ask in _ASK.items():
        try:
            identifier = ask(stage, cloud)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
        else:
            found.append(Left(name, identifier))
    return tuple(found)


def _table(stage: Stage, cloud: Cloud) -> Mapping[str, str]:
    cloud.client("dynamodb").describe_table(TableName=stage.table)
    return {"TableName": stage.table}


def _bucket(kind: str) -> Callable[[Stage, Cloud], Mapping[str, str]]:
    def ask(stage: Stage, cloud: Cloud) -> Mapping[str, str]:
        name = f"cordon-{stage.name}-{kind}-{cloud.account}-{cloud.region}"
        cloud.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=cloud.account)
        return {"BucketName": name}

    return ask


def _queue(stage: Stage, cloud: Cloud) -> Mapping[str, str]:
    url = cloud.client("sqs").get_queue_url(QueueName=stage.dead_letters)["QueueUrl"]
    return {"QueueUrl": str(url)}


def _key(stage: Stage, cloud: Cloud) -> Mapping[str, str]:
    """Find it by its alias; one that somebody sent to be deleted is brought back by nobody here."""
    key = cloud.client("kms").describe_key(KeyId=_alias(stage))["KeyMetadata"]
    return {"KeyId": str(key["KeyId"])}


def _key_alias(stage: Stage, cloud: Cloud) -> Mapping[str, str]:
    cloud.client("kms").describe_key(KeyId=_alias(stage))
    return {"AliasName": _alias(stage)}


def _alias(stage: Stage) -> str:
    return f"alias/cordon-{stage.name}"


_ASK: Mapping[str, Callable[[Stage, Cloud], Mapping[str, str]]] = {
    "Table": _table,
    "Evidence": _bucket("evidence"),
    "ThreatLists": _bucket("threat-lists"),
    "DeadLetters": _queue,
    "Key": _key,
    "KeyAlias": _key_alias,
}
