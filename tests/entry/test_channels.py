"""One notice through the door, the real adapters and a service that speaks HTTPS, on moto."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from chalice.test import Client
from moto import mock_aws

import app as door
from chalicelib.core.notices.channels import slack
from chalicelib.core.notices.channels.errors import UndeliveredError
from chalicelib.core.notices.delivery import LEASE
from chalicelib.core.notices.notice import Notice, parse_notice, read_notice
from chalicelib.flows.notify import notify
from chalicelib.flows.ports.notifier import Notifier
from chalicelib.flows.ports.together import in_order
from chalicelib.settings.deployment import SettingsError
from chalicelib.wiring import notifier
from sandbox.events.delivery import ManualDelivery
from sandbox.faithful.faults import Crash, Fault, Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, TABLE, make_table
from tests.adapters.https_server import Received, Service, serving
from tests.builders import NOON
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.incident import CONTAINMENT, RELEASE
from tests.entry.channels import FILE, SECRETS, SHARED, keep_secrets

pytestmark = pytest.mark.no_cover  # the same lines, very often

HOSTS = {
    "slack.com": "slack-bot",
    "hooks.slack.com": "slack",
    "a.logic.azure.com": "teams",
    "events.pagerduty.com": "pagerduty",
    "siem.example.com": "webhook",
}
SECOND = timedelta(seconds=1)
NO_KEY = {"slack-bot", "slack", "teams", "chat"}


@dataclass
class Home:
    """What `infra/` makes, the secrets, and one service in the place of all."""

    session: boto3.Session
    service: Service
    queue_url: str
    now: datetime = NOON
    names: set[str] = field(default_factory=lambda: {*HOSTS.values(), "hub", "chat"})

    @property
    def notifier(self) -> Notifier:
        live = notifier.notifier()
        assert live is not None
        return replace(
            live,
            channels=tuple(each for each in live.channels if each.name in self.names),
            web=self.service.web(),
            together=in_order,
            now=lambda: self.now,
        )

    def notify(self, notice: Notice = CONTAINMENT) -> dict[str, str]:
        heard = read_notice(parse_notice(json.dumps(notice.as_json())))
        return notify(heard, NOON.isoformat(), self.notifier)

    def received(self) -> list[tuple[str, Received]]:
        return [(HOSTS[r.headers["Host"].split(":")[0]], r) for r in self.service.received]

    def arrived(self) -> list[tuple[str, dict[str, Any]]]:
        """Take what each channel holds; each message is one that its service would take."""
        found = [(name, json.loads(each.body)) for name, each in self.received()]
        found += [("chat", message) for message in self._take_chat()]
        for name, message in found:
            if name != "webhook":
                check(name.replace("-", "_").replace("chat", "q_developer"), message)
        hub = self.session.client("securityhub").get_findings()["Findings"]
        return found + [("hub", dict(finding)) for finding in hub]

    def _take_chat(self) -> Iterator[dict[str, Any]]:
        sqs = self.session.client("sqs")
        answer = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(json.loads(message["Body"])["Message"])


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving(*HOSTS) as service:
        service.body = b'{"ok": true, "ts": "1700000000.000100"}'
        yield service


@pytest.fixture
def home(running: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Home]:
    running.received.clear()
    path = tmp_path / "channels.toml"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("CORDON_CHANNELS", str(path))
    with mock_aws():
        session = boto3.Session(region_name=AWS_REGION)
        make_table(session.client("dynamodb"))
        keep_secrets(session)
        topic = session.client("sns").create_topic(Name="cordon-dev-chat")["TopicArn"]
        queue_url = session.client("sqs").create_queue(QueueName="chat")["QueueUrl"]
        session.client("sns").subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{AWS_REGION}:{AWS_ACCOUNT}:chat",
        )
        notifier._notifier.cache_clear()
        yield Home(session, running, queue_url)
        notifier._notifier.cache_clear()


def test_every_channel_gets_the_notice_once(home: Home) -> None:
    home.notify()
    home.notify()

    assert Counter(name for name, _ in home.arrived()) == dict.fromkeys(home.names, 1)


def test_a_receiver_can_verify_the_signature(home: Home) -> None:
    home.notify()

    (sent,) = [each for name, each in home.received() if name == "webhook"]
    stamp = sent.headers["X-Cordon-Timestamp"].encode()
    expected = hmac.new(SHARED.encode(), stamp + b"." + sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["X-Cordon-Signature"] == f"v1={expected}"
    assert sent.headers["Idempotency-Key"] == json.loads(sent.body)["id"]


def test_the_release_goes_into_the_thread_and_ends_the_alert(home: Home) -> None:
    home.notify(CONTAINMENT)
    home.notify(RELEASE)

    got = [(name, each) for name, each in home.received() if each.path != slack.EDITING]
    sent = [(name, json.loads(each.body)) for name, each in got]
    threads = [message.get("thread_ts") for name, message in sent if name == "slack-bot"]
    actions = [message["event_action"] for name, message in sent if name == "pagerduty"]
    assert threads == [None, "1700000000.000100"]
    assert actions == ["trigger", "resolve", "resolve"]  # also without its number


def test_through_the_door_a_failure_raises_and_the_retry_sends_what_is_missing(
    client: Client, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.notifier
    monkeypatch.setattr(notifier, "notifier", lambda _: made)
    home.session.client("secretsmanager").delete_secret(
        SecretId="cordon/teams", ForceDeleteWithoutRecovery=True
    )
    event = client.events.generate_sns_event(json.dumps(CONTAINMENT.as_json()))

    with pytest.raises(UndeliveredError, match="teams: read secret cordon/teams"):
        client.lambda_.invoke("notify", event)
    home.session.client("secretsmanager").create_secret(
        Name="cordon/teams", SecretString=SECRETS["cordon/teams"]
    )
    answer = client.lambda_.invoke("notify", event).payload

    assert answer == {"kind": "containment", "outcome": "contained"}
    assert Counter(name for name, _ in home.arrived()) == dict.fromkeys(home.names, 1)


def test_what_fails_three_times_lies_in_the_dead_letters_and_nobody_else_is_told_twice(
    client: Client, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.notifier
    monkeypatch.setattr(notifier, "notifier", lambda _: made)
    home.session.client("ssm").delete_parameter(Name="/cordon/pagerduty")
    letters: list[Mapping[str, Any]] = []
    delivery = ManualDelivery(letters.append)
    delivery.handlers["notify"] = door.notify
    delivery.submit("notify", client.events.generate_sns_event(json.dumps(CONTAINMENT.as_json())))

    delivery.deliver()

    (letter,) = letters
    assert len(delivery.attempts) == 3
    assert letter["responsePayload"]["errorType"] == "UndeliveredError"
    assert "pagerduty: read parameter /cordon/pagerduty" in str(letter["responsePayload"])
    told = Counter(name for name, _ in home.arrived())
    assert told == dict.fromkeys(home.names - {"pagerduty"}, 1)


def test_no_channel_means_no_call_and_no_client(
    client: Client, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home
    monkeypatch.delenv("CORDON_CHANNELS")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    event = client.events.generate_sns_event(json.dumps(CONTAINMENT.as_json()))

    with Faults().on() as faults:
        answer = client.lambda_.invoke("notify", event).payload

    assert answer == {"kind": "containment", "outcome": "contained"}
    assert faults.calls == []
    assert notifier.notifier() is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("version = 1\n[[channels]]\nkind = 'irc'\n", r"channels\.toml: channel 1: kind must be"),
        ("version = 2\n", r"channels\.toml: version must be 1"),
    ],
)
def test_a_file_that_cannot_be_followed_stops_the_notifier(
    home: Home, tmp_path: Path, text: str, complaint: str
) -> None:
    assert home
    (tmp_path / "channels.toml").write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=complaint):
        notifier.notifier()


def test_a_file_that_cannot_be_read_stops_the_notifier(home: Home, tmp_path: Path) -> None:
    assert home
    (tmp_path / "channels.toml").unlink()

    with pytest.raises(SettingsError, match="CORDON_CHANNELS cannot be read"):
        notifier.notifier()


def test_the_notifier_is_made_once(home: Home) -> None:
    assert home
    live = notifier.notifier()

    assert live is notifier.notifier()
    assert live is not None
    assert live.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", [*HOSTS.values(), "hub", "chat"])
def test_a_crash_at_any_call_of_aws_loses_nothing_and_repeats_only_what_it_must(
    home: Home, name: str
) -> None:
    home.names = {name}
    assert home.notifier.channels
    with Faults().on() as whole:
        home.notify()
    assert len(whole.calls) >= 3

    for at in range(1, len(whole.calls) + 1):
        for after in (False, True):
            _start_again(home)
            with Faults(crash_at=at, after=after).on(), pytest.raises(Crash):
                home.notify()
            home.now += LEASE + SECOND

            home.notify()

            _check_once(home)


@pytest.mark.parametrize("operation", ["dynamodb.*", "secretsmanager.*", "ssm.*", "sns.*"])
@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "error"])
def test_what_fails_at_aws_is_made_good_by_the_next_try(
    home: Home, operation: str, kind: Any
) -> None:
    assert home.notifier.channels
    with Faults(wire=[Fault(operation, kind=kind)]).on(), pytest.raises(UndeliveredError):
        home.notify()
    home.now += LEASE + SECOND

    home.notify()

    _check_once(home)


def _start_again(home: Home) -> None:
    """Forget what was delivered, and take all that has arrived."""
    table = home.session.client("dynamodb")
    for item in table.scan(TableName=TABLE)["Items"]:
        table.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})
    home.arrived()
    home.service.received.clear()


def _check_once(home: Home) -> None:
    """Raise unless every channel has the notice, twice only where it can or must be told apart."""
    times = Counter(name for name, _ in home.arrived())
    twice = {name for name, count in times.items() if count > 1}
    assert set(times) == home.names
    assert max(times.values()) <= 2
    assert twice <= NO_KEY | {"pagerduty", "webhook"}
    keys = {each.headers["Idempotency-Key"] for n, each in home.received() if n == "webhook"}
    alerts = {json.loads(each.body)["dedup_key"] for n, each in home.received() if n == "pagerduty"}
    assert len(keys) <= 1
    assert len(alerts) <= 1
