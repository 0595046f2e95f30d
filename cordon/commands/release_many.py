"""`cordon release` without an instance: what a bad rule or a bad hour cut off is given back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.policy.policy import Policy, Rule
from chalicelib.settings.deployment import Settings, SettingsError
from cordon import screen
from cordon.client import Client
from cordon.exits import CommandError, Exit
from cordon.options import agreed, told


@dataclass(frozen=True, slots=True)
class Choice:
    """Which open quarantines are meant; everything that is named must agree."""

    finding_type: str = ""
    rule: str = ""
    since: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.finding_type or self.rule or self.since)

    def takes(self) -> Callable[[dict[str, Any]], bool]:
        """Return what says whether a quarantine is meant.

        Raises:
            CommandError: there is no such rule, or that is no moment.
        """
        rule = _rule(self.rule) if self.rule else None
        since = _moment(self.since) if self.since else None

        def takes(each: dict[str, Any]) -> bool:
            type_ = each["finding_type"] or ""
            return (
                each["state"] in ("CONTAINING", "CONTAINED")
                and self.finding_type in ("", type_)
                and (rule is None or rule.names(type_))
                and (since is None or datetime.fromisoformat(each["opened_at"]) >= since)
            )

        return takes


def release_many(  # noqa: PLR0913 - what one release needs, and which are meant
    client: Client,
    choice: Choice,
    verdict: str,
    reason: str,
    *,
    yes: bool,
    release: Callable[[dict[str, Any], str], None],
) -> int:
    """Show what is meant, ask once, and release each exactly; the others do not wait for one.

    Returns the exit status: that of the first that is not back.
    """
    takes = choice.takes()
    found = [each for each in client.quarantines(state="open") if takes(each)]
    if not found:
        screen.line("no open quarantine is meant")
        return Exit.DONE
    heads = ("instance", "account", "region", "finding", "since")
    names = ("instance_id", "account_id", "region", "finding_type", "opened_at")
    screen.table(heads, (tuple(each[name] or "by hand" for name in names) for each in found))
    why = told(reason, "a release")
    agreed(f"give {len(found)} instance(s) back as {verdict}?", yes=yes)
    ended = [_ended(each, why, release) for each in found]
    screen.line(f"{ended.count(Exit.DONE)} of {len(found)} given back")
    _propose({each["finding_type"] for each in found if each["finding_type"]})
    return next((status for status in ended if status is not Exit.DONE), Exit.DONE)


def _ended(each: dict[str, Any], why: str, release: Callable[[dict[str, Any], str], None]) -> Exit:
    try:
        release(each, why)
    except CommandError as error:
        screen.line(f"{each['instance_id']}:", error.why)
        if error.next_step:
            screen.line("  next:", error.next_step)
        return error.status
    return Exit.DONE


def _propose(types: Iterable[str]) -> None:
    """Say which change of the policy keeps it from happening again."""
    named = sorted(types)
    if not named:
        return
    screen.line("to hold these from now on, put into chalicelib/policy.owner.toml:")
    screen.line("  [[rules]]")
    screen.line('  name = "held-after-a-bad-day"')
    screen.line(f"  types = [{', '.join(repr(each) for each in named)}]")
    screen.line('  response = "hold"')
    screen.line('  why = "It cut off what was not compromised."')
    screen.line("next: make plan, and make deploy")


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
