from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.s3 import S3Evidence
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from tests.adapters.aws import AWS_ACCOUNT, BUCKET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "findings/1/eu-west-1/f/abc.json"


@pytest.fixture(scope="module")
def client(session: boto3.Session) -> S3Client:
    return session.client("s3")


@pytest.fixture
def bucket(client: S3Client, aws: None) -> S3Client:  # noqa: ARG001 - it is there
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_what_is_kept_can_be_read_with_its_checksum(bucket: S3Client) -> None:
    S3Evidence(bucket, BUCKET, AWS_ACCOUNT).keep(NAME, '{"a":"é"}'.encode())

    kept = bucket.get_object(Bucket=BUCKET, Key=NAME)
    body = kept["Body"].read()
    assert body.decode() == '{"a":"é"}'
    assert kept["Metadata"] == {"sha256": hashlib.sha256(body).hexdigest()}
    assert kept["ContentType"] == "application/json"


def test_what_is_kept_already_is_never_written_over(bucket: S3Client) -> None:
    evidence = S3Evidence(bucket, BUCKET, AWS_ACCOUNT)
    version = evidence.keep(NAME, b"first")

    assert version
    assert evidence.keep(NAME, b"second") is None
    assert evidence.keep(NAME, b"first") == version
    assert evidence.read(NAME) == b"first"

    assert bucket.get_object(Bucket=BUCKET, Key=NAME)["Body"].read() == b"first"
    assert len(bucket.list_object_versions(Bucket=BUCKET)["Versions"]) == 1


def test_what_is_there_is_compared_to_its_last_character(bucket: S3Client) -> None:
    bucket.put_object(Bucket=BUCKET, Key=NAME, Body=b"first and more", Metadata={"sha256": "x"})

    assert S3Evidence(bucket, BUCKET, AWS_ACCOUNT).keep(NAME, b"first") is None


def test_what_may_be_written_over_stays_as_a_version(bucket: S3Client) -> None:
    evidence = S3Evidence(bucket, BUCKET, AWS_ACCOUNT)
    bucket.put_object(Bucket=BUCKET, Key=NAME, Body=b"planted")

    assert evidence.keep(NAME, b"ours", over=True)

    assert evidence.keep(NAME, b"ours")
    assert len(bucket.list_object_versions(Bucket=BUCKET)["Versions"]) == 2


def test_s3_is_asked_to_check_the_text_the_owner_and_that_nothing_is_there(
    client: S3Client,
) -> None:
    digest = hashlib.sha256(b"text")
    with Stubber(client) as stubber:
        stubber.add_response(
            "put_object",
            {},
            {
                "Bucket": BUCKET,
                "Key": NAME,
                "Body": b"text",
                "ContentType": "application/json",
                "ChecksumSHA256": base64.b64encode(digest.digest()).decode(),
                "Metadata": {"sha256": digest.hexdigest()},
                "IfNoneMatch": "*",
                "ExpectedBucketOwner": AWS_ACCOUNT,
            },
        )

        S3Evidence(client, BUCKET, AWS_ACCOUNT).keep(NAME, b"text")

        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AccessDenied", 403, AwsRefusedError),
        ("NoSuchBucket", 404, AwsRefusedError),
        ("ConditionalRequestConflict", 409, AwsBusyError),
        ("SlowDown", 503, AwsBusyError),
        ("InternalError", 500, AwsBusyError),
    ],
)
def test_what_s3_answers_is_sorted_into_busy_and_refused(
    client: S3Client, code: str, status: int, error: Any
) -> None:
    with Stubber(client) as stubber:
        stubber.add_client_error("put_object", code, http_status_code=status)

        with pytest.raises(error, match=f"keep {NAME}: .*{code}"):
            S3Evidence(client, BUCKET, AWS_ACCOUNT).keep(NAME, b"text")
