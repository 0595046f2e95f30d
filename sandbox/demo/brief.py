"""The demo on one screen: what happened, what was held and why, and how it was given back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sandbox.demo.people import Recovery
from sandbox.demo.scenes import Played
from sandbox.demo.story import COLOURS, Story

_WHY = ("held", "refused")  # outcomes that a person asks the reason of
_WIDE = 79  # columns of the narrowest terminal


class Brief(Story):
    """Tells the demo in at most 25 lines; `Story` tells all of it."""

    def done(self) -> None:
        self._say("ready\n")

    def scene(self, played: Played) -> None:
        mark = "" if played.is_right else "NOT AS EXPECTED: "
        why = f" ({played.reasons[0]})" if played.outcome in _WHY and played.reasons else ""
        outcome = f"  {played.outcome:<18} "
        self._console.print(outcome, style=COLOURS.get(played.outcome, "bold"), end="")
        self._say(f"{mark}{played.scene.title}{why}")

    def groups(
        self, before: dict[str, dict[str, list[str]]], after: dict[str, dict[str, list[str]]]
    ) -> None:
        self._say("")
        moved = {
            name: {
                each: after[name][each]
                for each in interfaces
                if after[name][each] != interfaces[each]
            }
            for name, interfaces in before.items()
        }
        now = sorted({group for each in moved.values() for on in each.values() for group in on})
        names = ", ".join(name for name, each in moved.items() if each)
        count = _count(sum(len(each) for each in moved.values()), "interface")
        self._say(f"  {names}: {count} now on {', '.join(now)}, no rules")

    def timeline(self, lines: list[tuple[str, str, str, str]]) -> None:
        moments = {what: datetime.fromisoformat(at) for at, _, what, _ in reversed(lines)}
        if {"opened", "contained"} <= moments.keys():
            took = (moments["contained"] - moments["opened"]).total_seconds()
            self._say(f"  web: contained and read back {took:.1f} s after its record was opened")

    def message(self, text: str) -> None:
        """Leave the notice to the long story."""

    def lists(self, texts: list[str]) -> None:
        """Leave the threat list's notices to the long story; its scenes are told."""

    def channels(self, renderings: dict[str, list[str]]) -> None:
        names = ", ".join(renderings)
        told = f"  told: {names}"
        self._say(told if len(told) <= _WIDE else f"  told: {_count(len(renderings), 'channel')}")

    def evidence(self, pieces: list[tuple[str, int, str, str]]) -> None:
        right = sum(kept == found for _, _, kept, found in pieces)
        self._say(f"  kept: {_count(right, 'piece')} of evidence, each with its SHA-256")

    def recovery(self, recovery: Recovery, report: Path) -> None:
        order = recovery.answer.get("release") or {}
        who = str(order.get("by", "nobody")).rpartition("/")[2]
        state = recovery.answer.get("state", recovery.said)
        back = "exactly its groups" if recovery.is_exact else "not what it had"
        self._say(f"  given back: web, by {who}: {state}, {back}; again: {recovery.repeated}")
        if recovery.report:
            self._say(f"\n  the incident report, for a browser: {report}")
        self._say("  the long story: make demo STORY=long")

    def checks(self, problems: list[str]) -> None:
        for problem in problems:
            self._console.print(f"  NO  {problem}", markup=False, style="bold red")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
