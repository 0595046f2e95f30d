from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import VERSION
from chalicelib.adapters.sns import SnsAudience, SnsNotices
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.notices import about_quarantines
from chalicelib.core.notices.audience import Subscriber
from chalicelib.core.notices.notice import Kind, Notice, parse_notice, read_notice
from tests.adapters.aws import TOPIC
from tests.builders import ACCOUNT, WEB, a_finding, a_quarantine
from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.random_notices import largest_notices

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

ARN = f"arn:aws:sns:us-east-1:123456789012:{TOPIC}"


@pytest.fixture(scope="module")
def client(session: boto3.Session) -> SNSClient:
    return session.client("sns")


def a_notice() -> Notice:
    return about_quarantines.of_containment(a_quarantine(), a_finding(), "command-and-control")


def published(client: SNSClient, notice: Notice) -> Any:
    """Return what SNS was asked to publish."""
    asked: list[Any] = []
    client.meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: asked.append(params)
    )
    with Stubber(client) as stubber:
        stubber.add_response("publish", {"MessageId": "m-1"})
        assert SnsNotices(client, ARN).publish(notice) == "m-1"
    return asked[-1]


def test_people_get_text_and_machines_get_json(client: SNSClient) -> None:
    asked = published(client, a_notice())

    message = json.loads(asked["Message"])
    assert asked["MessageStructure"] == "json"
    assert message["email"] == f"{a_notice().text}\nCordon {VERSION}\n"
    assert message["sms"] == a_notice().subject
    for protocol in ("lambda", "default"):
        said = parse_notice(message[protocol])
        assert said == {**a_notice().as_json(), "cordon": VERSION}
        assert read_notice(said) == a_notice()  # it is the same after an upgrade, and told once


@pytest.mark.parametrize("letter", ["x", '"', "\\", "大", "🔥"])
@pytest.mark.parametrize("lines", [10, 200, 2_000])
def test_a_notice_of_any_length_is_cut_to_what_sns_takes(
    client: SNSClient, letter: str, lines: int
) -> None:
    long = replace(a_notice(), sections=(("All", (letter * 400,) * lines),))

    asked = published(client, long)

    assert len(asked["Message"].encode()) <= 250_000
    heard = read_notice(parse_notice(json.loads(asked["Message"])["lambda"]))
    assert heard.subject == long.subject
    assert heard == long or lines > 10 or not letter.isascii()


@pytest.mark.parametrize("notice", [*largest_notices()], ids=lambda notice: notice.kind.value)
def test_the_largest_notices_reach_every_channel_to_their_last_section(
    client: SNSClient, notice: Notice
) -> None:
    heard = read_notice(parse_notice(json.loads(published(client, notice)["Message"])["lambda"]))

    assert [heading for heading, _ in heard.sections] == [heading for heading, _ in notice.sections]


def test_subscriptions_can_filter_by_kind_severity_outcome_and_account(client: SNSClient) -> None:
    attributes = published(client, a_notice())["MessageAttributes"]

    assert {name: each["StringValue"] for name, each in attributes.items()} == {
        "kind": "containment",
        "severity": "High",
        "outcome": "contained",
        "account": ACCOUNT,
    }
    assert {each["DataType"] for each in attributes.values()} == {"String"}


def test_all_mails_of_one_incident_have_one_subject_so_that_mailers_thread_them(
    client: SNSClient,
) -> None:
    incident = [about for about in NOTICES.values() if about.facts.get("quarantine_id")]
    subjects = {published(client, notice)["Subject"] for notice in incident}

    assert len(incident) > 2
    assert subjects == {f"Cordon: incident {WEB}-1 in {ACCOUNT}, eu-west-1"}


def test_what_is_about_no_instance_says_itself_in_the_subject_what_it_is(client: SNSClient) -> None:
    [digest] = [each for each in NOTICES.values() if each.kind is Kind.DIGEST][:1]

    asked = published(client, digest)

    assert asked["Subject"] == digest.subject
    assert asked["TopicArn"] == ARN


@pytest.mark.usefixtures("aws")
def test_a_subscriber_that_filters_gets_what_it_asked_for(
    session: boto3.Session, client: SNSClient
) -> None:
    topic = client.create_topic(Name=TOPIC)["TopicArn"]
    sqs = session.client("sqs")
    queues = {}
    for severity in ("High", "Low"):
        url = sqs.create_queue(QueueName=severity)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        client.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn["Attributes"]["QueueArn"],
            Attributes={"FilterPolicy": json.dumps({"severity": [severity]})},
        )
        queues[severity] = url

    SnsNotices(client, topic).publish(a_notice())

    received = sqs.receive_message(QueueUrl=queues["High"])["Messages"]
    (message,) = (json.loads(each["Body"])["Message"] for each in received)
    assert parse_notice(message)["kind"] == "containment"
    assert "Messages" not in sqs.receive_message(QueueUrl=queues["Low"])


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AuthorizationError", 403, AwsRefusedError),
        ("NotFound", 404, AwsRefusedError),
        ("Throttling", 400, AwsBusyError),
        ("InternalError", 500, AwsBusyError),
    ],
)
def test_what_sns_answers_is_sorted_into_busy_and_refused(
    client: SNSClient, code: str, status: int, error: Any
) -> None:
    with Stubber(client) as stubber:
        stubber.add_client_error("publish", code, http_status_code=status)

        with pytest.raises(error, match=code):
            SnsNotices(client, ARN).publish(a_notice())


def test_who_subscribed_is_listed_to_the_last_page_with_whether_it_is_confirmed(
    client: SNSClient,
) -> None:
    def subscription(protocol: str, endpoint: str, arn: str) -> dict[str, str]:
        return {"Protocol": protocol, "Endpoint": endpoint, "SubscriptionArn": arn}

    topic = ARN.replace("notices", "alarms")
    pages: list[dict[str, Any]] = [
        {
            "Subscriptions": [subscription("email", "soc@example.com", "PendingConfirmation")],
            "NextToken": "2",
        },
        {"Subscriptions": [subscription("lambda", "a-function", f"{topic}:1")]},
    ]
    with Stubber(client) as stubber:
        stubber.add_response("list_subscriptions_by_topic", pages[0], {"TopicArn": topic})
        stubber.add_response(
            "list_subscriptions_by_topic", pages[1], {"TopicArn": topic, "NextToken": "2"}
        )
        heard = SnsAudience(client, ARN.removesuffix("notices")).of_alarms()

    assert heard == (
        Subscriber("email", "soc@example.com", is_confirmed=False),
        Subscriber("lambda", "a-function", is_confirmed=True),
    )
