"""S3: who put an entry on the threat list; asked for findings about our own list only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.findings.origin import Origin

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = ("s3:GetObject",)


class S3ThreatIndex:
    """The index of the list that is live, in the bucket of the threat lists."""

    def __init__(self, client: S3Client, bucket: str, owner: str, stage: str) -> None:
        self._s3 = client
        self._bucket = bucket
        self._owner = owner
        self._stage = stage

    def look_up(self, remote: str, lists: Iterable[str]) -> Origin | None:
        # Here, so that the cold start of any other finding does not pay for it.
        from chalicelib.core.threat_lists.index import look_up  # noqa: PLC0415

        return look_up(remote, lists, self._stage, self._read)

    def _read(self, name: str) -> str:
        with aws_errors(f"read published/{name}"):
            answer = self._s3.get_object(
                Bucket=self._bucket, Key=f"published/{name}", ExpectedBucketOwner=self._owner
            )
            return answer["Body"].read().decode()
