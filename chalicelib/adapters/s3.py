"""S3: the evidence, each object written once."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.adapters.errors import aws_errors, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = ("s3:PutObject",)

_KEPT_ALREADY = "PreconditionFailed"


class S3Evidence:
    """The bucket `cordon-<stage>-evidence-<account>-<region>`."""

    def __init__(self, client: S3Client, bucket: str, owner: str) -> None:
        self._s3 = client
        self._bucket = bucket
        self._owner = owner

    def keep(self, name: str, text: str) -> None:
        """Keep `text` under `name`, unless something is there; S3 checks its SHA-256."""
        body = text.encode()
        digest = hashlib.sha256(body)
        with aws_errors(f"keep {name}"):
            try:
                self._s3.put_object(
                    Bucket=self._bucket,
                    Key=name,
                    Body=body,
                    ContentType="application/json",
                    ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                    Metadata={"sha256": digest.hexdigest()},
                    IfNoneMatch="*",
                    ExpectedBucketOwner=self._owner,
                )
            except ClientError as error:
                if code_of(error) != _KEPT_ALREADY:
                    raise
