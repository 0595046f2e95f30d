from __future__ import annotations

import re

import boto3
import pytest
from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef

from chalicelib.settings.deployment import STAGE_NAME
from tests.infra.template import DOCUMENT, RESOURCES, a_stack, of_type

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
LONGEST_BUCKET = 63
LONGEST_REGION = "us-isof-south-1"


@pytest.mark.parametrize(
    "name", ["Table", "Evidence", "ThreatLists", "DeadLetters", "Detector", "Key"]
)
def test_what_holds_state_outlives_the_stack(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] == "Retain"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_table_can_be_restored_and_not_be_deleted_by_mistake() -> None:
    table = RESOURCES["Table"]["Properties"]

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


@pytest.mark.parametrize("name", ["Evidence", "ThreatLists"])
def test_a_bucket_is_versioned_encrypted_and_private(name: str) -> None:
    bucket = RESOURCES[name]["Properties"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["BucketEncryption"]
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_notices_and_dead_letters_are_encrypted_and_dead_letters_wait_14_days() -> None:
    queue = RESOURCES["DeadLetters"]["Properties"]

    assert RESOURCES["Notices"]["Properties"]["KmsMasterKeyId"]
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_evidence_cannot_be_overwritten_by_default() -> None:
    bucket = RESOURCES["Evidence"]["Properties"]
    lock = bucket["ObjectLockConfiguration"]

    assert bucket["ObjectLockEnabled"] is True
    assert lock["ObjectLockEnabled"] == "Enabled"
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": "EvidenceDays"}
    assert DOCUMENT["Parameters"]["EvidenceDays"]["MinValue"] >= 1


def test_buckets_queue_and_topics_refuse_what_does_not_come_over_tls() -> None:
    kinds = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    policies = {key: each for kind in kinds for key, each in of_type(kind).items()}

    assert len(policies) == 5
    for policy in policies.values():
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        [denied] = [each for each in statements if each["Sid"] == "TlsOnly"]
        assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("bucket", ["Evidence", "ThreatLists"])
def test_the_longest_stage_makes_a_bucket_name_that_s3_takes(bucket: str) -> None:
    allowed = re.compile(DOCUMENT["Parameters"]["Stage"]["AllowedPattern"])
    longest = max(length for length in range(1, 64) if allowed.match("s" * length))
    values = {"Stage": "s" * longest, "AWS::AccountId": "1" * 12, "AWS::Region": LONGEST_REGION}

    name = RESOURCES[bucket]["Properties"]["BucketName"]
    for variable, value in values.items():
        name = name.replace(f"${{{variable}}}", value)

    assert len(name) <= LONGEST_BUCKET


def test_an_account_that_has_a_detector_can_keep_it() -> None:
    assert RESOURCES["Detector"]["Condition"] == "MakesDetector"
    assert DOCUMENT["Conditions"]["MakesDetector"] == ["CreateDetector", "true"]
    assert DOCUMENT["Parameters"]["CreateDetector"]["AllowedValues"] == ["true", "false"]


def test_the_stack_can_be_made_with_the_names_of_the_contract() -> None:
    with a_stack(Stage="prod"):
        table = boto3.client("dynamodb").describe_table(TableName="cordon-prod")["Table"]
        topics = boto3.client("sns").list_topics()["Topics"]
        buckets = boto3.client("s3").list_buckets()["Buckets"]
        queues = boto3.client("sqs").list_queues()["QueueUrls"]

    assert table["TableName"] == "cordon-prod"
    assert {each["TopicArn"].rsplit(":")[-1] for each in topics} == {
        "cordon-prod-notices",
        "cordon-prod-alarms",
    }
    assert {each["Name"] for each in buckets} == {
        "cordon-prod-evidence-123456789012-us-east-1",
        "cordon-prod-threat-lists-123456789012-us-east-1",
    }
    assert [each.rsplit("/")[-1] for each in queues] == ["cordon-prod-dead-letters"]


def test_the_table_has_the_keys_and_indexes_that_the_adapter_asks_for() -> None:
    with a_stack(Stage="prod"):
        table = boto3.client("dynamodb").describe_table(TableName="cordon-prod")["Table"]

    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert keys(table["KeySchema"]) == [("pk", "HASH"), ("sk", "RANGE")]
    assert keys(indexes.pop("by_opened")["KeySchema"]) == [("kind", "HASH"), ("opened_at", "RANGE")]
    assert keys(indexes.pop("by_state")["KeySchema"]) == [("state", "HASH"), ("opened_at", "RANGE")]
    assert indexes == {}
    assert all(
        index["Projection"]["ProjectionType"] == "ALL" for index in table["GlobalSecondaryIndexes"]
    )
    assert {each["AttributeType"] for each in table["AttributeDefinitions"]} == {"S"}


def keys(schema: list[KeySchemaElementTypeDef]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in schema]


def test_the_outputs_name_what_was_made_and_the_stage_is_dev_unless_told() -> None:
    with a_stack(CreateDetector="false") as outputs:
        pass

    assert outputs["TableName"] == "cordon-dev"
    assert outputs["NoticesArn"] == "arn:aws:sns:us-east-1:123456789012:cordon-dev-notices"
    assert outputs["EvidenceBucket"] == "cordon-dev-evidence-123456789012-us-east-1"
    assert outputs["ThreatListsBucket"] == "cordon-dev-threat-lists-123456789012-us-east-1"
    assert outputs["DeadLettersUrl"].endswith("/cordon-dev-dead-letters")
    assert outputs["DeadLettersArn"].endswith(":cordon-dev-dead-letters")


def test_the_functions_take_the_same_names_of_stages_as_the_template() -> None:
    assert DOCUMENT["Parameters"]["Stage"]["AllowedPattern"] == f"^{STAGE_NAME.pattern}$"
