"""S3: the evidence, each object written once."""

from __future__ import annotations

import base64
import hashlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = ("s3:GetObject", "s3:PutObject")

_TYPES = {"html": "text/html", "txt": "text/plain; charset=utf-8"}
_KEPT_ALREADY = "PreconditionFailed"


class S3Evidence:
    """The bucket `cordon-<stage>-evidence-<account>-<region>`."""

    def __init__(self, client: S3Client, bucket: str, owner: str) -> None:
        self._s3 = client
        self._bucket = bucket
        self._owner = owner

    def keep(self, name: str, text: str, *, over: bool = False) -> bool:
        """Keep `text` under `name`; S3 checks its SHA-256. What is there already is compared."""
        body = text.encode()
        digest = hashlib.sha256(body)
        unless_there: Any = {} if over else {"IfNoneMatch": "*"}
        with aws_errors(f"keep {name}"):
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=name,
                    Body=body,
                    ContentType=_TYPES.get(name.rpartition(".")[2], "application/json"),
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                    Metadata={"sha256": digest.hexdigest()},
                    ExpectedBucketOwner=self._owner,
                    **unless_there,
                )
            except ClientError as error:
                if code_of(error) != _KEPT_ALREADY:
                    raise
                return self._holds(name, body)
        return True

    def _holds(self, name: str, body: bytes) -> bool:
        """Whether `body` is what lies under `name`; not even its metadata is believed."""
        there = self._s3.get_object(Bucket=self._bucket, Key=name, ExpectedBucketOwner=self._owner)
        with closing(there["Body"]) as stream:
            return bool(stream.read(len(body) + 1) == body)
