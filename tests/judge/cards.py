"""Random notices as Adaptive Cards, before Microsoft's own parser.

Source: https://www.npmjs.com/package/adaptivecards
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.core.notices.channels import teams
from tests.core.notices.channels.incident import NOTICES
from tests.core.notices.channels.random_notices import largest_notices, random_notices

Card = dict[str, Any]

_COUNT = 5_000
_PROGRAM = Path(__file__).with_name("cards.mjs")


@dataclass(frozen=True, slots=True)
class Judged:
    """What Microsoft's parser said."""

    cards: int
    complaints: tuple[str, ...]  # about cards of ours
    broken: int  # cards that it must find something wrong with
    let_through: int  # of those

    @property
    def is_well(self) -> bool:
        return not (self.complaints or self.let_through)


def judge_cards() -> Judged:
    """Put random notices, the largest, and broken ones before the parser."""
    cards, broken = list(_cards()), list(_broken())
    said = _asked([*cards, *broken])
    complaints = sorted({why for each in said[: len(cards)] for why in each})
    let_through = [each for each in said[len(cards) :] if not each]
    return Judged(len(cards), tuple(complaints), len(broken), len(let_through))


def _cards() -> Iterator[Card]:
    for notice in (*NOTICES.values(), *largest_notices(), *random_notices(1, _COUNT)):
        yield teams.render(notice)["attachments"][0]["content"]


def _broken() -> Iterator[Card]:
    """Yield cards that the parser must find something wrong with."""
    card = next(_cards())
    run = {"type": "TextRun", "text": "x"}
    for wrong in (
        {"type": "RichTextBlocks", "inlines": [run]},
        {"type": "RichTextBlock", "inlines": [{**run, "weight": "Boldest"}]},
        {"type": "RichTextBlock", "inlines": [{**run, "color": "Red"}]},
    ):
        yield {**card, "body": [*card["body"], wrong]}
    yield {**card, "actions": [{"type": "Action.OpenUrl", "title": "no address"}]}
    yield {**card, "version": "1.0"}


def _asked(cards: Sequence[Card]) -> list[list[str]]:
    """Return what the parser says of each card."""
    done = subprocess.run(
        ["node", _PROGRAM], input=json.dumps(cards), capture_output=True, text=True, check=True
    )
    answers: list[list[str]] = json.loads(done.stdout)
    return answers
