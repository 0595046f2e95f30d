from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.notices.channels.links import console_of
from chalicelib.core.notices.notice import Notice
from tests.builders import WEB
from tests.core.notices.channels.incident import CONTAINMENT, NOTICES
from tests.core.notices.channels.rendering import RENDERERS


def about(region: object, instance: object = WEB) -> Notice:
    return replace(CONTAINMENT, facts={"region": region, "instance_id": instance})


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("us-gov-east-1", "console.amazonaws-us-gov.com"),
        ("cn-north-1", "console.amazonaws.cn"),
    ],
)
def test_the_instance_is_one_click_away(region: str, host: str) -> None:
    assert console_of(about(region)) == (
        f"https://{host}/ec2/home?region={region}#InstanceDetails:instanceId={WEB}"
    )


@pytest.mark.parametrize(
    ("region", "instance"),
    [
        ("evil.example/", WEB),
        ("eu-west-1.evil.example#", WEB),
        ("eu-west-1\n", WEB),
        (None, WEB),
        ("eu-west-1", None),
        ("eu-west-1", "i-0123456789abcdef0@evil.example"),
        ("eu-west-1", "i-0123456789abcdef0\n"),
        ("eu-west-1", ["i-0123456789abcdef0"]),
    ],
)
def test_a_link_is_made_of_nothing_that_others_chose(region: object, instance: object) -> None:
    assert console_of(about(region, instance)) == ""


@pytest.mark.parametrize("channel", ["pagerduty", "teams", "security_hub"])
def test_who_can_show_a_link_does(channel: str) -> None:
    assert console_of(CONTAINMENT) in str(RENDERERS[channel](CONTAINMENT))
    assert "console.aws" not in str(RENDERERS[channel](NOTICES["threat_list"]))
