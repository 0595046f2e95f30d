from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import CordonError
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.errors import (
    ChannelBusyError,
    ChannelRefusedError,
    ForbiddenTargetError,
)
from chalicelib.core.notices.channels.post import (
    Answer,
    Post,
    Sending,
    check_answer,
    post_of,
    split_url,
)
from chalicelib.core.notices.channels.slack import read_thread
from tests.builders import NOON
from tests.core.notices.channels.incident import CONTAINMENT, RELEASE
from tests.core.notices.channels.rendering import KEY, ROUTING_KEY

SLACK_URL = "https://hooks.slack.com/services/T000/B000/xxxx"
TEAMS_URL = "https://prod-1.westus.logic.azure.com:443/workflows/a/triggers?sig=b"
SHARED = "a key that both sides know"


def a_post(kind: ChannelKind, secret: str, target: str = "", thread: str = "") -> Post:
    channel = Channel("soc", kind, "ssm:/cordon/soc", target)
    return post_of(channel, CONTAINMENT, Sending(secret, KEY, NOON, thread))


def body(post: Post) -> Any:
    return json.loads(post.body)


@pytest.mark.parametrize(
    ("kind", "secret", "target", "host", "path"),
    [
        (ChannelKind.SLACK, SLACK_URL, "", "hooks.slack.com", "/services/T000/B000/xxxx"),
        (ChannelKind.SLACK, "xoxb-1-a", "C0123456789", "slack.com", "/api/chat.postMessage"),
        (
            ChannelKind.TEAMS,
            TEAMS_URL,
            "",
            "prod-1.westus.logic.azure.com",
            "/workflows/a/triggers?sig=b",
        ),
        (ChannelKind.PAGERDUTY, ROUTING_KEY, "", "events.pagerduty.com", "/v2/enqueue"),
        (ChannelKind.PAGERDUTY, ROUTING_KEY, "eu", "events.eu.pagerduty.com", "/v2/enqueue"),
        (ChannelKind.WEBHOOK, SHARED, "https://siem.example.com", "siem.example.com", "/"),
    ],
)
def test_a_notice_goes_to_the_host_of_its_service(
    kind: ChannelKind, secret: str, target: str, host: str, path: str
) -> None:
    post = a_post(kind, secret, target)

    assert (post.host, post.path) == (host, path)
    assert post.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("kind", "secret", "target"),
    [
        (ChannelKind.SLACK, "https://evil.example/services/x", ""),
        (ChannelKind.SLACK, "http://hooks.slack.com/services/x", ""),
        (ChannelKind.SLACK, "https://hooks.slack.com.evil.example/x", ""),
        (ChannelKind.SLACK, "https://hooks.slack.com@evil.example/x", ""),
        (ChannelKind.SLACK, "https://evilhooks.slack.com/x", ""),
        (ChannelKind.SLACK, SLACK_URL, "C0123456789"),
        (ChannelKind.TEAMS, "https://logic.azure.com/x", ""),
        (ChannelKind.TEAMS, "https://evillogic.azure.com/x", ""),
        (ChannelKind.TEAMS, "https://a.logic.azure.com:8443/x", ""),
        (ChannelKind.PAGERDUTY, "short", ""),
        (ChannelKind.PAGERDUTY, f"{ROUTING_KEY}\n", ""),
        (ChannelKind.WEBHOOK, "too short", "https://siem.example.com/"),
        (ChannelKind.WEBHOOK, SHARED, "https://10.0.0.1/"),
    ],
)
def test_a_secret_that_leads_elsewhere_is_refused_and_not_told(
    kind: ChannelKind, secret: str, target: str
) -> None:
    with pytest.raises(ForbiddenTargetError) as caught:
        a_post(kind, secret, target)

    assert "ssm:/cordon/soc" in str(caught.value)
    assert secret not in str(caught.value)


def test_a_bot_answers_in_the_thread_with_its_token() -> None:
    post = a_post(ChannelKind.SLACK, "xoxb-1-a", "C0123456789", "1700000000.000100")

    assert post.headers["Authorization"] == "Bearer xoxb-1-a"
    assert (body(post)["channel"], body(post)["thread_ts"]) == ("C0123456789", "1700000000.000100")


def test_a_webhook_is_signed_over_its_timestamp_and_body() -> None:
    post = a_post(ChannelKind.WEBHOOK, SHARED, "https://siem.example.com/in")

    timestamp = post.headers["X-Cordon-Timestamp"]
    signed = timestamp.encode() + b"." + post.body
    expected = hmac.new(SHARED.encode(), signed, hashlib.sha256).hexdigest()
    assert timestamp == str(int(NOON.timestamp()))
    assert post.headers["X-Cordon-Signature"] == f"v1={expected}"
    assert post.headers["Idempotency-Key"] == KEY


