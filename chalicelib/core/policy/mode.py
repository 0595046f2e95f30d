"""The kill switches: whether Cordon acts, and lists are kept in step; who said so, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.plain_text import one_line, subject_line
from chalicelib.core.policy.policy import Lists, Mode

_LINE = 400  # characters
_MEANS = {
    Mode.ENFORCE: "Cordon contains instances where its policy says so.",
    Mode.OBSERVE: "Cordon contains nothing by itself; it says what it would have done.",
}

_LISTS_MEAN = {
    Lists.ON: "Threat lists are kept in step with their sources, once an hour.",
    Lists.PAUSED: "Threat lists stay as GuardDuty has them, whatever their sources say.",
}


@dataclass(frozen=True, slots=True)
class ModeSetting:
    """What the kill switch was set to; it goes before the mode of the deployment."""

    mode: Mode
    by: str  # the ARN of a person's role
    reason: str
    at: datetime  # UTC

    def as_json(self) -> dict[str, Any]:
        return {
            "mode": self.mode.value,
            "by": self.by,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ListsSetting:
    """What the kill switch of the threat lists was set to."""

    lists: Lists
    by: str  # the ARN of a person's role
    reason: str
    at: datetime  # UTC

    def as_json(self) -> dict[str, Any]:
        return {
            "lists": self.lists.value,
            "by": self.by,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


def of_lists(setting: ListsSetting, before: Lists, account_id: str, region: str) -> Notice:
    """Tell that somebody paused the threat lists, or let them go on."""
    paused = setting.lists is Lists.PAUSED
    return Notice(
        kind=Kind.MODE,
        outcome=f"lists_{setting.lists}",
        severity=(Band.MEDIUM if paused else Band.LOW).value,
        account_id=account_id,
        subject=subject_line(
            f"Cordon's threat lists were switched from {before} to {setting.lists}"
        ),
        sections=(
            ("What it means", (_LISTS_MEAN[setting.lists],)),
            ("Who did it", (one_line(setting.by, _LINE), one_line(setting.reason, _LINE))),
            ("To turn it", ('PUT /mode {"lists": "on | paused", "reason": "..."}',)),
        ),
        facts={
            "region": region,
            "by": setting.by,
            "before": before.value,
            "at": setting.at.isoformat(),
        },
    )


def of_mode(setting: ModeSetting, before: Mode, account_id: str, region: str) -> Notice:
    """Tell that somebody turned the kill switch; that Cordon stops acting is the graver news."""
    severity = Band.HIGH if setting.mode is Mode.OBSERVE else Band.MEDIUM
    return Notice(
        kind=Kind.MODE,
        outcome=setting.mode.value,
        severity=severity.value,
        account_id=account_id,
        subject=subject_line(f"Cordon was switched from {before} to {setting.mode}"),
        sections=(
            ("What it means", (_MEANS[setting.mode],)),
            (
                "Who did it",
                (one_line(setting.by, _LINE), one_line(setting.reason, _LINE)),
            ),
            ("To turn it", ('PUT /mode {"mode": "enforce | observe", "reason": "..."}',)),
        ),
        facts={
            "region": region,
            "by": setting.by,
            "before": before.value,
            # To and fro and to again within minutes is news each time.
            "at": setting.at.isoformat(),
        },
    )
