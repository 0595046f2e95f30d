"""S3: the threat lists, what operators put there and what Cordon publishes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of
from chalicelib.core.errors import ListMovedError
from chalicelib.core.threat_lists.publication import Memory, parse_memory

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectOutputTypeDef

PERMISSIONS = ("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject")

MEMORY = "published/memory.json"

_NOT_THERE = "NoSuchKey"
_OTHERS_FIRST = ("PreconditionFailed", "ConditionalRequestConflict")


class S3ThreatLists:
    """The bucket `cordon-<stage>-threat-lists-<account>-<region>`."""

    def __init__(self, client: S3Client, bucket: str, owner: str) -> None:
        self._s3 = client
        self._bucket = bucket
        self._owner = owner

    def names(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(self.changed(prefix)))

    def changed(self, prefix: str) -> dict[str, datetime]:
        with aws_errors(f"list {prefix} of {self._bucket}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, ExpectedBucketOwner=self._owner
            )
            found = [each for page in pages for each in page.get("Contents", ())]
        return {e["Key"]: e["LastModified"] for e in found if not e["Key"].endswith("/")}

    def read(self, name: str) -> bytes:
        with aws_errors(f"read {name}"):
            return self._get(name)[0]

    def keep(self, name: str, text: str) -> None:
        with aws_errors(f"keep {name}"):
            try:
                self._put(name, text.encode(), IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) != _OTHERS_FIRST[0]:
                    raise

    def write(self, name: str, body: bytes) -> None:
        with aws_errors(f"write {name}"):
            self._put(name, body)

    def remove(self, name: str) -> None:
        with aws_errors(f"remove {name}"):
            self._s3.delete_object(Bucket=self._bucket, Key=name, ExpectedBucketOwner=self._owner)

    def memory(self) -> Memory:
        with aws_errors(f"read {MEMORY}"):
            try:
                body, version = self._get(MEMORY)
            except ClientError as error:
                if code_of(error) != _NOT_THERE:
                    raise
                return Memory()
        return parse_memory(body.decode(), version)

    def save(self, memory: Memory) -> Memory:
        with aws_errors(f"write {MEMORY}"):
            try:
                if memory.version is None:
                    answer = self._put(MEMORY, memory.as_text().encode(), IfNoneMatch="*")
                else:
                    answer = self._put(MEMORY, memory.as_text().encode(), IfMatch=memory.version)
            except ClientError as error:
                if code_of(error) in _OTHERS_FIRST:
                    raise ListMovedError from error
                raise
        return replace(memory, version=answer["ETag"])

    def _get(self, name: str) -> tuple[bytes, str]:
        answer = self._s3.get_object(Bucket=self._bucket, Key=name, ExpectedBucketOwner=self._owner)
        return answer["Body"].read(), answer["ETag"]

    def _put(self, name: str, body: bytes, **condition: Any) -> PutObjectOutputTypeDef:
        """Write `body`; S3 checks its SHA-256."""
        return self._s3.put_object(
            Bucket=self._bucket,
            Key=name,
            Body=body,
            ChecksumSHA256=base64.b64encode(hashlib.sha256(body).digest()).decode(),
            ExpectedBucketOwner=self._owner,
            **condition,
        )
