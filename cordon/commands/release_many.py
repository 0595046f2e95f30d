"""`cordon release` without an instance: what a bad rule or a bad hour cut off is given back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cordon import screen
from cordon.choice import Choice
from cordon.client import Client
from cordon.exits import CommandError, Exit
from cordon.options import agreed, told


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
    takes = choice.takes("opened_at")
    found = [
        each
        for each in client.quarantines(state="open")
        if each["state"] in ("CONTAINING", "CONTAINED") and takes(each)
    ]
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
    propose({each["finding_type"] for each in found if each["finding_type"]})
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


def propose(types: Iterable[str], response: str = "hold") -> None:
    """Say which change of the policy keeps it from happening again."""
    named = sorted(set(types))
    if not named:
        return
    screen.line(f"to {response} these from now on, put into chalicelib/policy.owner.toml:")
    screen.line("  [[rules]]")
    screen.line('  name = "after-a-bad-day"')
    screen.line(f"  types = [{', '.join(repr(each) for each in named)}]")
    screen.line(f'  response = "{response}"')
    screen.line('  why = "What it was about was not compromised."')
    screen.line("next: make plan, and make deploy")
