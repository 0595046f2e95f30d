"""What receivers make of the messages that they are sent, by the rules that they publish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]


class PagerDuty:
    """Events API v2: a trigger opens an alert, and pages; of an open one it is a log entry.

    Source: https://developer.pagerduty.com/docs/events-api-v2-overview (deduplication)
    """

    def __init__(self, events: Iterable[Message]) -> None:
        self.open: dict[str, Message] = {}
        self.pages: list[Message] = []
        for event in events:
            key = event["dedup_key"]
            if event["event_action"] == "resolve":
                self.open.pop(key, None)
            elif key not in self.open:
                self.open[key] = event
                self.pages.append(event)

    @property
    def alerts(self) -> set[str]:
        """The keys of all alerts that there ever were."""
        return {event["dedup_key"] for event in self.pages}


class SecurityHub:
    """BatchImportFindings: the same id is the same finding; what is not newer changes nothing.

    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html
    """

    def __init__(self, imported: Iterable[Message]) -> None:
        self.findings: dict[str, Message] = {}
        for finding in imported:
            before = self.findings.get(finding["Id"])
            if before is None or finding["UpdatedAt"] > before["UpdatedAt"]:
                self.findings[finding["Id"]] = finding

    @property
    def active(self) -> list[Message]:
        return [each for each in self.findings.values() if each["RecordState"] == "ACTIVE"]


def threads_of(posted: Iterable[Message]) -> int:
    """Return how many conversations a bot of Slack has begun."""
    return sum("thread_ts" not in message for message in posted)
