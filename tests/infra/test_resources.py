from __future__ import annotations

import re

import boto3
import pytest
from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef

from chalicelib.settings.deployment import STAGE_NAME
from tests.house.source import ROOT
from tests.infra.template import DOCUMENT, RESOURCES, a_stack, of_type
from tests.permissions.policies import POLICIES

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
LONGEST_BUCKET = 63
LONGEST_REGION = "us-isof-south-1"


@pytest.mark.parametrize(
    "name", ["Table", "Evidence", "ThreatLists", "DeadLetters", "Detector", "Key", "KeyAlias"]
)
def test_what_holds_state_outlives_the_stack_but_not_a_failed_first_try(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_what_protects_itself_is_made_last() -> None:
    """A first deploy that fails takes back what it made, and could not take back the table."""
    waits = set(RESOURCES["Table"]["DependsOn"])
    named = {name for _, name, _ in RESOURCES["EverythingElse"]["Metadata"]["Waits"]}

    assert waits | named == set(RESOURCES) - {"Table"}
    assert named == {name for name, each in RESOURCES.items() if "Condition" in each}


def test_the_role_for_logs_waits_for_another_resource_of_api_gateway() -> None:
    """In an account that never had an API it fails otherwise."""
    first = RESOURCES[RESOURCES["ApiGatewayAccount"]["DependsOn"]]

    assert first["Type"] == "AWS::ApiGateway::ApiKey"
    assert first["Properties"]["Enabled"] is False
    assert first["Condition"] == RESOURCES["ApiGatewayAccount"]["Condition"]


def test_a_new_detector_bills_nothing_that_is_not_asked_for() -> None:
    """CreateDetector turns on what it is not told to leave off."""
    listed = [
        each[1] if isinstance(each, list) else each  # the other branch of an If names nothing
        for each in RESOURCES["Detector"]["Properties"]["Features"]
    ]
    features = {each["Name"]: each["Status"] for each in listed}
    known = boto3.client("guardduty").meta.service_model.shape_for("DetectorFeature")
    defaults = {name: DOCUMENT["Parameters"][features[name]]["Default"] for name in features}

    # Runtime monitoring of EKS alone is part of the one that is named; both at once are refused.
    assert set(features) == set(known.metadata["enum"]) - {"EKS_RUNTIME_MONITORING"}
    assert {name for name, said in defaults.items() if said == "ENABLED"} == {
        "EBS_MALWARE_PROTECTION"
    }


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


def test_nobody_puts_evidence_but_the_roles_of_the_functions_that_keep_it() -> None:
    policy = RESOURCES["EvidenceOverTlsOnly"]["Properties"]["PolicyDocument"]
    [denied] = [each for each in policy["Statement"] if each["Sid"] == "OnlyCordonPuts"]
    keepers = [path.stem for path in POLICIES.glob("*.json") if '"Evidence"' in path.read_text()]

    roles = denied["Condition"]["ArnNotLike"]["aws:PrincipalArn"]

    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert denied["Action"] == "s3:PutObject"
    assert [role.rpartition("-")[2] for role in roles] == sorted(keepers)


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


def test_every_parameter_is_in_the_table_for_people_as_the_template_has_it() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in page if re.match(r"\| `[A-Z][A-Za-z0-9]+` \|", line)]

    assert table == [
        f"| `{name}` | {shown(each['Default'])} | {each['Description']} |"
        for name, each in sorted(DOCUMENT["Parameters"].items())
    ]


def shown(default: object) -> str:
    return "none" if default == "" else f"`{default}`"
