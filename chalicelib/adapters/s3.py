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

_TYPES = {"html": "text/html", "jpg": "image/jpeg", "txt": "text/plain; charset=utf-8"}
_KEPT_ALREADY = "PreconditionFailed"


class S3Evidence:
    """The bucket `cordon-<stage>-evidence-<account>-<region>`."""

    def __init__(self, client: S3Client, bucket: str, owner: str) -> None:
        self._s3 = client
        self._bucket = bucket
        self._owner = owner

    def keep(self, name: str, body: bytes, *, over: bool = False) -> str | None:
        """Keep `body` under `name`; S3 checks its SHA-256. What is there already is compared."""
        digest = hashlib.sha256(body)
        unless_there: Any = {} if over else {"IfNoneMatch": "*"}
        with aws_errors(f"keep {name}"):
            try:
                kept = self._s3.put_object(
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
                there, version = self._at(name, len(body) + 1)  # not even its metadata is believed
                return version if there == body else None
        return kept.get("VersionId", "")

    def read(self, name: str) -> bytes:
        with aws_errors(f"read {name}"):
            return self._at(name)[0]

    def _at(self, name: str, most: int | None = None) -> tuple[bytes, str]:
        """Return what lies under `name`, `most` bytes of it at most, and its version."""
        there = self._s3.get_object(Bucket=self._bucket, Key=name, ExpectedBucketOwner=self._owner)
        with closing(there["Body"]) as stream:
            return stream.read(most), there.get("VersionId", "")