def test_a_release_resolves_what_the_containment_triggered() -> None:
    channel = Channel("on-call", ChannelKind.PAGERDUTY, "ssm:/cordon/on-call")
    triggered, resolved = (
        body(post_of(channel, notice, Sending(ROUTING_KEY, KEY, NOON)))
        for notice in (CONTAINMENT, RELEASE)
    )

    assert (triggered["event_action"], resolved["event_action"]) == ("trigger", "resolve")
    assert triggered["dedup_key"] == resolved["dedup_key"]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_answer_of_success_is_a_delivery(status: int) -> None:
    check_answer(a_post(ChannelKind.SLACK, SLACK_URL), Answer(status, b""))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (100, ChannelRefusedError),
        (301, ChannelRefusedError),
        (302, ChannelRefusedError),
        (307, ChannelRefusedError),
        (400, ChannelRefusedError),
        (403, ChannelRefusedError),
        (404, ChannelRefusedError),
        (413, ChannelRefusedError),
        (408, ChannelBusyError),
        (425, ChannelBusyError),
        (429, ChannelBusyError),
        (500, ChannelBusyError),
        (503, ChannelBusyError),
    ],
)
def test_any_other_answer_is_none(status: int, error: type[CordonError]) -> None:
    with pytest.raises(error, match=rf"hooks\.slack\.com: answered {status}"):
        check_answer(a_post(ChannelKind.SLACK, SLACK_URL), Answer(status, b""))


def test_the_receiver_s_own_reason_is_told() -> None:
    post = a_post(ChannelKind.PAGERDUTY, ROUTING_KEY)
    answer = Answer(400, b'{"status": "invalid event", "errors": ["\'summary\' is missing"]}')

    with pytest.raises(ChannelRefusedError, match=r"answered 400: .*'summary' is missing"):
        check_answer(post, answer, ROUTING_KEY)


@pytest.mark.parametrize(
    "secret", [SLACK_URL, TEAMS_URL, "xoxb-123456-abcdefgh", ROUTING_KEY, SHARED.replace(" ", "_")]
)
def test_a_receiver_that_repeats_the_secret_does_not_bring_it_into_the_log(secret: str) -> None:
    answer = Answer(403, f"no: {secret} \x1b[31m <{secret[8:]}>".encode())

    with pytest.raises(ChannelRefusedError) as caught:
        check_answer(a_post(ChannelKind.SLACK, SLACK_URL), answer, secret)

    pieces = [secret[n : n + 9] for n in range(len(secret) - 8) if secret[n : n + 9].isalnum()]
    assert not [piece for piece in pieces if piece in str(caught.value)]
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(("status", "error"), [(413, ChannelRefusedError), (429, ChannelBusyError)])
def test_a_connector_of_teams_that_answers_200_to_a_refusal_is_seen_through(
    status: int, error: type[CordonError]
) -> None:
    said = f"Webhook message delivery failed with error: x returned HTTP error {status} with y"
    answer = Answer(200, said.encode())

    with pytest.raises(error, match=f"answered {status}"):
        check_answer(a_post(ChannelKind.TEAMS, "https://a.webhook.office.com/x"), answer)
    check_answer(a_post(ChannelKind.TEAMS, "https://a.webhook.office.com/x"), Answer(200, b"1"))
    check_answer(a_post(ChannelKind.TEAMS, TEAMS_URL), answer)


def test_slack_says_which_message_it_made() -> None:
    assert read_thread(b'{"ok": true, "ts": "1700000000.000100"}') == "1700000000.000100"


@pytest.mark.parametrize("more", ["", ', "ts": null', ', "ts": 7', ', "ts": "soon"'])
def test_a_message_that_slack_does_not_name_is_delivered_all_the_same(more: str) -> None:
    assert read_thread(f'{{"ok": true{more}}}'.encode()) == ""


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (b'{"ok": false, "error": "channel_not_found"}', ChannelRefusedError, "channel_not_found"),
        (b'{"ok": false, "error": "ratelimited"}', ChannelBusyError, "ratelimited"),
        (b"<html>", ChannelBusyError, "no JSON"),
        (b"[" * 100_000, ChannelBusyError, "no JSON"),
        (b'{"ok": 1}', ChannelBusyError, "neither yes nor no"),
        (b"[]", ChannelBusyError, "neither yes nor no"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_slack_may_refuse_with_a_status_of_200(
    answer: bytes, error: type[CordonError], why: str
) -> None:
    with pytest.raises(error, match=why):
        read_thread(answer)


@given(st.text(st.sampled_from("https:/@.#?\\[]%aé1 \n"), max_size=30))
def test_a_url_is_split_only_into_a_name_and_a_path(text: str) -> None:
    parts = split_url(f"https://{text}")

    if parts is not None:
        host, path = parts
        assert not set(host) & set(":/@#?\\[]% \n")
        assert path.startswith("/")
        assert path.isprintable()
