"""The bucket that Lambda reads code from, on the road over CloudFormation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from botocore.exceptions import ClientError, ParamValidationError

from deploy.cloud import Cloud
from deploy.errors import DeployError

_WHY = {"404": "is not there", "403": "is closed to you"}  # a HEAD has no body that says more


@dataclass(frozen=True)
class Artifacts:
    """A bucket of the caller's."""

    bucket: str
    cloud: Cloud

    def check(self) -> None:
        """Find out before anything is made: Lambda reads code in its own Region only.

        Raises:
            DeployError: the bucket is not there, is closed to the caller, or is in another Region.
        """
        try:
            said = self.cloud.client("s3").head_bucket(Bucket=self.bucket)
        except ParamValidationError as error:
            raise DeployError(
                f"{self.bucket} is no name of a bucket: give ARTIFACTS one"
            ) from error
        except ClientError as error:
            why = _WHY.get(error.response["Error"]["Code"])
            if why is None:
                raise
            raise DeployError(f"the bucket {self.bucket} {why}: give ARTIFACTS another") from error
        if said["BucketRegion"] != self.cloud.region:
            raise DeployError(
                f"the bucket {self.bucket} is in {said['BucketRegion']}: "
                f"give ARTIFACTS one in {self.cloud.region}"
            )

    def uri(self, code: bytes) -> str:
        """Return where a zip has its place: the name says what is in it, so the same has one."""
        return f"s3://{self.bucket}/{_key(code)}"

    def put(self, code: bytes) -> None:
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key=_key(code), Body=code)


def _key(code: bytes) -> str:
    return f"cordon/{hashlib.sha256(code).hexdigest()}.zip"
