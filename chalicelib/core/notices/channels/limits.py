"""What each service takes at most, and how much of it Cordon uses."""

from __future__ import annotations

from dataclasses import dataclass

_ASFF = "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html"
_SLACK = "https://docs.slack.dev/reference/block-kit/blocks"
_PAGERDUTY = "https://developer.pagerduty.com/docs/send-alert-event"
_TEAMS = "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit."""

    service: str  # a kind of channel
    what: str
    unit: str
    most: int  # as the service publishes it, or as it was seen
    ours: int  # what Cordon fills of it
    source: str


# No page of Slack's says how much all blocks may hold: it answered msg_blocks_too_long from 13,200
# characters on (bolt-js, issue 2509), and once from 11,341 on.
SLACK_ALL = Limit(
    "slack",
    "all blocks of a message",
    "characters",
    11_340,
    10_000,
    "https://github.com/slackapi/bolt-js/issues/2867",
)
SLACK_SECTION = Limit("slack", "a section", "characters", 3_000, 2_800, f"{_SLACK}/section-block")
SLACK_HEADER = Limit("slack", "a header", "characters", 150, 150, f"{_SLACK}/header-block")
TEAMS_CARD = Limit("teams", "a message", "bytes", 28 * 1024, 16_000, _TEAMS)
PAGERDUTY_ALL = Limit("pagerduty", "an event", "bytes", 512_000, 30_000, _PAGERDUTY)
PAGERDUTY_SUMMARY = Limit("pagerduty", "a summary", "characters", 1_024, 1_024, _PAGERDUTY)
PAGERDUTY_KEY = Limit("pagerduty", "a dedup_key", "characters", 255, 255, _PAGERDUTY)
HUB_ID = Limit("security_hub", "an Id", "characters", 512, 512, _ASFF)
HUB_TITLE = Limit("security_hub", "a Title", "characters", 256, 256, _ASFF)
HUB_DESCRIPTION = Limit("security_hub", "a Description", "characters", 1_024, 1_024, _ASFF)
HUB_ADVICE = Limit("security_hub", "a Recommendation", "characters", 512, 512, _ASFF)
HUB_FIELD = Limit("security_hub", "a value of ProductFields", "characters", 2_048, 512, _ASFF)
_NOTE = "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_NoteUpdate.html"
_TAGS = "https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources-attributes.html"
HUB_NOTE = Limit("security_hub", "the Text of a Note", "characters", 512, 512, _NOTE)
HUB_NOTE_BY = Limit("security_hub", "who writes a Note", "characters", 512, 512, _NOTE)
HUB_TAG = Limit("security_hub", "the value of a tag", "characters", 256, 256, _TAGS)
HUB_RESOURCES = Limit("security_hub", "the Resources", "entries", 32, 32, _ASFF)

LIMITS = (
    SLACK_ALL,
    SLACK_SECTION,
    SLACK_HEADER,
    TEAMS_CARD,
    PAGERDUTY_ALL,
    PAGERDUTY_SUMMARY,
    PAGERDUTY_KEY,
    HUB_ID,
    HUB_TITLE,
    HUB_DESCRIPTION,
    HUB_ADVICE,
    HUB_FIELD,
    HUB_NOTE,
    HUB_NOTE_BY,
    HUB_TAG,
    HUB_RESOURCES,
)
