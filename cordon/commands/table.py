"""Every command: what it is called, what runs it, and where the help shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cordon.commands.channels import channels_check, channels_test
from cordon.commands.check import check
from cordon.commands.console import console
from cordon.commands.drill import drill
from cordon.commands.exemptions import exempt, exemptions, unexempt
from cordon.commands.explain import explain
from cordon.commands.feeds import feeds_check
from cordon.commands.held import dismiss, held
from cordon.commands.list_quarantines import list_quarantines
from cordon.commands.mode import mode
from cordon.commands.policy import plan
from cordon.commands.preview import preview
from cordon.commands.quarantine import approve, quarantine
from cordon.commands.release import release
from cordon.commands.replay import replay
from cordon.commands.report import report
from cordon.commands.send import send
from cordon.commands.show import show
from cordon.commands.status import status
from cordon.commands.step import step
from cordon.commands.times import times
from cordon.commands.verify import verify

LOOK, ACT, OFFLINE = "Look", "Act", "Without AWS"


@dataclass(frozen=True, slots=True)
class Command:
    """One command; a name of two words is one of a group, such as `policy plan`.

    `run` takes options as Typer reads them from its signature, prints, and returns None or an
    exit status. It raises CommandError to end with one line and what to do next.
    """

    name: str
    run: Callable[..., int | None]
    part: str


COMMANDS = (
    Command("status", status, LOOK),
    Command("list", list_quarantines, LOOK),
    Command("show", show, LOOK),
    Command("held", held, LOOK),
    Command("exemptions", exemptions, LOOK),
    Command("preview", preview, LOOK),
    Command("report", report, LOOK),
    Command("times", times, LOOK),
    Command("verify", verify, LOOK),
    Command("quarantine", quarantine, ACT),
    Command("approve", approve, ACT),
    Command("dismiss", dismiss, ACT),
    Command("exempt", exempt, ACT),
    Command("unexempt", unexempt, ACT),
    Command("step", step, ACT),
    Command("release", release, ACT),
    Command("mode", mode, ACT),
    Command("drill", drill, ACT),
    Command("console", console, ACT),
    Command("channels test", channels_test, ACT),
    Command("channels check", channels_check, OFFLINE),
    Command("explain", explain, OFFLINE),
    Command("replay", replay, OFFLINE),
    Command("check", check, OFFLINE),
    Command("send", send, OFFLINE),
    Command("policy plan", plan, OFFLINE),
    Command("feeds check", feeds_check, OFFLINE),
)
