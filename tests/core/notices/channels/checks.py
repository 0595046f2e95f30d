"""What a rendering must be, whatever the notice said; each check raises what it finds."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import boto3
import jsonschema
from botocore.validate import ParamValidator
from slack_sdk.models.blocks import Block

from tests.core.notices.channels.published import (
    ASFF_LENGTHS,
    ASFF_NAMESPACES,
    ASFF_NOTE,
    ASFF_RECOMMENDATION,
    CONSOLE,
    PAGERDUTY_LARGEST,
    SCHEMAS,
    SLACK_BLOCKS,
    TAG_VALUE,
    TEAMS_LARGEST,
)
from tests.core.notices.channels.rendering import texts

_VALIDATORS = {name: jsonschema.Draft202012Validator(each) for name, each in SCHEMAS.items()}
_SECURITY_HUB = boto3.client("securityhub", region_name="eu-west-1").meta.service_model
_IMPORT = _SECURITY_HUB.shape_for("BatchImportFindingsRequest")
_LARGEST = {"teams": TEAMS_LARGEST, "pagerduty": PAGERDUTY_LARGEST, "webhook": 256_000}
_SCHEMA_OF_A_CARD = "http://adaptivecards.io/schemas/adaptive-card.json"
_LINK = re.compile(r"(?<!\bs3)://", re.IGNORECASE)
# Control, format (marks of direction among them), surrogates, and what ends a line.
_MOVES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def check(channel: str, rendered: dict[str, Any]) -> None:
    """Raise unless the service takes `rendered`, and nothing in it is alive."""
    check_published(channel, rendered)
    check_dead(channel, rendered)


def check_published(channel: str, rendered: dict[str, Any]) -> None:
    """Raise unless the service takes `rendered`."""
    if channel in _VALIDATORS:
        _VALIDATORS[channel].validate(rendered)
    if channel == "security_hub":
        _check_asff(rendered)
    assert len(json.dumps(rendered)) <= _LARGEST.get(channel, 60_000)


def check_dead(channel: str, rendered: dict[str, Any]) -> None:
    """Raise if a reader could click on something, be mentioned, or be shown what is not there."""
    for text in texts(rendered):
        # Whoever consumes a webhook's facts gets them as data, as Cordon has them.
        if channel != "webhook":
            _check_dead(text)
    if channel.startswith("slack"):
        _check_slack(rendered)
    if channel == "q_developer":
        _check_chat(rendered)


def _check_dead(text: str) -> None:
    if re.fullmatch(CONSOLE, text):
        return
    assert not _LINK.search(text.replace(_SCHEMA_OF_A_CARD, "")), text
    assert not re.search(r"www\.\w", text, re.IGNORECASE), text
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in _MOVES], ascii(text)


def _check_asff(finding: dict[str, Any]) -> None:
    report = ParamValidator().validate({"Findings": [finding]}, _IMPORT)
    assert not report.has_errors(), report.generate_report()
    for name, most in ASFF_LENGTHS.items():
        assert 1 <= len(finding[name]) <= most, name
        assert finding[name].strip(), name
    for kind in finding["FindingProviderFields"]["Types"]:
        assert kind.split("/")[0] in ASFF_NAMESPACES
    for name in ("Text", "UpdatedBy"):
        assert len(finding.get("Note", {}).get(name, "")) <= ASFF_NOTE
    for resource in finding["Resources"]:
        assert all(len(value) <= TAG_VALUE for value in resource.get("Tags", {}).values())
    recommended = finding.get("Remediation", {}).get("Recommendation", {}).get("Text", "x")
    assert 1 <= len(recommended) <= ASFF_RECOMMENDATION


def _check_slack(message: dict[str, Any]) -> None:
    """A mention or a link needs an angle bracket; in a code block nothing else means anything."""
    for text in texts(message):
        assert "<" not in text, text
        assert ">" not in text, text
    assert sum(len(text) for text in texts(message["blocks"])) <= SLACK_BLOCKS
    check_models(message)
    for block in message["blocks"]:
        if block["type"] == "section":
            _check_blocks(block["text"]["text"])
    assert not re.search(r"[*_~`@]", message["text"]), message["text"]


def check_models(message: dict[str, Any]) -> None:
    """Raise unless Slack's own models know every block as it is, to the last field.

    Raises:
        SlackObjectFormationError: a block is past a limit that they know.
    """
    for block in message["blocks"]:
        known = Block.parse(block)
        assert known is not None
        assert known.to_dict() == block


def _check_chat(message: dict[str, Any]) -> None:
    for text in texts(message):
        assert not re.search(r"[<>@]", text), text
    content, about = message["content"], message["metadata"]
    bare = (content["title"], *content["keywords"], *about.values())
    for text in texts(bare):
        assert not re.search(r"[*_~|`\[\]()]", text.replace("(at)", "")), text
    _check_blocks(content["description"])
    for step in content["nextSteps"]:
        assert step.count("`") % 2 == 0, step


def _check_blocks(text: str) -> None:
    """Raise unless it is code blocks to the end, each with a heading in bold, if any."""
    assert re.fullmatch(r"(?:(?:\*[^*_~`\n@]+\*\n)?```[^`]+```\n?)+", text), text
