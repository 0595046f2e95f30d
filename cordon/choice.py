"""Which of many are meant: what a bad rule, or a bad hour, cut off or had held."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.policy.policy import Policy, Rule
from chalicelib.settings.deployment import Settings, SettingsError
from cordon.exits import CommandError, Exit


@dataclass(frozen=True, slots=True)
class Choice:
    """Which quarantines, or holds, are meant; everything that is named must agree."""

    finding_type: str = ""
    rule: str = ""
    since: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.finding_type or self.rule or self.since)

    def takes(self, at: str) -> Callable[[dict[str, Any]], bool]:
        """Return what says whether one is meant; `at` names the moment when it began.

        Raises:
            CommandError: there is no such rule, or that is no moment.
        """
        rule = _rule(self.rule) if self.rule else None
        since = _moment(self.since) if self.since else None

        def takes(each: dict[str, Any]) -> bool:
            type_ = each["finding_type"] or ""
            return (
                self.finding_type in ("", type_)
                and (rule is None or rule.names(type_))
                and (since is None or datetime.fromisoformat(each[at]) >= since)
            )

        return takes


def _rule(name: str) -> Rule:
    rules = {each.name: each for each in _policy().rules}
    if name not in rules:
        raise CommandError(Exit.USAGE, f"the policy here has no rule {name}", "cordon check")
    return rules[name]


def _policy() -> Policy:
    try:
        named = os.environ.get("CORDON_POLICY", "")
        return Settings.read({"AWS_REGION": "none-0", "CORDON_POLICY": named}).policy
    except SettingsError as error:
        raise CommandError(Exit.USAGE, str(error), "cordon check") from error


def _moment(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        why = f"{said} is no moment"
        raise CommandError(Exit.USAGE, why, "--since 2027-01-31T09:00") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)
