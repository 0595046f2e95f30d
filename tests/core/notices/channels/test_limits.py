"""Random notices keep within every limit that the services publish."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError

from chalicelib.core.notices.channels.limits import LIMITS, Limit
from tests.core.notices.channels.checks import check, check_models
from tests.core.notices.channels.incident import CONTAINMENT
from tests.core.notices.channels.random_notices import largest_notices, within_every_limit
from tests.core.notices.channels.rendering import RENDERERS
from tests.house.source import ROOT


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("channel", RENDERERS)
def test_random_notices_keep_within_every_limit(channel: str) -> None:
    within_every_limit(channel, 100)  # of the 1,000 of `make bench`


@pytest.mark.parametrize("channel", RENDERERS)
def test_the_largest_notices_keep_within_every_limit(channel: str) -> None:
    contained, *others = largest_notices()
    for notice in (contained, *others):
        check(channel, RENDERERS[channel](notice))

    # Spaces are shown as they are; what is left out is the end of the long list of interfaces.
    shown = json.dumps(RENDERERS[channel](contained), ensure_ascii=False)
    assert "release i-0a1b2c3d4e5f60718" in shown
    assert "more" in shown or channel in ("webhook", "pagerduty")


def broken(message: dict[str, Any], **block: Any) -> dict[str, Any]:
    """Return `message` with its second block changed."""
    first, second, *others = message["blocks"]
    return {**message, "blocks": [first, {**second, **block}, *others]}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"text": {"type": "mrkdwn", "text": "x" * 3_001}},
        {"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11},
        {"text": {"type": "html", "text": "x"}},
        {"block_id": "x" * 256},
    ],
)
def test_slacks_own_models_refuse_what_slack_would(block: dict[str, Any]) -> None:
    message = RENDERERS["slack"](CONTAINMENT)
    check_models(message)

    with pytest.raises((SlackObjectFormationError, AssertionError)):
        check_models(broken(message, **block))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.service}: {limit.what}")
def test_every_limit_has_a_source_and_stands_in_the_documents(limit: Limit) -> None:
    documents = (ROOT / "docs/channels.md").read_text(encoding="utf-8")

    assert limit.ours <= limit.most
    assert limit.source.startswith("https://")
    assert (
        f"| `{limit.service}` | {limit.what} | {limit.most:,} {limit.unit} | {limit.ours:,} |"
        in documents
    )
