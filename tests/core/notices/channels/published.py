"""What the services publish about the messages that they take, as JSON Schema.

Only what Cordon uses of each service is here, and nothing else is allowed.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def exactly(required: Schema, **optional: Any) -> Schema:
    """Return the schema of an object with these fields and no other."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


# https://docs.slack.dev/reference/block-kit/composition-objects/text-object
def _plain(most: int) -> Schema:
    return exactly(
        {"type": {"const": "plain_text"}, "text": text(most), "emoji": {"type": "boolean"}}
    )


_MARKDOWN = exactly(
    {"type": {"const": "mrkdwn"}, "text": text(3000), "verbatim": {"const": True}},
)

# https://docs.slack.dev/reference/block-kit/blocks/header-block (150 characters)
# https://docs.slack.dev/reference/block-kit/blocks/section-block (3,000 characters)
# https://docs.slack.dev/reference/block-kit/blocks/context-block (10 elements)
_BLOCKS = (
    exactly({"type": {"const": "header"}, "text": _plain(150)}),
    exactly({"type": {"const": "section"}, "text": _MARKDOWN}),
    exactly(
        {
            "type": {"const": "context"},
            "elements": {"type": "array", "minItems": 1, "maxItems": 10, "items": _plain(3000)},
        }
    ),
)

# No page says how much all blocks may hold: msg_blocks_too_long was seen from 11,341 on.
# https://github.com/slackapi/bolt-js/issues/2867
SLACK_BLOCKS = 11_340  # characters

# https://docs.slack.dev/reference/methods/chat.postMessage
# https://docs.slack.dev/reference/block-kit/blocks (50 blocks in a message)
SLACK = exactly(
    {
        "text": text(4000),
        "blocks": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {"anyOf": list(_BLOCKS)},
        },
        "unfurl_links": {"const": False},
        "unfurl_media": {"const": False},
    },
    channel={"type": "string", "pattern": "^[CG][A-Z0-9]+$"},
    reply_broadcast={"const": True},
    thread_ts={"type": "string", "pattern": r"^\d+\.\d+$"},
    parse={"const": "none"},
    link_names={"const": False},
)

# https://docs.slack.dev/reference/methods/chat.update
SLACK_EDIT = exactly(
    {
        "channel": {"type": "string", "pattern": "^[CG][A-Z0-9]+$"},
        "ts": {"type": "string", "pattern": r"^\d+\.\d+$"},
        "text": text(4000),
        "blocks": SLACK["properties"]["blocks"],
        "parse": {"const": "none"},
        "link_names": {"const": False},
    }
)

# The one address that a message may have; nothing in it was chosen by others.
CONSOLE = (
    r"https://[a-z0-9-]+\.console\.aws\.amazon\.com/ec2/home\?region=[a-z0-9-]+"
    r"#InstanceDetails:instanceId=i-[0-9a-f]+"
)
_CONSOLE = {"type": "string", "pattern": f"^{CONSOLE}$"}

# https://adaptivecards.io/explorer/TextRun.html and RichTextBlock.html (from version 1.2)
_RUN = exactly(
    {"type": {"const": "TextRun"}, "text": text(1000)},
    size={"enum": ["Default", "Small", "Medium", "Large", "ExtraLarge"]},
    weight={"enum": ["Default", "Lighter", "Bolder"]},
    color={"enum": ["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"]},
    fontType={"enum": ["Default", "Monospace"]},
    isSubtle={"type": "boolean"},
)
_RICH = exactly(
    {
        "type": {"const": "RichTextBlock"},
        "inlines": {"type": "array", "minItems": 1, "items": _RUN},
    }
)

# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
TEAMS_LARGEST = 28 * 1024  # bytes
TEAMS = exactly(
    {
        "type": {"const": "message"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": exactly(
                {
                    "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                    "contentUrl": {"type": "null"},
                    "content": exactly(
                        {
                            "$schema": {
                                "const": "http://adaptivecards.io/schemas/adaptive-card.json"
                            },
                            "type": {"const": "AdaptiveCard"},
                            "version": {"enum": ["1.2", "1.3", "1.4", "1.5"]},
                            "msteams": exactly({"width": {"const": "Full"}}),
                            "body": {"type": "array", "minItems": 1, "items": _RICH},
                        },
                        # https://adaptivecards.io/explorer/Action.OpenUrl.html
                        actions={
                            "type": "array",
                            "maxItems": 1,
                            "items": exactly(
                                {
                                    "type": {"const": "Action.OpenUrl"},
                                    "title": text(100),
                                    "url": _CONSOLE,
                                }
                            ),
                        },
                    ),
                }
            ),
        },
    }
)

# https://developer.pagerduty.com/docs/send-alert-event
PAGERDUTY_LARGEST = 512_000  # bytes
_KEYS = {
    "routing_key": {"type": "string", "pattern": "^[0-9A-Za-z]{32}$"},
    "dedup_key": text(255),
}
PAGERDUTY = {
    "anyOf": [
        exactly({**_KEYS, "event_action": {"const": "resolve"}}),
        # https://developer.pagerduty.com/docs/send-change-event
        exactly(
            {
                "routing_key": _KEYS["routing_key"],
                "payload": exactly(
                    {
                        "summary": text(1024),
                        "source": text(1024),
                        "custom_details": {
                            "type": "object",
                            "additionalProperties": {"type": "string"},
                        },
                    }
                ),
            }
        ),
        exactly(
            {
                **_KEYS,
                "event_action": {"const": "trigger"},
                "client": text(100),
                "payload": exactly(
                    {
                        "summary": text(1024),
                        "source": text(1024),
                        "severity": {"enum": ["critical", "error", "warning", "info"]},
                        "component": text(1024),
                        "group": text(1024),
                        "class": text(1024),
                        "custom_details": {
                            "type": "object",
                            "additionalProperties": {"type": "string"},
                        },
                    }
                ),
            },
            # https://developer.pagerduty.com/docs/send-alert-event (images and links)
            client_url=_CONSOLE,
            links={
                "type": "array",
                "items": exactly({"href": _CONSOLE, "text": text(100)}),
            },
        ),
    ]
}

# https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
_STRINGS = {"type": "array", "items": {"type": "string"}}
Q_DEVELOPER = exactly(
    {
        "version": {"const": "1.0"},
        "source": {"const": "custom"},
        "id": text(256),
        "content": exactly(
            {
                "textType": {"const": "client-markdown"},
                "title": text(250),
                "description": text(4000),
                "nextSteps": _STRINGS,
                "keywords": _STRINGS,
            }
        ),
        "metadata": exactly(
            {
                "threadId": {"type": "string"},
                "summary": text(1000),
                "eventType": text(100),
                "relatedResources": _STRINGS,
            }
        ),
    }
)

SCHEMAS: dict[str, Schema] = {
    "slack": SLACK,
    "slack_bot": SLACK,
    "slack_edit": SLACK_EDIT,
    "teams": TEAMS,
    "pagerduty": PAGERDUTY,
    "q_developer": Q_DEVELOPER,
}

# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
# The shapes are botocore's; these lengths stand in the documentation only.
ASFF_LENGTHS = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024}
ASFF_RECOMMENDATION = 512
ASFF_NOTE = 512  # of the text, and of who wrote it
TAG_VALUE = 256
ASFF_NAMESPACES = {
    "Software and Configuration Checks",
    "TTPs",
    "Effects",
    "Unusual Behaviors",
    "Sensitive Data Identifications",
}
