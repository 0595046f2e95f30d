from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from chalicelib.core.notices.channels import webhook
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.incident import CONTAINMENT, NOTICES
from tests.core.notices.channels.published import SLACK
from tests.core.notices.channels.rendering import KEY, RENDERERS


@pytest.mark.parametrize("channel", RENDERERS)
@pytest.mark.parametrize("name", NOTICES)
def test_a_service_takes_every_notice(channel: str, name: str) -> None:
    check(channel, RENDERERS[channel](NOTICES[name]))


@pytest.mark.parametrize("channel", RENDERERS)
def test_every_channel_names_the_call_that_approves_a_hold(channel: str) -> None:
    shown = json.dumps(RENDERERS[channel](NOTICES["hold"]), ensure_ascii=False)

    assert "POST /quarantines/i-0a1b2c3d4e5f60718?account_id=111122223333" in shown


def broken(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return messages that Slack would refuse, or in which a mention lives."""
    section = message["blocks"][1]
    return [
        {**message, "blocks": []},
        {**message, "blocks": [section] * 51},
        {**message, "blocks": [{**section, "text": {**section["text"], "text": "x" * 3001}}]},
        {**message, "blocks": [{**section, "accessory": {}}]},
    ]


@pytest.mark.parametrize("nth", range(4))
def test_the_schema_refuses_what_the_service_would(nth: int) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken(RENDERERS["slack"](CONTAINMENT))[nth], SLACK)


@pytest.mark.parametrize("channel", ["slack", "q_developer"])
@pytest.mark.parametrize("text", ["<!channel>", "<@U123>", "<http:x|y>"])
def test_the_checks_find_a_mention_or_a_link(channel: str, text: str) -> None:
    message = RENDERERS[channel](CONTAINMENT)
    holder = message if channel == "slack" else message["content"]
    field = "text" if channel == "slack" else "description"
    holder[field] += text

    with pytest.raises(AssertionError):
        check(channel, message)


@pytest.mark.parametrize("text", ["https://evil.example", "a\u202eb", "a\x1b[31mb", "\u2028"])
@pytest.mark.parametrize("channel", ["teams", "pagerduty", "security_hub"])
def test_the_checks_find_an_address_and_what_moves_text(channel: str, text: str) -> None:
    rendered = RENDERERS[channel](CONTAINMENT)
    holders = {
        "teams": lambda: rendered["attachments"][0]["content"]["body"][0]["inlines"][0],
        "pagerduty": lambda: rendered["payload"]["custom_details"],
        "security_hub": lambda: rendered["ProductFields"],
    }
    holders[channel]()["text"] = text

    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        check(channel, rendered)


def test_the_body_of_a_webhook_is_the_notice_and_no_markup() -> None:
    body = webhook.render(CONTAINMENT, KEY)

    said = json.loads(body)
    assert not set(b"<>&") & set(body)
    assert said["id"] == KEY
    assert said["facts"] == json.loads(json.dumps(dict(CONTAINMENT.facts)))
    assert [each["heading"] for each in said["sections"]] == [h for h, _ in CONTAINMENT.sections]
