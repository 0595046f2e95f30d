"""The services of AWS that the notifier alone uses: secrets, Security Hub, topics of the chat."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.parameters import SsmSecrets
from chalicelib.adapters.secrets_manager import SecretsManagerSecrets
from chalicelib.adapters.securityhub import SecurityHub
from chalicelib.adapters.sns import SnsChat
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.notices.channels import security_hub
from chalicelib.core.notices.channels.security_hub import Place
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.builders import MINUTE, NOON
from tests.core.notices.channels.incident import CONTAINMENT, RELEASE

HERE = Place("aws", AWS_REGION, AWS_ACCOUNT)


@pytest.mark.usefixtures("aws")
def test_a_secret_is_read_by_its_name_and_anew_each_time(session: boto3.Session) -> None:
    client = session.client("secretsmanager")
    secrets = SecretsManagerSecrets(client)
    client.create_secret(Name="cordon/soc", SecretString=" one\n")
    assert secrets.read("cordon/soc") == "one"

    client.put_secret_value(SecretId="cordon/soc", SecretString="two")

    assert secrets.read("cordon/soc") == "two"


@pytest.mark.usefixtures("aws")
def test_a_secret_that_is_missing_or_no_text_is_named(session: boto3.Session) -> None:
    client = session.client("secretsmanager")
    client.create_secret(Name="cordon/binary", SecretBinary=b"\x00")

    for name in ("cordon/missing", "cordon/binary"):
        with pytest.raises(AwsRefusedError, match=f"read secret {name}"):
            SecretsManagerSecrets(client).read(name)


@pytest.mark.usefixtures("aws")
def test_a_parameter_is_read_decrypted(session: boto3.Session) -> None:
    client = session.client("ssm")
    client.put_parameter(Name="/cordon/soc", Value=" one\n", Type="SecureString")

    assert SsmSecrets(client).read("/cordon/soc") == "one"


@pytest.mark.usefixtures("aws")
def test_a_parameter_that_is_missing_or_lies_open_is_named(session: boto3.Session) -> None:
    client = session.client("ssm")
    client.put_parameter(Name="/cordon/open", Value="x", Type="String")

    for name in ("/cordon/missing", "/cordon/open"):
        with pytest.raises(AwsRefusedError, match=f"read parameter {name}"):
            SsmSecrets(client).read(name)


@pytest.mark.usefixtures("aws")
def test_an_incident_is_one_finding_of_security_hub(session: boto3.Session) -> None:
    client = session.client("securityhub")
    hub = SecurityHub(client)

    hub.import_finding(security_hub.render(CONTAINMENT, HERE, NOON))
    hub.import_finding(security_hub.render(CONTAINMENT, HERE, NOON))
    hub.import_finding(security_hub.render(RELEASE, HERE, NOON + MINUTE))

    (finding,) = client.get_findings()["Findings"]
    assert finding["RecordState"] == "ARCHIVED"
    assert finding["Title"] == RELEASE.subject


@pytest.mark.usefixtures("aws")
def test_the_note_at_the_end_stands_in_the_finding_that_is_there(session: boto3.Session) -> None:
    client = session.client("securityhub")
    hub, end = SecurityHub(client), security_hub.render(RELEASE, HERE, NOON + MINUTE)
    hub.import_finding(security_hub.render(CONTAINMENT, HERE, NOON))
    hub.import_finding(end)

    hub.write_note(end)

    (finding,) = client.get_findings()["Findings"]
    assert finding["Note"]["Text"] == "remediated: cleaned"


@pytest.mark.usefixtures("aws")
def test_a_note_is_refused_where_there_is_no_finding(session: boto3.Session) -> None:
    end = security_hub.render(RELEASE, HERE, NOON)

    with pytest.raises(AwsRefusedError, match=r"Note of finding cordon/.*FindingNotFound"):
        SecurityHub(session.client("securityhub")).write_note(end)


def test_a_note_that_another_writes_at_the_same_time_is_tried_again(session: boto3.Session) -> None:
    client, end = session.client("securityhub"), security_hub.render(RELEASE, HERE, NOON)
    failed = {
        "FindingIdentifier": {"Id": end["Id"], "ProductArn": end["ProductArn"]},
        "ErrorCode": "ConcurrentUpdateError",
        "ErrorMessage": "Concurrent finding updates detected",
    }
    with Stubber(client) as stubber:
        stubber.add_response(
            "batch_update_findings", {"ProcessedFindings": [], "UnprocessedFindings": [failed]}
        )

        with pytest.raises(AwsBusyError):
            SecurityHub(client).write_note(end)


def test_a_finding_that_security_hub_does_not_take_is_a_refusal(session: boto3.Session) -> None:
    client = session.client("securityhub")
    finding = security_hub.render(CONTAINMENT, HERE, NOON)
    failed = {"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "no"}
    with Stubber(client) as stubber:
        stubber.add_response(
            "batch_import_findings",
            {"FailedCount": 1, "SuccessCount": 0, "FailedFindings": [failed]},
        )

        with pytest.raises(AwsRefusedError, match=r"import finding cordon/.*InvalidInput: no"):
            SecurityHub(client).import_finding(finding)


def test_security_hub_that_has_no_time_is_busy(session: boto3.Session) -> None:
    client = session.client("securityhub")
    with Stubber(client) as stubber:
        stubber.add_client_error("batch_import_findings", "ThrottlingException")

        with pytest.raises(AwsBusyError):
            SecurityHub(client).import_finding(security_hub.render(CONTAINMENT, HERE, NOON))


@pytest.mark.usefixtures("aws")
def test_a_notification_is_published_on_the_topic_of_the_chat(session: boto3.Session) -> None:
    sns, sqs = session.client("sns"), session.client("sqs")
    topic = sns.create_topic(Name="cordon-dev-chat")["TopicArn"]
    url = sqs.create_queue(QueueName="ears")["QueueUrl"]
    ears = f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:ears"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=ears)

    SnsChat(sns, f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:").publish("cordon-dev-chat", {"a": 1})

    (heard,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(json.loads(heard["Body"])["Message"]) == {"a": 1}


@pytest.mark.usefixtures("aws")
def test_a_topic_that_is_missing_is_named(session: boto3.Session) -> None:
    chat = SnsChat(session.client("sns"), f"arn:aws:sns:{AWS_REGION}:{AWS_ACCOUNT}:")

    with pytest.raises(AwsRefusedError, match="publish on cordon-dev-chat"):
        chat.publish("cordon-dev-chat", {})
